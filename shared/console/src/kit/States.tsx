import type { LucideIcon } from "lucide-react";
import Ban from "lucide-react/icons/ban";
import SearchX from "lucide-react/icons/search-x";
import TriangleAlert from "lucide-react/icons/triangle-exclamation-point";
import { type CSSProperties, type ReactNode, useEffect, useState } from "react";
import { ApiError } from "../api/errors.ts";
import { messageOf } from "../api/faults.ts";
import { classes } from "../lib/classes.ts";
import { common } from "../messages/en/common.ts";
import { Button } from "./Button.tsx";
import { Link } from "./Link.tsx";
import styles from "./Notice.module.css";

const patience = 8000;

/** A grey place where something will be. */
export function Bone({ width = "100%", height = "1rem" }: { width?: string; height?: string }) {
  const size: CSSProperties = { width, height };
  return <span className={styles.skeleton} style={size} />;
}

/**
 * A placeholder while a part of the page loads, in the layout of that part.
 * After eight seconds it says that loading takes long.
 */
export function Skeleton({ children, lines = 3 }: { children?: ReactNode; lines?: number }) {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), patience);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div aria-busy="true">
      <p role="status" className={slow ? undefined : "visually-hidden"}>
        {slow ? common.slow : common.loading}
      </p>
      <div className={styles.skeletons} aria-hidden>
        {children ??
          // biome-ignore lint/suspicious/noArrayIndexKey: lines that are all the same.
          Array.from({ length: lines }, (_, line) => <Bone key={line} width={`${90 - line * 15}%`} />)}
      </div>
    </div>
  );
}

type StateProps = {
  icon?: LucideIcon;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  boxed?: boolean;
  level?: 2 | 3;
};

function State({ icon: Icon, title, children, actions, boxed, level = 2 }: StateProps) {
  const Heading = `h${level}` as const;
  return (
    <div className={classes(styles.state, boxed && styles.boxed)}>
      {Icon && <Icon size="1.5rem" aria-hidden />}
      <Heading>{title}</Heading>
      {typeof children === "string" ? <p>{children}</p> : children}
      {actions && <div className={styles.row}>{actions}</div>}
    </div>
  );
}

/** An empty list: its purpose, and the one action to fill it. */
export function Empty(props: Omit<StateProps, "boxed">) {
  return <State boxed {...props} />;
}

/** The page of a thing that does not exist, or that this person may not see. */
export function NotFound() {
  return (
    <State
      icon={SearchX}
      title={common.notFoundTitle}
      actions={
        <Link to="/profiles" kind="secondary">
          {common.toProfiles}
        </Link>
      }
    >
      {common.notFound}
    </State>
  );
}

/** The page of a thing that this person may know of but not open. */
export function Forbidden({ children }: { children: ReactNode }) {
  return (
    <State icon={Ban} title={common.forbiddenTitle}>
      {children}
    </State>
  );
}

/** An error of loading, with its reason and a button to try again. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  if (error instanceof ApiError && error.status === 404) return <NotFound />;
  if (error instanceof ApiError && error.status === 403) return <Forbidden>{messageOf(error)}</Forbidden>;
  const { code, request } = error instanceof ApiError ? error : { code: undefined, request: undefined };
  return (
    <div role="alert">
      <State
        icon={TriangleAlert}
        title={error instanceof ApiError && error.status === 429 ? common.waitTitle : common.errorTitle}
        actions={onRetry && <Button onPress={onRetry}>{common.retry}</Button>}
      >
        <p>{messageOf(error)}</p>
        {request?.id && (
          <>
            <dl className={styles.facts}>
              {code && (
                <>
                  <dt>{common.errorCode}</dt>
                  <dd>{code}</dd>
                </>
              )}
              <dt>{common.errorRequest}</dt>
              <dd>{request.id}</dd>
            </dl>
            <p>{common.errorHint}</p>
          </>
        )}
      </State>
    </div>
  );
}

/** What Loaded takes of a query, be it of one answer or of pages. */
type Query<T> = { data: T | undefined; isError: boolean; error: unknown; refetch: () => unknown };
type LoadedProps<T> = { query: Query<T>; skeleton?: ReactNode; children: (data: T) => ReactNode };

/**
 * Shows the data of a query. Before they arrive, it shows a skeleton or the
 * error.
 */
export function Loaded<T>({ query, skeleton, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <Skeleton>{skeleton}</Skeleton>;
}
