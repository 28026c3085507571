import { Badge } from "../../kit/Badge.tsx";
import { Time } from "../../kit/Values.tsx";
import { classes } from "../../lib/classes.ts";
import { day } from "../../lib/days.ts";
import { tokens as texts } from "../../messages/en/tokens.ts";
import styles from "./Tokens.module.css";
import type { Token } from "./tokens.ts";

/** When a token was used last, and from where. */
export function LastUse({ token: { used } }: { token: Token }) {
  if (!used) return <span className={styles.quiet}>{texts.neverUsed}</span>;
  return (
    <span className={styles.two}>
      <Time at={used.at} as="relative" />
      {used.address && <span className={styles.quiet}>{used.address}</span>}
    </span>
  );
}

/** The end of a token. In the last week before it, this is a warning. */
export function Ends({ token: { ends } }: { token: Token }) {
  if (!ends) return <span className={styles.quiet}>{texts.neverEnds}</span>;
  const left = Date.parse(ends) - Date.now();
  return (
    <span className={classes(left < day ? styles.bad : left < 7 * day && styles.warn)}>
      <Time at={ends} as="relative" />
    </span>
  );
}

/** The state of a token. */
export function StateBadges({ token }: { token: Token }) {
  return (
    <>
      {token.disabled && <Badge tone="warn">{texts.disabled}</Badge>}
      {token.graceEnds && <Badge tone="accent">{texts.rotated}</Badge>}
    </>
  );
}

/** The networks from which a token works. */
export function Networks({ token: { networks } }: { token: Token }) {
  const [first, ...others] = networks;
  if (!first) return <span className={styles.quiet}>{texts.anywhere}</span>;
  return (
    <span className={styles.two}>
      <span>{first}</span>
      {others.length > 0 && <span className={styles.quiet}>{texts.more(others.length)}</span>}
    </span>
  );
}
