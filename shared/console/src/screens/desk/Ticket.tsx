import { useQuery } from "@tanstack/react-query";
import { useParams, useRouter } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { ApiError } from "../../api/errors.ts";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { ConfirmDialog, Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { Link } from "../../kit/Link.tsx";
import { Failure, Notice } from "../../kit/Notice.tsx";
import { Page, Section } from "../../kit/Page.tsx";
import { Select } from "../../kit/Select.tsx";
import { Loaded } from "../../kit/States.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { useFormat } from "../../lib/format.ts";
import { desk as texts, transfer } from "../../messages/en/transfer.ts";
import { StateBadge } from "../transfer/Transfer.tsx";
import { Checks, Steps, stateText, Terms, Timeline, TransferFacts } from "../transfer/TransferFacts.tsx";
import { isOpen, isRevertible, plain, type View } from "../transfer/words.ts";
import { Accounts } from "./Accounts.tsx";
import styles from "./Desk.module.css";
import { NoAgent } from "./Desk.tsx";
import { ticketQuery } from "./queries.ts";

type Done = { ticket: string; message: string };
type DeedProps = { view: View; onDone: (done: Done) => Promise<void> };

export function Ticket() {
  const { ticket } = useParams({ from: "/inside/desk/$ticket" });
  const query = useQuery(ticketQuery(ticket));
  const router = useRouter();
  const format = useFormat();
  const [message, setMessage] = useState<string>();
  async function onDone(done: Done) {
    setMessage(plain(done.message, format));
    await router.navigate({ to: "/desk/$ticket", params: { ticket: done.ticket }, replace: true, ignoreBlocker: true });
    await reread(keys.desk);
  }
  if (query.isError && query.error instanceof ApiError && query.error.status === 404) return <NoAgent />;
  const name = query.data?.profile?.name;
  return (
    <Page
      title={name ? transfer.title(name) : transfer.plainTitle}
      beside={query.data && <StateBadge view={query.data} />}
      lead={query.data && stateText(query.data)}
      actions={
        <Link to="/desk" kind="secondary">
          {texts.back}
        </Link>
      }
    >
      {message && (
        <Notice kind="good" live>
          {message}
        </Notice>
      )}
      <Loaded query={query}>
        {(view) => (
          <>
            <Steps view={view} />
            <div className={styles.columns}>
              <div className={styles.column}>
                <Checks view={view} />
                <TransferFacts view={view} desk />
                <Terms view={view} />
              </div>
              <div className={styles.column}>
                <Decision view={view} onDone={onDone} />
                <Accounts view={view} />
              </div>
            </div>
            {isOpen(view) && <Entry view={view} onDone={onDone} />}
            <Timeline view={view} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

// Decision has what ends the desk's part. Each is confirmed, as none can be taken back.
function Decision({ view, onDone }: DeedProps) {
  const params = { path: { ticket: view.ticket ?? "" } };
  const open = isOpen(view);
  if (!open && !isRevertible(view)) return null;
  return (
    <Section title={texts.decision} lead={texts.decisionText}>
      <div className={styles.row}>
        {open && !view.gates?.support && (
          <Deed
            primary
            action={texts.approve}
            text={texts.approveText}
            work={async () => onDone(await api.POST("/desk/transfer/{ticket}/approve", { params }))}
          />
        )}
        {open && <Reject view={view} onDone={onDone} />}
        {open && (
          <Deed
            action={texts.extend}
            text={texts.extendText}
            work={async () => onDone(await api.POST("/desk/transfer/{ticket}/extend", { params }))}
          />
        )}
        {isRevertible(view) && (
          <Deed
            danger
            action={texts.approveReturn}
            text={texts.approveReturnText}
            work={async () => onDone(await api.POST("/desk/transfer/{ticket}/revert", { params }))}
          />
        )}
      </div>
    </Section>
  );
}

type Act = { action: string; text: ReactNode; work: () => Promise<unknown>; danger?: boolean; primary?: boolean };

function Deed({ action, text, work, danger = false, primary }: Act) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button kind={primary ? "primary" : danger ? "dangerQuiet" : "secondary"} onPress={() => setAsking(true)}>
        {action}
      </Button>
      {asking && (
        <ConfirmDialog
          title={action}
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

function RejectDialog({ view, onDone, onClose }: DeedProps & { onClose: () => void }) {
  const form = useForm({
    initial: { reason: "" },
    save: async ({ reason }) =>
      onDone(
        await api.POST("/desk/transfer/{ticket}/reject", {
          params: { path: { ticket: view.ticket ?? "" } },
          body: { reason },
        }),
      ),
    onSaved: onClose,
  });
  return (
    <Dialog open title={texts.reject} dirty={form.dirty} onClose={onClose}>
      <p>{texts.decisionText}</p>
      <Form form={form} submit={texts.reject} danger cancel={onClose}>
        <TextField
          label={texts.reason}
          hint={texts.reasonHint}
          lines={4}
          isRequired
          maxLength={1000}
          {...form.field("reason")}
        />
      </Form>
    </Dialog>
  );
}

type Kind = keyof typeof texts.kinds;

function Entry({ view, onDone }: DeedProps) {
  const form = useForm<{ kind: Kind; text: string }>({
    initial: { kind: "note", text: "" },
    save: async (body) => {
      const done = await api.POST("/desk/transfer/{ticket}/note", {
        params: { path: { ticket: view.ticket ?? "" } },
        body,
      });
      form.set({ text: "" });
      await onDone(done);
    },
  });
  return (
    <Section title={texts.entry}>
      <Form form={form} narrow submit={texts.add}>
        <Select
          label={texts.kind}
          choices={(Object.keys(texts.kinds) as Kind[]).map((id) => ({ id, name: texts.kinds[id] }))}
          {...form.field("kind")}
        />
        <TextField label={texts.text} lines={3} isRequired maxLength={1000} {...form.field("text")} />
      </Form>
    </Section>
  );
}
