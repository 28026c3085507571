import { useRouter, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { session as texts } from "../../messages/en/session.ts";
import { safeNext } from "../../session/links.ts";
import { SignInForm } from "../../session/SignInForm.tsx";
import { loadSession } from "../../session/store.ts";
import { Card } from "./Card.tsx";

export function SignIn() {
  const { next, email, left } = useSearch({ from: "/outside/sign-in" });
  const [pinFor, setPinFor] = useState<string>();
  const router = useRouter();
  const goOn = () => void router.navigate({ href: safeNext(next) ?? "/", replace: true });
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page opens.
  useEffect(() => {
    // A person who is signed in already, perhaps in another tab, leaves this
    // page at once.
    void loadSession().then(
      (session) => session && goOn(),
      () => {},
    );
  }, []);
  return (
    <Card
      title={pinFor ? texts.pinTitle : texts.signInTitle}
      lead={pinFor && texts.pinLead(pinFor)}
      links={
        <>
          <span>
            {texts.noAccount} <Link to="/sign-up">{texts.signUp}</Link>
          </span>
          <Link to="/forgotten">{texts.forgotten}</Link>
        </>
      }
    >
      {left && (
        <Notice kind={left === "deleted" ? "good" : "warn"} live>
          {texts.left[left]}
        </Notice>
      )}
      <SignInForm email={email ?? ""} onStep={setPinFor} onSignedIn={goOn} />
    </Card>
  );
}
