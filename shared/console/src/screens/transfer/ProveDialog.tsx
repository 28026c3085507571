import type { ReactNode } from "react";
import { Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { emptyProof, type Proof, Prove, proofBody } from "../../kit/Prove.tsx";
import { useForm } from "../../kit/useForm.ts";
import { useSession } from "../../session/store.ts";

type Props = {
  title: string;
  /** The effect of the action, shown before its button. */
  children: ReactNode;
  action: string;
  danger?: boolean;
  onClose: () => void;
  onConfirm: (proof: ReturnType<typeof proofBody>) => Promise<unknown>;
};

/** Asks for the password before an action that needs it. */
export function ProveDialog({ title, children, action, danger, onClose, onConfirm }: Props) {
  const { email } = useSession();
  const form = useForm<{ proof: Proof }>({
    initial: { proof: emptyProof() },
    names: ["password", "pin_code"],
    save: ({ proof }) => onConfirm(proofBody(proof)),
    onSaved: onClose,
  });
  return (
    <Dialog open title={title} onClose={onClose}>
      <div>{children}</div>
      <Form form={form} submit={action} danger={danger ?? false} cancel={onClose}>
        <Prove value={form.values.proof} onChange={(proof) => form.set({ proof })} email={email} error={form.error} />
      </Form>
    </Dialog>
  );
}
