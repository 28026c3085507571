import { Check, CircleAlert, CircleCheck, Clock } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "../../kit/Link.tsx";
import { Facts, Section } from "../../kit/Page.tsx";
import { Time } from "../../kit/Values.tsx";
import { classes } from "../../lib/classes.ts";
import { listed, useFormat } from "../../lib/format.ts";
import { addons, serviceName } from "../../messages/en/services.ts";
import { transfer as texts } from "../../messages/en/transfer.ts";
import styles from "./Transfer.module.css";
import { capital, isOpen, isRevertible, plain, stateOf, type View, whoIs, whoseTurn } from "./words.ts";

/** The gates of a transfer in the order in which people mostly pass them. */
export function Steps({ view }: { view: View }) {
  const { gates, turn } = view;
  const open = isOpen(view);
  const completed = view.state === "completed";
  const steps = [
    { name: texts.step.request, done: true, now: false },
    { name: texts.step.confirm, done: completed || !!gates?.source, now: open && turn.includes("source") },
    { name: texts.step.accept, done: completed || !!gates?.destination, now: open && turn.includes("destination") },
    { name: texts.step.support, done: completed || !!gates?.support, now: open && turn.includes("support") },
    { name: texts.step.done, done: completed, now: false },
  ];
  return (
    <ol className={styles.steps} aria-label={texts.steps}>
      {steps.map(({ name, done, now }) => (
        <li key={name} className={classes(styles.step, done ? styles.done : now && styles.now)}>
          <strong>{name}</strong>
          <span className={styles.stepState}>
            {done ? <Check size={14} aria-hidden /> : now && <Clock size={14} aria-hidden />}
            {done ? texts.stepDone : now ? texts.stepNow : texts.stepOpen}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** What a transfer is about and how it stands. */
export function TransferFacts({ view, desk }: { view: View; desk?: boolean }) {
  const format = useFormat();
  const { role, offer, email = "", reverts, reason, waiting, message } = view;
  const open = isOpen(view);
  const from =
    role === "source" ? texts.you : role === "destination" && offer && texts.person(offer.owner, offer.owner_email);
  return (
    <Section title={texts.facts}>
      <Facts
        pairs={[
          [texts.ticket, view.ticket],
          [
            texts.takesBack,
            reverts && (
              <Link to={desk ? "/desk/$ticket" : "/transfers/$ticket"} params={{ ticket: reverts }}>
                {reverts}
              </Link>
            ),
          ],
          [texts.profile, view.profile?.name],
          [texts.from, from],
          [texts.to, role === "destination" ? texts.youAre(email) : email],
          [texts.reason, reason && <span className={styles.said}>{reason}</span>],
          [texts.next, open && capital(whoseTurn(view))],
          [texts.waits, open && waiting && plain(waiting, format)],
          [texts.until, open && <Time at={view.expires_at} />],
          [texts.ended, view.ended_at && <Time at={view.ended_at} />],
          [texts.revertUntil, isRevertible(view) && <Time at={view.revert_until} />],
          [texts.message, message && <span className={styles.said}>{message}</span>],
        ]}
      />
    </Section>
  );
}

/** stateText says in a sentence how a transfer ended, or that nothing has moved yet. */
export function stateText(view: View): string {
  return view.state === "completed" && view.reverts ? texts.returned : texts.stateText[stateOf(view)];
}

/** The prerequisites: first those that are missing, with what mends each. */
export function Checks({ view }: { view: View }) {
  const format = useFormat();
  if (view.checks.length === 0) return null;
  const missing = view.checks.filter(({ ok }) => !ok);
  const holding = view.checks.filter(({ ok }) => ok);
  const line = ({ code, side, service, ok, expected, actual, fix }: View["checks"][number]) => (
    <li key={`${code} ${service ?? ""}`} className={classes(styles.check, ok && styles.ok)}>
      {ok ? <CircleCheck size={16} aria-hidden /> : <CircleAlert size={16} aria-hidden />}
      <div>
        <p>
          {capital(service ? serviceName(service) : whoIs(side, view.role))}
          {!ok && <strong> {capital(plain(fix, format))}</strong>}
        </p>
        <p className={styles.quiet}>{texts.measure(plain(expected, format), plain(actual, format))}</p>
      </div>
    </li>
  );
  return (
    <Section title={missing.length > 0 ? texts.missing : texts.nothingMissing}>
      {missing.length > 0 && <ul className={styles.checks}>{missing.map(line)}</ul>}
      {holding.length > 0 && (
        <Details summary={texts.holding(holding.length)}>
          <ul className={styles.checks}>{holding.map(line)}</ul>
        </Details>
      )}
    </Section>
  );
}

/** What the receiving side chose when it accepted. */
export function Terms({ view }: { view: View }) {
  const { number } = useFormat();
  const { terms, offer } = view;
  if (!terms || view.reverts) return null;
  const names = new Map(offer?.team.map(({ id, name }) => [id, name]));
  const stay = terms.members.map(({ id, permission }) => texts.member(names.get(id) || texts.unnamed(id), permission));
  const amounts = Object.entries(terms.allocation).filter(([, amount]) => amount > 0);
  const come = (Object.keys(addons) as (keyof typeof addons)[]).filter((addon) => terms.addons[addon]);
  return (
    <Section title={texts.terms}>
      <Facts
        pairs={[
          [texts.termName, terms.name ?? texts.termAsIs],
          [texts.termOwner, terms.keep_owner ?? texts.leaves],
          [texts.termMembers, listed(stay) || texts.none],
          [texts.termAddons, listed(come.map((addon) => addons[addon])) || texts.none],
          ...amounts.map(([service, amount]) => [serviceName(service), number(amount)] as const),
        ]}
      />
    </Section>
  );
}

/** What happened to a transfer, and who did it. */
export function Timeline({ view }: { view: View }) {
  const format = useFormat();
  const support = view.role === "support";
  return (
    <Section title={texts.happened}>
      <ol className={styles.events}>
        {view.timeline.map(({ time, event, by, who, text }) => {
          const name = by === "system" ? texts.events[event] : texts.by(texts.events[event], whoIs(by, view.role));
          return (
            <li key={`${time} ${event}`}>
              <p>{who && support ? texts.agent(name, who) : name}</p>
              {text && event !== "requested" && (
                <p className={styles.said}>
                  {event === "extended" ? texts.extendedUntil(plain(text, format)) : plain(text, format)}
                </p>
              )}
              <p className={styles.quiet}>
                <Time at={time} />
              </p>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}

export function Details({ summary, children }: { summary: string; children: ReactNode }) {
  return (
    <details className={styles.details}>
      <summary>{summary}</summary>
      {children}
    </details>
  );
}
