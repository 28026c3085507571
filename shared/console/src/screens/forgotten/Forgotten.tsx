import { useState } from "react";
import { api } from "../../api/index.ts";
import { Button } from "../../kit/Button.tsx";
import { Form } from "../../kit/Form.tsx";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { useForm } from "../../kit/useForm.ts";
import { session as texts } from "../../messages/en/session.ts";
import { Card } from "../sign-in/Card.tsx";

export function Forgotten() {
  const [sentTo, setSentTo] = useState<string>();
  const form = useForm({
    initial: { email: "" },
    save: ({ email }) => api.GET("/account/passwordreset/{email}", { params: { path: { email: email.trim() } } }),
    onSaved: ({ email }) => setSentTo(email.trim()),
  });
  return (
    <Card title={texts.forgottenTitle} lead={texts.forgottenLead} links={<Link to="/sign-in">{texts.toSignIn}</Link>}>
      {sentTo && (
        <Notice kind="good" live>
          {texts.mailSent(sentTo)}
        </Notice>
      )}
      <Form
        form={form}
        submit={
          <Button type="submit" kind="primary" wide isPending={form.pending}>
            {texts.sendMail}
          </Button>
        }
      >
        <TextField label={texts.email} type="email" autoComplete="username" isRequired {...form.field("email")} />
      </Form>
    </Card>
  );
}
