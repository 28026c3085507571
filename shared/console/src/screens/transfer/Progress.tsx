import Check from "lucide-react/icons/check";
import Minus from "lucide-react/icons/minus";
import X from "lucide-react/icons/x";
import type { ReactNode } from "react";
import { Notice } from "../../kit/Notice.tsx";
import { Section } from "../../kit/Page.tsx";
import { Time } from "../../kit/Values.tsx";
import { classes } from "../../lib/classes.ts";
import { useFormat } from "../../lib/format.ts";
import { transfer as texts } from "../../messages/en/transfer.ts";
import { Left } from "./Left.tsx";
import styles from "./Transfer.module.css";
import { agents, heldUntil, isOpen, nextStep, plain, type Step, stateText, stepsOf, type View } from "./words.ts";

const icons = { done: Check, now: undefined, todo: undefined, skipped: Minus, stopped: X };

/**
 * The progress of a transfer: its steps, the side that must act next, and its
 * end. The actions that end it are beside that.
 */
export function Progress({ view, children }: { view: View; children?: ReactNode }) {
  const format = useFormat();
  const open = isOpen(view);
  const held = open ? heldUntil(view) : undefined;
  return (
    <Section title={texts.progress}>
      <ol className={styles.steps} aria-label={texts.steps}>
        {stepsOf(view).map((step) => {
          const Icon = icons[step.state];
          return (
            <li key={step.id} className={classes(styles.step, styles[step.state])}>
              <span className={styles.dot} aria-hidden>
                {Icon && <Icon size="0.875rem" />}
              </span>
              <span className={styles.stepName}>{texts.step[step.id]}</span>
              <span className={styles.stepState}>
                <StepText step={step} view={view} />
              </span>
            </li>
          );
        })}
      </ol>
      <div className={styles.split}>
        <div className={styles.standing}>
          <p className={styles.next}>{open ? nextStep(view) : stateText(view)}</p>
          {open && (
            <p className={styles.quiet}>
              {texts.openUntil} <Time at={view.expires_at} /> (<Left until={view.expires_at ?? ""} />)
              {texts.openUntilAfter}
            </p>
          )}
          {view.reason && <p className={styles.said}>{view.reason}</p>}
          {open && view.waiting && !held && <p className={styles.quiet}>{texts.waits(plain(view.waiting, format))}</p>}
        </div>
        {children}
      </div>
      {held && (
        <Notice kind="warn">
          <strong>{texts.holdTitle(format.moment(held))}</strong>
          <p>{texts.hold}</p>
        </Notice>
      )}
    </Section>
  );
}

function StepText({ step: { id, state, at, who }, view }: { step: Step; view: View }) {
  if (id === "agents" && state !== "done") return texts.agentsOf(agents(view).length);
  if (at) return <Time at={at} />;
  if (state === "now" && who === view.role) return texts.yourTurn;
  return texts.stepState[state];
}
