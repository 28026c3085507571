import { useState } from "react";
import { isCode } from "../api/faults.ts";
import type { Session } from "../api/session.ts";
import { Button } from "../kit/Button.tsx";
import { Form } from "../kit/Form.tsx";
import { emptyProof, type Proof, Prove, proofBody } from "../kit/Prove.tsx";
import { TextField } from "../kit/TextField.tsx";
import { useForm } from "../kit/useForm.ts";
import { session as texts } from "../messages/en/session.ts";
import { Resend } from "./Resend.tsx";
import { signIn } from "./store.ts";

type Props = {
  /** The address, where it is known. A fixed one cannot be changed. */
  email?: string;
  fixed?: boolean;
  onSignedIn: (session: Session) => void;
  /** Is told when the form goes from the password to the code and back. */
  onStep?: (email: string | undefined) => void;
};

/**
 * Signs a person in: address and password, and then a code where the account
 * has a second factor.
 */
export function SignInForm({ email = "", fixed, onSignedIn, onStep }: Props) {
  const [step, setStep] = useState<"password" | "pin">("password");
  const form = useForm<{ email: string; proof: Proof }>({
    initial: { email, proof: emptyProof() },
    names: ["password", "pin_code"],
    save: async (values) => {
      const address = values.email.trim();
      try {
        onSignedIn(await signIn({ email: address, ...proofBody(values.proof) }));
      } catch (error) {
        if (isCode(error, "second_factor_required") && step === "password") {
          setStep("pin");
          onStep?.(address);
          const { factors = [], first } = error.details as {
            factors?: Proof["factors"];
            first?: "authenticator" | "email";
          };
          form.set({ proof: { ...values.proof, factors, factor: first ?? factors[0] ?? null } });
          return;
        }
        throw error;
      }
    },
  });
  const { values } = form;
  const setProof = (proof: Proof) => form.set({ proof });
  return (
    <Form
      form={form}
      failure={(error) => isCode(error, "address_unconfirmed") && <Resend email={values.email.trim()} />}
      submit={
        <>
          <Button type="submit" kind="primary" wide isPending={form.pending}>
            {step === "pin" ? texts.goOn : texts.signIn}
          </Button>
          {step === "pin" && !fixed && (
            <Button
              kind="quiet"
              wide
              onPress={() => {
                setStep("password");
                onStep?.(undefined);
                setProof(emptyProof());
              }}
            >
              {texts.other}
            </Button>
          )}
        </>
      }
    >
      {step === "password" && (
        <>
          <TextField
            label={texts.email}
            type="email"
            autoComplete="username"
            isRequired
            isReadOnly={fixed ?? false}
            autoFocus={!fixed && !email}
            {...form.field("email")}
          />
          <TextField
            label={texts.password}
            type="password"
            name="password"
            autoComplete="current-password"
            isRequired
            autoFocus={!!email}
            value={values.proof.password}
            onChange={(password) => setProof({ ...values.proof, password })}
          />
        </>
      )}
      {step === "pin" && (
        <Prove pinOnly value={values.proof} onChange={setProof} email={values.email.trim()} error={form.error} />
      )}
    </Form>
  );
}
