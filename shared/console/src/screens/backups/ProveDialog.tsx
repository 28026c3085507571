import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { accountQuery } from "../../api/queries.ts";
import { Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { emptyProof, type Proof, Prove, proofBody } from "../../kit/Prove.tsx";
import { Loaded } from "../../kit/States.tsx";
import { useForm } from "../../kit/useForm.ts";

type Props = {
  title: string;
  /** What the action does, shown before the questions. */
  children: ReactNode;
  action: string;
  danger?: boolean;
  onClose: () => void;
  onConfirm: (body: ReturnType<typeof proofBody>) => Promise<unknown>;
};

/** Asks for the password, and a pin if the account has a second factor. */
export function ProveDialog({ title, children, onClose, ...rest }: Props) {
  const account = useQuery(accountQuery);
  return (
    <Dialog open title={title} onClose={onClose}>
      {children}
      <Loaded query={account}>{({ email, otp }) => <Ask email={email} otp={otp} onClose={onClose} {...rest} />}</Loaded>
    </Dialog>
  );
}

type AskProps = Omit<Props, "title" | "children"> & {
  email: string;
  otp: { authenticator: boolean; email: boolean };
};

function Ask({ email, otp, action, danger, onClose, onConfirm }: AskProps) {
  const form = useForm<{ proof: Proof }>({
    initial: { proof: emptyProof(otp) },
    names: ["password", "pin_code"],
    save: ({ proof }) => onConfirm(proofBody(proof)),
    onSaved: onClose,
  });
  return (
    <Form form={form} submit={action} {...(danger && { danger })} cancel={onClose}>
      <Prove
        value={form.values.proof}
        onChange={(proof) => form.set({ proof })}
        email={email}
        error={form.error}
        autoFocus
      />
    </Form>
  );
}
