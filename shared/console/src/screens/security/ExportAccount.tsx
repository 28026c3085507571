import { useState } from "react";
import { api } from "../../api/index.ts";
import { Button } from "../../kit/Button.tsx";
import { Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { Section } from "../../kit/Page.tsx";
import { emptyProof, type Proof, Prove, proofBody } from "../../kit/Prove.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { useForm } from "../../kit/useForm.ts";
import { download } from "../../lib/download.ts";
import { security as texts } from "../../messages/en/security.ts";
import type { View } from "./Password.tsx";

/** Everything about the account as one file. */
export function ExportAccount({ account }: { account: View }) {
  const [asking, setAsking] = useState(false);
  return (
    <Section
      title={texts.exportTitle}
      lead={texts.exportLead}
      actions={<Button onPress={() => setAsking(true)}>{texts.exportButton}</Button>}
    >
      {asking && <Ask account={account} onClose={() => setAsking(false)} />}
    </Section>
  );
}

function Ask({ account: { email, otp }, onClose }: { account: View; onClose: () => void }) {
  const form = useForm<{ proof: Proof }>({
    initial: { proof: emptyProof(otp) },
    names: ["password", "pin_code"],
    save: async ({ proof }) => {
      const all = await api.POST("/account/export", { body: proofBody(proof) });
      const file = new Blob([JSON.stringify(all, null, 2)], { type: "application/json" });
      download(texts.exportFile(all.created_at.slice(0, 10)), file);
      toast(all.more.length > 0 ? texts.exportedPart : texts.exported);
    },
    onSaved: onClose,
  });
  return (
    <Dialog open title={texts.exportTitle} onClose={onClose} dirty={form.dirty}>
      <p>{texts.exportWhat}</p>
      <p>{texts.exportNot}</p>
      <p>{texts.exportMail(email)}</p>
      <Form form={form} submit={texts.exportButton} cancel={onClose}>
        <Prove
          value={form.values.proof}
          onChange={(proof) => form.set({ proof })}
          email={email}
          error={form.error}
          autoFocus
        />
      </Form>
    </Dialog>
  );
}
