import { useState } from "react";
import { api } from "../api/index.ts";
import { Button } from "../kit/Button.tsx";
import { Failure, Notice } from "../kit/Notice.tsx";
import { session as texts } from "../messages/en/session.ts";

/**
 * Has the link that confirms an address sent again. The answer is the same for
 * every address; without a whole one nothing is sent.
 */
export function Resend({ email }: { email: string }) {
  const [state, setState] = useState<"idle" | "pending" | "sent">("idle");
  const [error, setError] = useState<unknown>();
  async function send() {
    setState("pending");
    setError(undefined);
    try {
      await api.GET("/account/resend_confirmation/{email}", { params: { path: { email } } });
      setState("sent");
    } catch (reason) {
      setError(reason);
      setState("idle");
    }
  }
  if (state === "sent") {
    return (
      <Notice kind="good" live>
        {texts.resent}
      </Notice>
    );
  }
  return (
    <>
      {error !== undefined && <Failure error={error} />}
      <Button isPending={state === "pending"} isDisabled={!email.includes("@")} onPress={send}>
        {texts.resend}
      </Button>
    </>
  );
}
