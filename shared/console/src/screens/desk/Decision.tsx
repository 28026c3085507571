import { type ReactNode, useState } from "react";
import { api } from "../../api/index.ts";
import { Button } from "../../kit/Button.tsx";
import { ConfirmDialog, Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { Failure, Notice } from "../../kit/Notice.tsx";
import { Section } from "../../kit/Page.tsx";
import { Select } from "../../kit/Select.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { useForm } from "../../kit/useForm.ts";
import { desk as texts } from "../../messages/en/desk.ts";
import { useSession } from "../../session/store.ts";
import { agents, isOpen, isRevertible, missing, type View } from "../transfer/words.ts";
import styles from "./Desk.module.css";

export type Done = { ticket: string; message: string };
export type DeedProps = {
  view: View;
  /** Called after a decision. It is final if support has nothing more to do. */
  onDone: (done: Done, final: boolean) => Promise<void>;
};

/**
 * Decision has the actions of support on a transfer. A final one says so
 * before.
 */
export function Decision({ view, onDone }: DeedProps) {
  const { account } = useSession();
  const open = isOpen(view);
  const revertible = isRevertible(view);
  if (!open && !revertible) return null;
  const { ticket = "", reverts, gates } = view;
  const params = { path: { ticket } };
  const agreed = agents(view);
  const returning = !!reverts || revertible;
  const canApprove = open && (reverts ? !agreed.includes(account) && !gates?.support : !gates?.support);
  const lacking = missing(view).length;
  return (
    <Section title={texts.decision} lead={returning ? texts.returnText : texts.decisionText}>
      {reverts && (
        <p>
          {texts.agents(agreed.length)} {agreed.includes(account) && texts.youAgreed}
        </p>
      )}
      {open && !reverts && gates?.support && <Notice kind="good">{texts.approved}</Notice>}
      <div className={styles.row}>
        {canApprove && (
          <Deed
            primary
            action={reverts ? texts.approveReturn : texts.approve}
            title={reverts ? texts.approveReturnTitle : texts.approveTitle}
            text={
              <>
                <p>{reverts ? texts.approveReturnText : texts.approveText}</p>
                {lacking > 0 && <p>{texts.approveMissing(lacking)}</p>}
              </>
            }
            work={async () => onDone(await api.POST("/desk/transfer/{ticket}/approve", { params }), true)}
          />
        )}
        {open && <Reject view={view} onDone={onDone} />}
        {open && !reverts && (
          <Deed
            action={texts.extend}
            title={texts.extendTitle}
            text={texts.extendText}
            work={async () => onDone(await api.POST("/desk/transfer/{ticket}/extend", { params }), false)}
          />
        )}
        {revertible && (
          <Deed
            danger
            action={texts.approveReturn}
            title={texts.approveReturnTitle}
            text={texts.approveReturnText}
            work={async () => onDone(await api.POST("/desk/transfer/{ticket}/revert", { params }), true)}
          />
        )}
      </div>
    </Section>
  );
}

type Act = {
  action: string;
  title: string;
  text: ReactNode;
  work: () => Promise<unknown>;
  danger?: boolean;
  primary?: boolean;
};

function Deed({ action, title, text, work, danger = false, primary }: Act) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button kind={primary ? "primary" : danger ? "dangerQuiet" : "secondary"} onPress={() => setAsking(true)}>
        {action}
      </Button>
      {asking && (
        <ConfirmDialog
          title={title}
          text={text}
          action={action}
          danger={danger}
          onClose={() => setAsking(false)}
          onConfirm={work}
          failure={(error) => <Failure error={error} />}
        />
      )}
    </>
  );
}

function Reject({ view, onDone }: DeedProps) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button kind="dangerQuiet" onPress={() => setAsking(true)}>
        {texts.reject}
      </Button>
      {asking && <RejectDialog view={view} onDone={onDone} onClose={() => setAsking(false)} />}
    </>
  );
}

type Template = keyof typeof texts.templates;
const templates = (Object.keys(texts.templates) as Template[]).map((id) => ({ id, name: texts.templates[id].name }));

function RejectDialog({ view, onDone, onClose }: DeedProps & { onClose: () => void }) {
  const [template, setTemplate] = useState<Template>("none");
  const form = useForm({
    initial: { reason: "" },
    save: async ({ reason }) =>
      onDone(
        await api.POST("/desk/transfer/{ticket}/reject", {
          params: { path: { ticket: view.ticket ?? "" } },
          body: { reason },
        }),
        true,
      ),
    onSaved: onClose,
  });
  // A template replaces another template, but never text that the agent wrote.
  const untouched = form.values.reason === texts.templates[template].text;
  return (
    <Dialog open title={texts.rejectTitle} dirty={!untouched} onClose={onClose}>
      <p>{texts.rejectText}</p>
      <Form form={form} submit={texts.reject} danger cancel={onClose}>
        <Select
          label={texts.template}
          choices={templates}
          value={template}
          onChange={(next) => {
            setTemplate(next);
            const { text } = texts.templates[next];
            form.set({ reason: untouched ? text : [form.values.reason, text].filter(Boolean).join("\n\n") });
          }}
        />
        <TextField
          label={texts.reason}
          hint={texts.reasonHint}
          lines={5}
          isRequired
          maxLength={1000}
          {...form.field("reason")}
        />
      </Form>
    </Dialog>
  );
}
