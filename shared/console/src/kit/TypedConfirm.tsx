import { type ReactNode, useState } from "react";
import { common } from "../messages/en/common.ts";
import { Dialog } from "./Dialog.tsx";
import { Form } from "./Form.tsx";
import { emptyProof, type Proof, Prove, proofBody } from "./Prove.tsx";
import { TextField } from "./TextField.tsx";
import { useForm } from "./useForm.ts";

type Props = {
  title: string;
  /** The loss that the action causes, shown before the questions. */
  children: ReactNode;
  /** The text that has to be typed, such as the name of the thing to delete. */
  text: string;
  action: string;
  /**
   * The address of the account. Without one, no credentials are asked for,
   * because the request takes none.
   */
  email?: string;
  otp?: { authenticator: boolean; email: boolean } | undefined;
  onClose: () => void;
  onConfirm: (proof: ReturnType<typeof proofBody>) => Promise<unknown>;
};

/**
 * Asks before an action that cannot be undone. The person types a name, and
 * credentials if the request takes them.
 */
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
            // A field that is invalid would keep the form from being sent
            // again.
            setMismatch(false);
            form.set({ typed });
          }}
        />
        {email !== undefined && (
          <Prove value={form.values.proof} onChange={(proof) => form.set({ proof })} email={email} error={form.error} />
        )}
      </Form>
    </Dialog>
  );
}
