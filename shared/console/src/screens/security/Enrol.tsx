import { useMemo, useState } from "react";
import { encode } from "uqr";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Buttons } from "../../kit/Buttons.tsx";
import { Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { emptyProof, type Factor, type Proof, Prove, proofBody } from "../../kit/Prove.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { CopyField } from "../../kit/Values.tsx";
import { common } from "../../messages/en/common.ts";
import { security as texts } from "../../messages/en/security.ts";
import { Codes } from "./Codes.tsx";
import { codesOf, grouped, secretOf, squares } from "./codes.ts";
import type { View } from "./Password.tsx";
import styles from "./Security.module.css";

type Props = { account: View; factor: Factor; onClose: () => void };

/**
 * Sets up a second factor: the credentials, then its first pin. The first
 * factor of an account also has the recovery codes.
 */
export function Enrol({ account, factor, onClose }: Props) {
  const [answer, setAnswer] = useState<string>();
  const [codes, setCodes] = useState<string[]>();
  const first = !account.otp.authenticator && !account.otp.email;
  const steps = first ? 3 : 2;
  if (codes) return <Codes codes={codes} email={account.email} step={texts.step(3, 3)} onClose={onClose} />;
  const title = account.otp[factor] ? texts.replaceTitle : texts.enrolTitle[factor];
  return (
    <Dialog open title={title} onClose={onClose} dirty={answer !== undefined}>
      <p className={styles.text}>{texts.step(answer === undefined ? 1 : 2, steps)}</p>
      {answer === undefined ? (
        <Begin account={account} factor={factor} onClose={onClose} onAnswer={setAnswer} />
      ) : (
        <FirstPin
          account={account}
          factor={factor}
          answer={answer}
          onAgain={() => setAnswer(undefined)}
          onClose={onClose}
          onCodes={setCodes}
        />
      )}
    </Dialog>
  );
}

function Begin({ account, factor, onClose, onAnswer }: Props & { onAnswer: (answer: string) => void }) {
  const { email, otp } = account;
  const form = useForm<{ proof: Proof }>({
    initial: { proof: emptyProof(otp) },
    names: ["password", "pin_code"],
    save: async ({ proof }) => {
      const body = { email, ...proofBody(proof) };
      onAnswer(await api.POST("/account/otp/{type}/enable", { params: { path: { type: factor } }, body }));
    },
  });
  return (
    <>
      {otp[factor] && <p>{texts.replaceText}</p>}
      <Form form={form} submit={texts.goOn} cancel={onClose}>
        <Prove
          value={form.values.proof}
          onChange={(proof) => form.set({ proof })}
          email={email}
          error={form.error}
          autoFocus={!otp[factor]}
        />
      </Form>
    </>
  );
}

type PinProps = Props & { answer: string; onAgain: () => void; onCodes: (codes: string[]) => void };

function FirstPin({ account, factor, answer, onAgain, onClose, onCodes }: PinProps) {
  const form = useForm({
    initial: { pin_code: "" },
    save: async ({ pin_code }) => {
      const said = await api.POST("/account/otp/{type}/confirm", {
        params: { path: { type: factor } },
        body: { pin_code: pin_code.replace(/\s/g, "") },
      });
      const codes = codesOf(said);
      toast(texts.turnedOn(texts.factor[factor].name));
      if (codes.length > 0) onCodes(codes);
      else onClose();
    },
    onSaved: () => void reread(keys.account, keys.notifications),
  });
  return (
    <Form
      form={form}
      submit={
        <Buttons>
          {factor === "email" && (
            <Button kind="quiet" onPress={onAgain}>
              {texts.mailAgain}
            </Button>
          )}
          <Button onPress={onClose}>{common.cancel}</Button>
          <Button type="submit" kind="primary" isPending={form.pending}>
            {texts.turnOn}
          </Button>
        </Buttons>
      }
    >
      {factor === "authenticator" ? <Key url={answer} /> : <p>{texts.mailedPin(account.email)}</p>}
      <TextField
        label={factor === "authenticator" ? texts.pin : texts.pinMail}
        autoComplete="one-time-code"
        inputMode="numeric"
        isRequired
        autoFocus
        maxLength={12}
        {...form.field("pin_code")}
      />
    </Form>
  );
}

// Key shows the key as a QR code for the app of a phone, and as text to type.
// It is in no storage and in no address.
function Key({ url }: { url: string }) {
  const { path, size } = useMemo(() => {
    const { data, size } = encode(url, { border: 4 });
    return { path: squares(data), size };
  }, [url]);
  const key = secretOf(url);
  return (
    <div className={styles.enrol}>
      <svg className={styles.qr} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={texts.qr}>
        <rect width={size} height={size} className={styles.light} />
        <path d={path} className={styles.dark} shapeRendering="crispEdges" />
      </svg>
      <div className={styles.words}>
        <p>{texts.scan}</p>
        <p className={styles.text}>{texts.cannotScan}</p>
        <CopyField label={texts.key} value={grouped(key)} />
        <a href={url}>{texts.openApp}</a>
      </div>
    </div>
  );
}
