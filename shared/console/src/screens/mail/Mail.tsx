import { useLocation, useRouter, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { isCode } from "../../api/faults.ts";
import { api, apiWithCode } from "../../api/index.ts";
import { keys, queryClient } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Form } from "../../kit/Form.tsx";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { useForm } from "../../kit/useForm.ts";
import { mail as texts } from "../../messages/en/mail.ts";
import { session as sessionTexts } from "../../messages/en/session.ts";
import { joining } from "../../session/join.ts";
import { type CodeWord, mailLink } from "../../session/links.ts";
import { Resend } from "../../session/Resend.tsx";
import { loadSession, recheck, refreshSession, signOut, useSessionState } from "../../session/store.ts";
import { Card } from "../sign-in/Card.tsx";
import styles from "../sign-in/SignIn.module.css";

/**
 * The page that the link of a mail opens. Nothing happens before a person
 * presses its button, because programs open links, too.
 */
export function Mail() {
  const { hash } = useLocation();
  const link = mailLink(hash);
  if (link?.kind !== "code") {
    return (
      <Card title={texts.strayTitle} lead={texts.strayText}>
        <Link to="/sign-in" kind="secondary">
          {texts.signIn}
        </Link>
      </Card>
    );
  }
  return <CodePage key={hash} word={link.word} code={link.code} />;
}

function CodePage({ word, code }: { word: CodeWord; code: string }) {
  const router = useRouter();
  const page = texts.pages[word];
  const team = word === "profile/team/accept" || word === "profile/team/decline";
  // The code is used up: it is removed from the address and from the history.
  async function onDone() {
    // A new password and an undo end the session of this browser too; with a
    // new address it goes on.
    await recheck();
    if (word === "account/unsubscribe") await queryClient.invalidateQueries({ queryKey: keys.account });
    if (word === "account/email") {
      await Promise.all([refreshSession().catch(() => {}), queryClient.invalidateQueries({ queryKey: keys.account })]);
    }
    await router.navigate({ to: "/done", search: { of: word }, hash: "", replace: true });
  }
  const Step = team ? Invitation : Account;
  return (
    <Card title={page.title} lead={page.text}>
      <Step word={word} code={code} onDone={onDone} />
    </Card>
  );
}

type StepProps = { word: CodeWord; code: string; onDone: () => void };

function Account({ word, code, onDone }: StepProps) {
  const choosesPassword = word === "account/confirm" || word === "account/password";
  const form = useForm({
    initial: { password: "", again: "" },
    save: async ({ password, again }) => {
      if (word === "account/email") return api.POST("/account/email/confirm", { body: { code } });
      if (word === "account/unsubscribe")
        return api.POST("/account/unsubscribe/{token}", { params: { path: { token: code } } });
      if (word === "account/undo") return api.POST("/account/email/undo", { body: { code } });
      if (password !== again) throw new Error(texts.different);
      return apiWithCode(code).POST("/account/passwordreset", { body: { password } });
    },
    onSaved: onDone,
  });
  return (
    <Form
      form={form}
      failure={(error) => isCode(error, "link_void", "token_invalid") && <Instead word={word} />}
      submit={
        <Button type="submit" kind={word === "account/undo" ? "danger" : "primary"} wide isPending={form.pending}>
          {texts.pages[word].button}
        </Button>
      }
    >
      {choosesPassword && (
        <>
          <TextField
            label={texts.password}
            type="password"
            autoComplete="new-password"
            isRequired
            minLength={8}
            hint={sessionTexts.passwordHint}
            {...form.field("password")}
          />
          <TextField
            label={texts.again}
            type="password"
            autoComplete="new-password"
            isRequired
            {...form.field("again")}
          />
        </>
      )}
    </Form>
  );
}

// Instead is the way to a new link, where the old one does not work. It stands
// inside the form whose link failed, and so has no form of its own.
function Instead({ word }: { word: CodeWord }) {
  const [typed, setTyped] = useState("");
  if (word === "account/password") return <Link to="/forgotten">{sessionTexts.askNew}</Link>;
  if (word !== "account/confirm") return null;
  const email = typed.trim();
  return (
    <>
      <TextField label={texts.email} type="email" autoComplete="email" name="email" value={typed} onChange={setTyped} />
      {/* What was said of one address is not about another. */}
      <Resend key={email} email={email} />
    </>
  );
}

function Invitation({ word, code, onDone }: StepProps) {
  const { session } = useSessionState();
  useEffect(() => {
    void loadSession().catch(() => {});
  }, []);
  const router = useRouter();
  const accept = word === "profile/team/accept";
  const form = useForm({
    initial: {},
    save: async () => {
      const params = { path: { token: code } };
      // A person who is signed in answers for that account. Otherwise the code
      // answers for the address that it was sent to.
      const person = await loadSession();
      if (!person) {
        await api.GET(accept ? "/profile/team/accept/{token}" : "/profile/team/decline/{token}", { params });
        return onDone();
      }
      if (!accept) {
        await api.POST("/profile/team/decline/{token}", { params });
        await queryClient.invalidateQueries({ queryKey: keys.notifications });
        return onDone();
      }
      const joined = await joining(() => api.POST("/profile/team/accept/{token}", { params }));
      if (!joined) return onDone();
      await router.navigate({ to: "/p/$profile", params: { profile: joined }, hash: "", replace: true });
    },
  });
  return (
    <Form
      form={form}
      failure={(error) =>
        isCode(error, "invitation_address") && (
          <Notice kind="warn">
            {texts.otherAddress}{" "}
            <Button small onPress={() => signOut()}>
              {texts.signOut}
            </Button>
          </Notice>
        )
      }
      submit={
        <Button type="submit" kind={accept ? "primary" : "secondary"} wide isPending={form.pending}>
          {texts.pages[word].button}
        </Button>
      }
    >
      {session && <p className={styles.small}>{texts.signedInAs(session.email)}</p>}
    </Form>
  );
}

/** The result of the button of such a page, and the next page. */
export function MailDone() {
  const { of } = useSearch({ from: "/outside/done" });
  const { session } = useSessionState();
  useEffect(() => {
    void loadSession().catch(() => {});
  }, []);
  return (
    <Card title={texts.pages[of].doneTitle}>
      <div className={styles.foot}>
        <Notice kind="good" live>
          {texts.pages[of].done}
        </Notice>
        {session ? (
          <Link to="/profiles" kind="primary">
            {texts.toProfiles}
          </Link>
        ) : (
          <Link to="/sign-in" kind="primary">
            {texts.signIn}
          </Link>
        )}
      </div>
    </Card>
  );
}
