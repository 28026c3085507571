import { useQuery } from "@tanstack/react-query";
import { useParams, useRouter, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "../../api/errors.ts";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Badge } from "../../kit/Badge.tsx";
import { Button } from "../../kit/Button.tsx";
import { ConfirmDialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { Failure, Notice } from "../../kit/Notice.tsx";
import { Page, Section } from "../../kit/Page.tsx";
import { emptyProof, type Proof, Prove, proofBody } from "../../kit/Prove.tsx";
import { Loaded } from "../../kit/States.tsx";
import { toastError } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { useFormat } from "../../lib/format.ts";
import { transfer as texts } from "../../messages/en/transfer.ts";
import { forgetTransferCode, transferCode } from "../../session/links.ts";
import { signOut, useSession } from "../../session/store.ts";
import { Accept } from "./Accept.tsx";
import { transferQuery } from "./queries.ts";
import { Checks, Steps, stateText, Terms, Timeline, TransferFacts } from "./TransferFacts.tsx";
import { isOpen, isRevertible, plain, stateOf, type View } from "./words.ts";

type Done = { ticket: string; message: string };

const unknown = (error: unknown) => error instanceof ApiError && error.status === 404;

export function Transfer() {
  const { ticket } = useParams({ from: "/inside/transfers/$ticket" });
  const query = useQuery(transferQuery(ticket));
  const router = useRouter();
  const format = useFormat();
  const [message, setMessage] = useState<string>();

  async function onDone(done: Done) {
    forgetTransferCode(ticket);
    setMessage(plain(done.message, format));
    // What was done may have a ticket of its own, such as the one that takes a transfer back.
    await router.navigate({
      to: "/transfers/$ticket",
      params: { ticket: done.ticket },
      search: {},
      replace: true,
      ignoreBlocker: true,
    });
    await reread(keys.account, keys.notifications);
  }

  if (query.isError && unknown(query.error)) {
    return (
      <Page title={texts.plainTitle}>
        <Notice kind="warn">{texts.notYours(ticket)}</Notice>
        <div>
          <Button onPress={() => void signOut().catch(toastError)}>{texts.otherAccount}</Button>
        </div>
      </Page>
    );
  }
  const name = query.data?.profile?.name;
  return (
    <Page
      title={name ? texts.title(name) : texts.plainTitle}
      beside={query.data && <StateBadge view={query.data} />}
      lead={query.data && stateText(query.data)}
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
            <Deeds view={view} onDone={onDone} />
            <TransferFacts view={view} />
            <Checks view={view} />
            <Terms view={view} />
            <Timeline view={view} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

export function StateBadge({ view }: { view: View }) {
  const state = stateOf(view);
  return (
    <Badge tone={state === "requested" ? "accent" : state === "completed" ? "good" : "plain"}>
      {texts.states[state]}
    </Badge>
  );
}

type DeedProps = { view: View; onDone: (done: Done) => Promise<void> };

// Deeds are what this person can do now. The word of the mail that they came by says which one stands first.
function Deeds({ view, onDone }: DeedProps) {
  const { step } = useSearch({ from: "/inside/transfers/$ticket" });
  const { ticket = "", role, gates, reverts } = view;
  const code = transferCode(ticket);
  const open = isOpen(view);
  const wrongSide =
    (step === "confirm" && role !== "source") || ((step === "accept" || step === "decline") && role !== "destination");
  const side = { path: { ticket } };
  const confirm = open && role === "source" && !gates?.source;
  const answer = open && role === "destination";
  const accept = answer && view.offer;
  const cancel = open && role === "source" && !reverts;
  const revert = isRevertible(view);
  const deeds = [
    confirm &&
      (code ? (
        <Section key="confirm" title={texts.confirm} lead={texts.confirmText}>
          <ProveForm
            action={texts.confirm}
            onConfirm={async (proof) =>
              onDone(await api.POST("/transfer/{ticket}/confirm", { params: side, body: { ...proof, code } }))
            }
          />
        </Section>
      ) : (
        <Notice key="confirm">{texts.needsMail.confirm}</Notice>
      )),
    accept && code && (
      <Section key="accept" title={texts.accept} lead={texts.acceptText}>
        <Accept view={view} code={code} onDone={(done) => void onDone(done)} />
      </Section>
    ),
    answer && code && (
      <Section key="decline" title={texts.decline} lead={texts.declineText}>
        <ProveForm
          danger
          action={texts.decline}
          onConfirm={async (proof) =>
            onDone(await api.POST("/transfer/{ticket}/decline", { params: side, body: { ...proof, code } }))
          }
        />
      </Section>
    ),
    answer && !code && !gates?.destination && <Notice key="accept">{texts.needsMail.accept}</Notice>,
    revert && (
      <Section key="revert" title={texts.revert} lead={texts.revertText}>
        <ProveForm
          danger
          action={texts.revert}
          onConfirm={async (proof) =>
            onDone(await api.POST("/transfer/{ticket}/revert", { params: side, body: proof }))
          }
        />
      </Section>
    ),
    cancel && <Cancel key="cancel" view={view} onDone={onDone} />,
  ].filter((deed) => !!deed);
  const first = deeds.findIndex(({ key }) => key === step);
  if (first > 0) deeds.unshift(...deeds.splice(first, 1));
  return (
    <>
      {wrongSide && <Notice kind="warn">{texts.otherSide}</Notice>}
      {deeds}
    </>
  );
}

type ProveProps = {
  action: string;
  danger?: boolean;
  onConfirm: (proof: ReturnType<typeof proofBody>) => Promise<unknown>;
};

function ProveForm({ action, danger, onConfirm }: ProveProps) {
  const { email } = useSession();
  const form = useForm<{ proof: Proof }>({
    initial: { proof: emptyProof() },
    names: ["password", "pin_code"],
    save: ({ proof }) => onConfirm(proofBody(proof)),
  });
  return (
    <Form form={form} narrow submit={action} danger={danger ?? false}>
      <Prove value={form.values.proof} onChange={(proof) => form.set({ proof })} email={email} error={form.error} />
    </Form>
  );
}

function Cancel({ view, onDone }: DeedProps) {
  const [asking, setAsking] = useState(false);
  const id = view.profile?.id ?? "";
  return (
    <div>
      <Button kind="dangerQuiet" onPress={() => setAsking(true)}>
        {texts.cancel}
      </Button>
      {asking && (
        <ConfirmDialog
          title={texts.cancel}
          text={texts.cancelText}
          cancel={texts.cancelKeep}
          action={texts.cancel}
          onClose={() => setAsking(false)}
          onConfirm={async () => onDone(await api.DELETE("/profile/{id}/transfer", { params: { path: { id } } }))}
          failure={(error) => <Failure error={error} />}
        />
      )}
    </div>
  );
}
