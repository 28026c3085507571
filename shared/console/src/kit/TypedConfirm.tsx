import type { ReactNode } from "react";
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
  /** The service asks for no password: the name alone is typed. */
  unproven?: boolean;
  onClose: () => void;
  onConfirm: (proof: ReturnType<typeof proofBody>) => Promise<unknown>;
};

/** Asks before something that cannot be undone: a name has to be typed, and the person has to prove who they are. */
export function TypedConfirm({ title, children, text, action, email, otp, unproven, onClose, onConfirm }: Props) {
  const form = useForm<{ typed: string; proof: Proof }>({
    initial: { typed: "", proof: emptyProof(otp) },
    names: ["password", "pin_code"],
    save: ({ proof }) => onConfirm(proofBody(proof)),
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
          validate={(typed) => (typed.trim() === text.trim() ? null : common.typeMismatch(text))}
          {...form.field("typed")}
        />
        {!unproven && (
          <Prove value={form.values.proof} onChange={(proof) => form.set({ proof })} email={email} error={form.error} />
        )}
      </Form>
    </Dialog>
  );
}
