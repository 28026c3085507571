import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import { Form } from "../../kit/Form.tsx";
import { Section } from "../../kit/Page.tsx";
import { emptyProof, type Proof, Prove, proofBody } from "../../kit/Prove.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { security as texts } from "../../messages/en/security.ts";
import { signIn } from "../../session/store.ts";

export type View = components["schemas"]["AccountView"];

/** A new password, with the present one. */
export function Password({ account }: { account: View }) {
  const { email, otp } = account;
  const form = useForm<{ fresh: string; again: string; proof: Proof }>({
    initial: { fresh: "", again: "", proof: emptyProof(otp) },
    names: ["pin_code"],
    save: async ({ fresh, again, proof }) => {
      if (fresh !== again) throw new Error(texts.different);
      const { password, ...pin } = proofBody(proof);
      await api.POST("/account/passwordreset", { body: { password: fresh, current_password: password, ...pin } });
      // All sessions have ended, also this one. If the account has no second
      // factor, the page signs in again; otherwise it asks the person to.
      if (otp.authenticator || otp.email) {
        toast(texts.passwordSetSignIn);
        void reread(keys.account);
        return;
      }
      await signIn({ email, password: fresh });
      toast(texts.passwordSet);
      void reread(keys.account);
    },
    // The page forgets both passwords.
    onSaved: () => form.clear({ fresh: "", again: "", proof: emptyProof(otp) }),
  });
  return (
    <Section title={texts.password} lead={texts.passwordLead}>
      <Form form={form} narrow submit={texts.setPassword}>
        <TextField
          label={texts.newPassword}
          type="password"
          autoComplete="new-password"
          isRequired
          minLength={8}
          maxLength={1024}
          hint={texts.passwordHint}
          {...form.field("fresh")}
        />
        <TextField
          label={texts.again}
          type="password"
          autoComplete="new-password"
          isRequired
          {...form.field("again")}
        />
        <Prove value={form.values.proof} onChange={(proof) => form.set({ proof })} email={email} error={form.error} />
      </Form>
    </Section>
  );
}
