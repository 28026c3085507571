import { useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { isCode } from "../../api/faults.ts";
import { api } from "../../api/index.ts";
import { Button } from "../../kit/Button.tsx";
import { ConfirmDialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { Failure, Notice } from "../../kit/Notice.tsx";
import { Section } from "../../kit/Page.tsx";
import { emptyProof, type Proof, Prove, proofBody } from "../../kit/Prove.tsx";
import { useForm } from "../../kit/useForm.ts";
import { transfer as texts } from "../../messages/en/transfer.ts";
import { transferCode } from "../../session/links.ts";
import { useSession } from "../../session/store.ts";
import { Accept, type Done } from "./Accept.tsx";
import { NeedsMail } from "./NeedsMail.tsx";
import { ProveDialog } from "./ProveDialog.tsx";
import styles from "./Transfer.module.css";
import { isOpen, type View } from "./words.ts";

type Props = { view: View; onDone: (done: Done) => Promise<void> };

/**
 * The actions of this person on an open transfer. The link that they followed
 * may name one.
 */
export function Deeds({ view, onDone }: Props) {
  const { step } = useSearch({ from: "/inside/transfers/$ticket" });
  if (!isOpen(view)) return null;
  const { role = "", gates, reverts } = view;
  if (reverts) return <Agree view={view} onDone={onDone} />;
  const stray =
    (role === "source" && (step === "accept" || step === "decline")) || (role === "destination" && step === "confirm");
  return (
    <>
      {stray && <Notice kind="warn">{texts.otherSide[role]}</Notice>}
      {role === "source" && !gates?.source && <Confirm view={view} onDone={onDone} />}
      {role === "destination" && <Answer view={view} onDone={onDone} asked={step} />}
    </>
  );
}

/**
 * The actions that end an open transfer: the owner cancels it, the receiving
 * side declines it.
 */
export function Ending({ view, onDone }: Props) {
  const { step } = useSearch({ from: "/inside/transfers/$ticket" });
  const { role, reverts, ticket = "" } = view;
  if (!isOpen(view) || reverts) return null;
  if (role === "source") return <Cancel view={view} onDone={onDone} asked={step === "cancel"} />;
  const code = transferCode(ticket);
  return role === "destination" && code ? (
    <Decline ticket={ticket} code={code} onDone={onDone} asked={step === "decline"} />
  ) : null;
}

function Confirm({ view, onDone }: Props) {
  const { email } = useSession();
  const { ticket = "", email: to = "" } = view;
  const code = transferCode(ticket);
  const form = useForm<{ proof: Proof }>({
    initial: { proof: emptyProof() },
    names: ["password", "pin_code"],
    save: async ({ proof }) =>
      onDone(
        await api.POST("/transfer/{ticket}/confirm", {
          params: { path: { ticket } },
          body: { ...proofBody(proof), code: code ?? "" },
        }),
      ),
  });
  return (
    <Section title={texts.confirm} lead={texts.confirmText(to)}>
      {code ? (
        <Form
          form={form}
          narrow
          submit={texts.confirm}
          failure={(error) => isCode(error, "link_void") && <NeedsMail ticket={ticket} text={texts.codeVoid} />}
        >
          <Prove value={form.values.proof} onChange={(proof) => form.set({ proof })} email={email} error={form.error} />
        </Form>
      ) : (
        <NeedsMail ticket={ticket} text={texts.needsMail.confirm(email)} />
      )}
    </Section>
  );
}

function Answer({ view, onDone, asked }: Props & { asked: string | undefined }) {
  const { email } = useSession();
  const { ticket = "", gates, offer } = view;
  const code = transferCode(ticket);
  const accepted = gates?.destination ?? false;
  const [choosing, setChoosing] = useState(!accepted || asked === "accept");
  if (!code || !offer) {
    return (
      <Section title={accepted ? texts.acceptAgain : texts.accept} lead={accepted ? texts.accepted : texts.acceptText}>
        <NeedsMail ticket={accepted ? undefined : ticket} text={texts.needsMail.accept(email)} />
      </Section>
    );
  }
  if (!choosing) {
    return (
      <Section title={texts.acceptAgain} lead={texts.accepted}>
        <div>
          <Button onPress={() => setChoosing(true)}>{texts.acceptAgain}</Button>
        </div>
      </Section>
    );
  }
  return (
    <Accept
      view={view}
      code={code}
      onDone={async (done) => {
        setChoosing(false);
        await onDone(done);
      }}
    />
  );
}

// useAsking opens a dialog for a person who followed the link of a mail to it.
// It waits until its button has the focus, so that the focus returns there when
// the dialog closes.
function useAsking(asked: boolean) {
  const [asking, setAsking] = useState(false);
  useEffect(() => setAsking(asked), [asked]);
  return [asking, setAsking] as const;
}

type DeclineProps = { ticket: string; code: string; onDone: Props["onDone"]; asked: boolean };

function Decline({ ticket, code, onDone, asked }: DeclineProps) {
  const [asking, setAsking] = useAsking(asked);
  return (
    <div>
      <Button kind="dangerQuiet" autoFocus={asked} onPress={() => setAsking(true)}>
        {texts.decline}
      </Button>
      {asking && (
        <ProveDialog
          title={texts.declineTitle}
          action={texts.decline}
          danger
          onClose={() => setAsking(false)}
          onConfirm={async (proof) =>
            onDone(
              await api.POST("/transfer/{ticket}/decline", { params: { path: { ticket } }, body: { ...proof, code } }),
            )
          }
        >
          {texts.declineText}
        </ProveDialog>
      )}
    </div>
  );
}

function Cancel({ view, onDone, asked }: Props & { asked: boolean }) {
  const [asking, setAsking] = useAsking(asked);
  const id = view.profile?.id ?? "";
  return (
    <div>
      <Button kind="dangerQuiet" autoFocus={asked} onPress={() => setAsking(true)}>
        {texts.cancel}
      </Button>
      {asking && (
        <ConfirmDialog
          title={texts.cancelTitle}
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

// Agree is the agreement of a side to a transfer that takes another back.
function Agree({ view, onDone }: Props) {
  const [asking, setAsking] = useState(false);
  const { role = "", gates, reverts } = view;
  if (role !== "source" && role !== "destination") return null;
  const said = role === "source" ? gates?.source : gates?.destination;
  if (said || !reverts) return <Notice kind="good">{texts.agreed}</Notice>;
  return (
    <Section title={texts.agree} lead={texts.agreeText[role]}>
      <div className={styles.row}>
        <Button kind={role === "source" ? "danger" : "primary"} onPress={() => setAsking(true)}>
          {texts.agree}
        </Button>
      </div>
      {asking && (
        <ProveDialog
          title={texts.agree}
          action={texts.agree}
          danger={role === "source"}
          onClose={() => setAsking(false)}
          onConfirm={async (body) =>
            onDone(await api.POST("/transfer/{ticket}/revert", { params: { path: { ticket: reverts } }, body }))
          }
        >
          {texts.agreeText[role]}
        </ProveDialog>
      )}
    </Section>
  );
}
