import { useState } from "react";
import { api } from "../../api/index.ts";
import { Button } from "../../kit/Button.tsx";
import { Form } from "../../kit/Form.tsx";
import { Link } from "../../kit/Link.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { useForm } from "../../kit/useForm.ts";
import { ownZone } from "../../lib/format.ts";
import { session as texts } from "../../messages/en/session.ts";
import { Resend } from "../../session/Resend.tsx";
import { Card } from "../sign-in/Card.tsx";
import styles from "../sign-in/SignIn.module.css";

export function SignUp() {
  const [sentTo, setSentTo] = useState<string>();
  const form = useForm({
    initial: { name: "", email: "", password: "", timezone: ownZone() },
    save: ({ name, email, password, timezone }) =>
      api.POST("/account", {
        body: { name: name.trim(), email: email.trim(), password, cpassword: password, timezone },
      }),
    onSaved: ({ email }) => setSentTo(email.trim()),
  });
  if (sentTo) return <CheckMail email={sentTo} />;
  return (
    <Card
      title={texts.signUpTitle}
      lead={texts.signUpLead}
      links={
        <span>
          {texts.haveAccount} <Link to="/sign-in">{texts.signIn}</Link>
        </span>
      }
    >
      <Form
        form={form}
        submit={
          <Button type="submit" kind="primary" wide isPending={form.pending}>
            {texts.create}
          </Button>
        }
      >
        <TextField
          label={texts.name}
          autoComplete="name"
          isRequired
          maxLength={100}
          autoFocus
          {...form.field("name")}
        />
        <TextField label={texts.email} type="email" autoComplete="username" isRequired {...form.field("email")} />
        <TextField
          label={texts.password}
          type="password"
          autoComplete="new-password"
          isRequired
          minLength={8}
          hint={texts.passwordHint}
          {...form.field("password")}
        />
        <p className={styles.small}>{texts.zone(form.values.timezone)}</p>
      </Form>
    </Card>
  );
}

function CheckMail({ email }: { email: string }) {
  return (
    <Card title={texts.checkMail} lead={texts.checkMailText(email)}>
      <div className={styles.foot}>
        <p>{texts.mailLate}</p>
        <Resend email={email} />
        <Link to="/sign-in" search={{ email }}>
          {texts.toSignIn}
        </Link>
      </div>
    </Card>
  );
}
