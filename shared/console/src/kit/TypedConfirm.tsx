import { type ReactNode, useState } from "react";
import { common } from "../messages/en/common.ts";
import { Dialog } from "./Dialog.tsx";
import { Form } from "./Form.tsx";
import { emptyProof, type Proof, Prove, proofBody } from "./Prove.tsx";
import { TextField } from "./TextField.tsx";
import { useForm } from "./useForm.ts";

type Props = {
  title: string;
  /** What is lost, before anything is asked. */
  children: ReactNode;
  /** The text that has to be typed, such as the name of what goes. */
  text: string;
  action: string;
  email: string;
  otp?: { authenticator: boolean; email: boolean } | undefined;
  onClose: () => void;
  onConfirm: (proof: ReturnType<typeof proofBody>) => Promise<unknown>;
};

/** Asks before something that cannot be undone: a name has to be typed, and the person has to prove who they are. */
export function TypedConfirm({ title, children, text, action, email, otp, onClose, onConfirm }: Props) {
  const [mismatch, setMismatch] = useState(false);
  const form = useForm<{ typed: string; proof: Proof }>({
    initial: { typed: "", proof: emptyProof(otp) },
    names: ["password", "pin_code"],
    save: async ({ typed, proof }) => {
      const wrong = typed.trim() !== text.trim();
      setMismatch(wrong);
      if (wrong) throw new Error(common.typeMismatch(text));
      await onConfirm(proofBody(proof));
    },
    onSaved: onClose,
  });
  return (
    <Dialog title={title} open onClose={onClose}>
      {children}
      <Form form={form} submit={action} danger cancel={onClose}>
        <TextField
          label={common.typeToConfirm(text)}
          autoComplete="off"
          isRequired
          isInvalid={mismatch}
          {...form.field("typed")}
          onChange={(typed) => {
            // The browser sends no form with a field that is marked as wrong.
            setMismatch(false);
            form.set({ typed });
          }}
        />
        <Prove value={form.values.proof} onChange={(proof) => form.set({ proof })} email={email} error={form.error} />
      </Form>
    </Dialog>
  );
}
