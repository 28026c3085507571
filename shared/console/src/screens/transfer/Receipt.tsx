import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/index.ts";
import { profilesQuery } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { Link } from "../../kit/Link.tsx";
import { Facts, Section } from "../../kit/Page.tsx";
import { Time } from "../../kit/Values.tsx";
import { transfer as texts } from "../../messages/en/transfer.ts";
import { useTerms } from "./About.tsx";
import type { Done } from "./Accept.tsx";
import { Left } from "./Left.tsx";
import { ProveDialog } from "./ProveDialog.tsx";
import styles from "./Transfer.module.css";
import { isRevertible, type View } from "./words.ts";

/** The effects of a completed transfer, and how long it can be taken back. */
export function Receipt({ view, onDone }: { view: View; onDone: (done: Done) => Promise<void> }) {
  const terms = useTerms(view);
  const { data: profiles } = useQuery(profilesQuery);
  const { profile, role, email = "", ended_at, reverts } = view;
  if (view.state !== "completed" || !profile) return null;
  const reachable = profiles?.find(({ id }) => id === profile.id);
  return (
    <Section
      title={texts.receipt}
      lead={texts.receiptLead}
      actions={
        reachable && (
          <Link
            to="/p/$profile"
            params={{ profile: profile.id }}
            kind={role === "destination" ? "primary" : "secondary"}
          >
            {texts.openProfile(reachable.name)}
          </Link>
        )
      }
    >
      <Facts
        pairs={[
          [texts.moved, role === "destination" ? texts.movedToYou(profile.name) : texts.movedTo(profile.name, email)],
          [texts.revoked, texts.revokedText],
          ...(reverts ? [] : terms),
          [
            texts.costCut,
            <>
              <Time key="time" at={ended_at} /> <span className={styles.quiet}>{texts.costCutText}</span>
            </>,
          ],
        ]}
      />
      {!reverts && role !== "support" && <TakeBack view={view} onDone={onDone} />}
    </Section>
  );
}

function TakeBack({ view, onDone }: { view: View; onDone: (done: Done) => Promise<void> }) {
  const [asking, setAsking] = useState(false);
  const { ticket = "", role = "", revert_until } = view;
  if (!isRevertible(view)) return <p className={styles.quiet}>{role === "source" ? texts.revertOver : ""}</p>;
  return (
    <div className={styles.split}>
      <div className={styles.standing}>
        <p>
          {texts.revertUntil} <Time at={revert_until} /> (<Left until={revert_until ?? ""} />)
        </p>
        <p className={styles.quiet}>{texts.revertLead[role]}</p>
      </div>
      <Button kind="dangerQuiet" onPress={() => setAsking(true)}>
        {texts.revert}
      </Button>
      {asking && (
        <ProveDialog
          title={texts.revertTitle}
          action={texts.revert}
          danger
          onClose={() => setAsking(false)}
          onConfirm={async (body) =>
            onDone(await api.POST("/transfer/{ticket}/revert", { params: { path: { ticket } }, body }))
          }
        >
          {texts.revertText}
        </ProveDialog>
      )}
    </div>
  );
}
