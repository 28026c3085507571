import { useState } from "react";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Badge } from "../../kit/Badge.tsx";
import { Button } from "../../kit/Button.tsx";
import { Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Section } from "../../kit/Page.tsx";
import { emptyProof, type Factor, type Proof, Prove, proofBody } from "../../kit/Prove.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { security as texts } from "../../messages/en/security.ts";
import { Codes } from "./Codes.tsx";
import { Enrol } from "./Enrol.tsx";
import type { View } from "./Password.tsx";
import styles from "./Security.module.css";

const factors: readonly Factor[] = ["authenticator", "email"];
const few = 3;

type Doing = { what: "enrol" | "disable"; factor: Factor } | { what: "codes" };

/** The second factors, and the recovery codes that come with the first one. */
export function Factors({ account }: { account: View }) {
  const [doing, setDoing] = useState<Doing>();
  const { otp, plan, recovery_codes_left: left } = account;
  const close = () => setDoing(undefined);
  return (
    <Section title={texts.factors} lead={texts.factorsLead}>
      <ul className={styles.rows}>
        {factors.map((factor) => {
          const { name, text } = texts.factor[factor];
          const on = otp[factor];
          const lacks = !on && factor === "email" && plan === "free";
          return (
            <li key={factor} className={styles.row}>
              <div className={styles.words}>
                <h3 className={styles.name}>
                  {name} <Badge tone={on ? "good" : "plain"}>{on ? texts.on : texts.off}</Badge>
                </h3>
                <p className={styles.text}>
                  {text} {lacks && texts.planLacks}
                </p>
              </div>
              <div className={styles.actions}>
                {(!on || factor === "authenticator") && (
                  <Button
                    kind={on ? "secondary" : "primary"}
                    isDisabled={lacks}
                    aria-label={(on ? texts.replaceName : texts.setUpName)(name)}
                    onPress={() => setDoing({ what: "enrol", factor })}
                  >
                    {on ? texts.replace : texts.setUp}
                  </Button>
                )}
                {on && (
                  <Button
                    kind="dangerQuiet"
                    aria-label={texts.turnOffName(name)}
                    onPress={() => setDoing({ what: "disable", factor })}
                  >
                    {texts.turnOff}
                  </Button>
                )}
              </div>
            </li>
          );
        })}
        {left !== null && (
          <li className={styles.row}>
            <div className={styles.words}>
              <h3 className={styles.name}>
                {texts.recovery} <Badge tone={left < few ? "warn" : "plain"}>{texts.codesLeft(left)}</Badge>
              </h3>
              <p className={styles.text}>{texts.recoveryText}</p>
            </div>
            <div className={styles.actions}>
              <Button onPress={() => setDoing({ what: "codes" })}>{texts.newCodes}</Button>
            </div>
          </li>
        )}
      </ul>
      {left !== null && left < few && <Notice kind="warn">{texts.fewCodes(left)}</Notice>}
      {doing?.what === "enrol" && <Enrol account={account} factor={doing.factor} onClose={close} />}
      {doing?.what === "disable" && <Disable account={account} factor={doing.factor} onClose={close} />}
      {doing?.what === "codes" && <NewCodes account={account} onClose={close} />}
    </Section>
  );
}

function Disable({ account: { email, otp }, factor, onClose }: { account: View; factor: Factor; onClose: () => void }) {
  const { name } = texts.factor[factor];
  const form = useForm<{ proof: Proof }>({
    initial: { proof: emptyProof(otp) },
    names: ["password", "pin_code"],
    save: ({ proof }) =>
      api.POST("/account/otp/{type}/disable", {
        params: { path: { type: factor } },
        body: { email, ...proofBody(proof) },
      }),
    onSaved: async () => {
      await reread(keys.account, keys.notifications);
      toast(texts.turnedOff(name));
      onClose();
    },
  });
  return (
    <Dialog open title={texts.turnOffTitle(name)} onClose={onClose}>
      <p>{otp.authenticator && otp.email ? texts.turnOffOther : texts.turnOffLast}</p>
      <Form form={form} danger submit={texts.turnOff} cancel={onClose}>
        <Prove value={form.values.proof} onChange={(proof) => form.set({ proof })} email={email} error={form.error} />
      </Form>
    </Dialog>
  );
}

function NewCodes({ account: { email, otp }, onClose }: { account: View; onClose: () => void }) {
  const [codes, setCodes] = useState<string[]>();
  const form = useForm<{ proof: Proof }>({
    initial: { proof: emptyProof(otp) },
    names: ["password", "pin_code"],
    save: async ({ proof }) => {
      const made = await api.POST("/account/otp/recovery", { body: { email, ...proofBody(proof) } });
      setCodes(made.recovery_codes);
    },
    onSaved: () => void reread(keys.account),
  });
  if (codes) return <Codes codes={codes} email={email} onClose={onClose} />;
  return (
    <Dialog open title={texts.newCodesTitle} onClose={onClose}>
      <p>{texts.newCodesText}</p>
      <Form form={form} submit={texts.newCodes} cancel={onClose}>
        <Prove value={form.values.proof} onChange={(proof) => form.set({ proof })} email={email} error={form.error} />
      </Form>
    </Dialog>
  );
}
