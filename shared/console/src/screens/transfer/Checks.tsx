import CircleCheck from "lucide-react/icons/circle-check";
import CircleAlert from "lucide-react/icons/circle-exclamation-point";
import type { ReactNode } from "react";
import { Link } from "../../kit/Link.tsx";
import { Section } from "../../kit/Page.tsx";
import { classes } from "../../lib/classes.ts";
import { capital, useFormat } from "../../lib/format.ts";
import { serviceName } from "../../messages/en/services.ts";
import { transfer as texts } from "../../messages/en/transfer.ts";
import styles from "./Transfer.module.css";
import { type Check, missing, plain, type View } from "./words.ts";

const ticketIn = /TR-[0-9A-Z]{4}-[0-9A-Z]{4}/;

/**
 * The prerequisites of a transfer: the missing ones first, with their remedies.
 */
export function Checks({ view, title = texts.checks, all }: { view: View; title?: string; all?: boolean }) {
  if (view.checks.length === 0) return null;
  const lacking = missing(view);
  const holding = view.checks.filter(({ ok }) => ok);
  return (
    <Section title={title} lead={lacking.length > 0 ? texts.missing(lacking.length) : texts.nothingMissing}>
      <CheckList checks={all ? [...lacking, ...holding] : lacking} view={view} broad={all} />
      {!all && holding.length > 0 && (
        <Details summary={texts.holding(holding.length)}>
          <CheckList checks={holding} view={view} />
        </Details>
      )}
    </Section>
  );
}

function CheckList({ checks, view, broad }: { checks: readonly Check[]; view: View; broad?: boolean | undefined }) {
  const format = useFormat();
  if (checks.length === 0) return null;
  return (
    <ul className={classes(styles.checks, broad && styles.broad)}>
      {checks.map((check) => {
        const { code, service, ok, expected, actual, fix } = check;
        const name = service ? texts.checkOf(texts.checkNames[code], serviceName(service)) : texts.checkNames[code];
        return (
          <li key={`${code} ${service ?? ""}`} className={classes(styles.check, ok && styles.ok)}>
            {ok ? <CircleCheck size="1rem" aria-hidden /> : <CircleAlert size="1rem" aria-hidden />}
            <div>
              <p className={styles.checkName}>
                {name}
                <span className="visually-hidden"> ({ok ? texts.ready : texts.notReady})</span>
              </p>
              <p className={styles.quiet}>{texts.neededNow(plain(expected, format), plain(actual, format))}</p>
              {!ok && (
                <p>
                  {texts.fix(capital(plain(fix, format)))} <Fix check={check} role={view.role} />
                </p>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

/**
 * The place where a side can provide a missing prerequisite on its own account.
 */
export function Fix({ check: { code, side, actual }, role }: { check: Check; role: View["role"] }) {
  if (side !== (role ?? "source")) return null;
  const other = ticketIn.exec(actual)?.[0];
  if (code === "no-other-transfer" && other) {
    return (
      <Link to="/transfers/$ticket" params={{ ticket: other }}>
        {texts.fixes.ticket(other)}
      </Link>
    );
  }
  switch (code) {
    case "source-plan":
    case "destination-plan":
      return <Link to={"/subscription" as string}>{texts.fixes.plan}</Link>;
    case "source-keeps-profile":
    case "destination-profiles":
      return <Link to="/profiles">{texts.fixes.profiles}</Link>;
    case "destination-allocation":
      return <Link to={"/allocation" as string}>{texts.fixes.allocation}</Link>;
    default:
      return null;
  }
}

/** The part that can be opened. */
export function Details({ summary, children }: { summary: string; children: ReactNode }) {
  return (
    <details className={styles.details}>
      <summary>{summary}</summary>
      {children}
    </details>
  );
}
