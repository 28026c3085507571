import { useState } from "react";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Facts, Section } from "../../kit/Page.tsx";
import { emptyProof, type Proof, Prove, proofBody } from "../../kit/Prove.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { Time } from "../../kit/Values.tsx";
import { security as texts } from "../../messages/en/security.ts";
import type { View } from "./Password.tsx";

/**
 * The address, the one that waits for its confirmation, and the former ones
 * that can undo the change.
 */
export function Address({ account }: { account: View }) {
  const [asking, setAsking] = useState(false);
  const { email, new_email: asked, former_emails: former } = account;
  return (
    <Section
      title={texts.email}
      lead={texts.emailLead}
      actions={<Button onPress={() => setAsking(true)}>{texts.emailChange}</Button>}
    >
      <Facts pairs={[[texts.emailNow, email]]} />
      {asked && (
        <Notice>
          <p>
            <strong>{texts.pendingEmail(asked.email)}</strong>
          </p>
          <p>
            {texts.pendingUntil} <Time at={asked.expires_at} />
          </p>
          <p>{texts.pendingOld}</p>
        </Notice>
      )}
      {former.map(({ email, expires_at }) => (
        <Notice key={email} kind="warn">
          <p>
            <strong>{texts.formerEmail(email)}</strong>
          </p>
          <p>
            {texts.formerUntil} <Time at={expires_at} />
          </p>
          <p>{texts.formerText}</p>
        </Notice>
      ))}
      {asking && <Ask account={account} onClose={() => setAsking(false)} />}
    </Section>
  );
}

function Ask({ account: { email: old, otp }, onClose }: { account: View; onClose: () => void }) {
  const form = useForm<{ email: string; proof: Proof }>({
    initial: { email: "", proof: emptyProof(otp) },
    names: ["password", "pin_code"],
    save: ({ email, proof }) => api.POST("/account/email", { body: { email: email.trim(), ...proofBody(proof) } }),
    onSaved: async ({ email }) => {
      await reread(keys.account);
      toast(texts.emailAsked(email.trim()));
      onClose();
    },
  });
  return (
    <Dialog open title={texts.emailChange} onClose={onClose} dirty={form.dirty}>
      <p>{texts.emailConsequence(old)}</p>
      <p>{texts.emailAgain}</p>
      <Form form={form} submit={texts.emailAsk} cancel={onClose}>
        <TextField
          label={texts.emailNew}
          type="email"
          autoComplete="off"
          isRequired
          autoFocus
          maxLength={254}
          {...form.field("email")}
        />
        <Prove value={form.values.proof} onChange={(proof) => form.set({ proof })} email={old} error={form.error} />
      </Form>
    </Dialog>
  );
}
