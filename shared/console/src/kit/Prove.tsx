import { useEffect, useState } from "react";
import { isCode, messageOf } from "../api/faults.ts";
import { api } from "../api/index.ts";
import { proof as texts } from "../messages/en/proof.ts";
import { Button } from "./Button.tsx";
import styles from "./Form.module.css";
import { Notice } from "./Notice.tsx";
import { TextField } from "./TextField.tsx";

export type Factor = "authenticator" | "email";

/**
 * The credentials of a reauthentication: the password, and a pin if the account
 * has a second factor.
 */
export type Proof = { password: string; pin_code: string; factors: Factor[]; factor: Factor | "recovery" | null };

/**
 * The credentials before anything was typed. The factors are those of the
 * account, if they are known.
 */
export function emptyProof(otp?: { authenticator: boolean; email: boolean }): Proof {
  const factors = (["authenticator", "email"] as const).filter((factor) => otp?.[factor]);
  return { password: "", pin_code: "", factors, factor: factors[0] ?? null };
}

/** The keys of a body with credentials. */
export function proofBody({ password, pin_code, factor }: Proof): {
  password: string;
  pin_code?: string;
  otp_type?: Factor;
} {
  const pin = pin_code.replace(/[\s-]/g, "");
  if (!factor || !pin) return { password };
  // A recovery code belongs to neither kind of second factor.
  return factor === "recovery"
    ? { password, pin_code: pin_code.trim() }
    : { password, pin_code: pin, otp_type: factor };
}

type Props = {
  value: Proof;
  onChange: (value: Proof) => void;
  /** The address of the account, to which a code can be mailed. */
  email: string;
  /** The refusal of the last attempt, which may say that a pin is needed. */
  error?: unknown;
  /** Only the code is asked for, as the password was right. */
  pinOnly?: boolean;
  /** No text before it has to be read first. */
  autoFocus?: boolean;
};

/**
 * Asks for the password, and for a pin if the account has a second factor.
 * Nothing of it is stored.
 */
export function Prove({ value, onChange, email, error, pinOnly, autoFocus }: Props) {
  const { factors, factor } = value;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each refusal.
  useEffect(() => {
    if (!isCode(error, "second_factor_required")) return;
    const { factors = [], first } = error.details as { factors?: Factor[]; first?: Factor };
    onChange({ ...value, factors, factor: first ?? factors[0] ?? null });
  }, [error]);
  return (
    <div className={styles.form}>
      {!pinOnly && (
        <TextField
          label={texts.password}
          type="password"
          name="password"
          autoComplete="current-password"
          isRequired
          autoFocus={autoFocus ?? false}
          value={value.password}
          onChange={(password) => onChange({ ...value, password })}
        />
      )}
      {factor && (
        <>
          <TextField
            key={factor}
            label={factor === "recovery" ? texts.recovery : texts.pin[factor]}
            hint={factor === "recovery" ? texts.recoveryHint : undefined}
            name="pin_code"
            autoComplete={factor === "recovery" ? "off" : "one-time-code"}
            inputMode={factor === "recovery" ? "text" : "numeric"}
            maxLength={24}
            isRequired
            autoFocus={pinOnly ?? false}
            value={value.pin_code}
            onChange={(pin_code) => onChange({ ...value, pin_code })}
          />
          {factor === "email" && <MailPin email={email} password={value.password} />}
          <OtherFactors value={value} onChange={onChange} others={factors.filter((other) => other !== factor)} />
        </>
      )}
    </div>
  );
}

function OtherFactors({
  value,
  onChange,
  others,
}: {
  value: Proof;
  onChange: (value: Proof) => void;
  others: Factor[];
}) {
  const choose = (factor: Factor | "recovery") => onChange({ ...value, factor, pin_code: "" });
  return (
    <div>
      {value.factor === "recovery"
        ? value.factors.map((factor) => (
            <Button key={factor} kind="quiet" small onPress={() => choose(factor)}>
              {texts.use[factor]}
            </Button>
          ))
        : others.map((factor) => (
            <Button key={factor} kind="quiet" small onPress={() => choose(factor)}>
              {texts.use[factor]}
            </Button>
          ))}
      {value.factor !== "recovery" && (
        <Button kind="quiet" small onPress={() => choose("recovery")}>
          {texts.useRecovery}
        </Button>
      )}
    </div>
  );
}

// MailPin sends a pin by mail, which needs the password.
function MailPin({ email, password }: { email: string; password: string }) {
  const [state, setState] = useState<"idle" | "pending" | "sent" | "failed">("idle");
  const [words, setWords] = useState("");
  async function send() {
    setState("pending");
    try {
      await api.POST("/account/login/otp", { body: { email, password, otp_type: "email" } });
      setWords(texts.sent(email));
      setState("sent");
    } catch (error) {
      setWords(messageOf(error));
      setState("failed");
    }
  }
  return (
    <div>
      <Button small onPress={send} isPending={state === "pending"} isDisabled={password === ""}>
        {state === "sent" ? texts.sendAgain : texts.send}
      </Button>
      {(state === "sent" || state === "failed") && (
        <Notice live kind={state === "sent" ? "good" : "bad"}>
          {words}
        </Notice>
      )}
    </div>
  );
}
