import CircleCheck from "lucide-react/icons/circle-check";
import CircleAlert from "lucide-react/icons/circle-exclamation-point";
import Info from "lucide-react/icons/info";
import TriangleAlert from "lucide-react/icons/triangle-exclamation-point";
import type { ReactNode } from "react";
import { ApiError } from "../api/errors.ts";
import { messageOf } from "../api/faults.ts";
import { classes } from "../lib/classes.ts";
import { common } from "../messages/en/common.ts";
import styles from "./Notice.module.css";

const icons = { info: Info, good: CircleCheck, warn: TriangleAlert, bad: CircleAlert };

/**
 * A sentence or two that stand out of the page. A live one is read by screen
 * readers when it comes.
 */
export function Notice({
  kind = "info",
  live,
  children,
}: {
  kind?: keyof typeof icons;
  live?: boolean;
  children: ReactNode;
}) {
  const Icon = icons[kind];
  return (
    <div
      className={classes(styles.notice, styles[kind])}
      role={live ? (kind === "bad" ? "alert" : "status") : undefined}
    >
      <Icon size="1rem" aria-hidden />
      <div>{children}</div>
    </div>
  );
}

/**
 * An error. If it is a fault of the service, it has the id by which support
 * finds the request.
 */
export function Failure({ error, children }: { error: unknown; children?: ReactNode }) {
  const request = error instanceof ApiError && error.status >= 500 ? error.request.id : undefined;
  return (
    <Notice kind="bad" live>
      {messageOf(error)}
      {children}
      {request && (
        <p className={styles.small}>
          {common.errorRequest} <code>{request}</code>
        </p>
      )}
    </Notice>
  );
}
