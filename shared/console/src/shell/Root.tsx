import { type ErrorComponentProps, Outlet } from "@tanstack/react-router";
import CloudOff from "lucide-react/icons/cloud-off";
import Hourglass from "lucide-react/icons/hourglass";
import { useEffect, useState, useSyncExternalStore } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { ApiError, ConnectionError } from "../api/errors.ts";
import { hooks } from "../api/policy.ts";
import { Button } from "../kit/Button.tsx";
import { Link } from "../kit/Link.tsx";
import { ErrorState, Skeleton } from "../kit/States.tsx";
import { common } from "../messages/en/common.ts";
import { useSessionState } from "../session/store.ts";
import styles from "./Root.module.css";

/**
 * A part of the console could not be loaded, as another version has taken its
 * place.
 */
export class NewVersion extends Error {
  constructor(cause: unknown) {
    super(common.chunkTitle, { cause });
  }
}

/** The frame of every page. */
export function Root() {
  return (
    <I18nProvider locale="en-US">
      <Outlet />
      <Banners />
    </I18nProvider>
  );
}

/** The contents of the frame while a page loads. */
export function Pending() {
  return (
    <>
      <h1 className="visually-hidden">{common.loading}</h1>
      <Skeleton />
    </>
  );
}

/** A page that broke. */
export function ErrorPage({ error, reset }: ErrorComponentProps) {
  const stale = error instanceof NewVersion;
  const api = error instanceof ApiError || error instanceof ConnectionError;
  return (
    <main className={styles.middle} id="main">
      {api ? (
        <ErrorState error={error} onRetry={reset} />
      ) : (
        <>
          <h1>{stale ? common.chunkTitle : common.crashTitle}</h1>
          <p>{stale ? common.chunkText : common.crashText}</p>
          <Button kind="primary" onPress={() => globalThis.location.reload()}>
            {common.reload}
          </Button>
        </>
      )}
    </main>
  );
}

/** An address that is none of the console. */
export function Stray() {
  const { session } = useSessionState();
  return (
    <main className={styles.middle} id="main">
      <h1>{common.notFoundTitle}</h1>
      <p>{common.notFound}</p>
      <Link to={session ? "/profiles" : "/sign-in"} kind="primary">
        {common.toProfiles}
      </Link>
    </main>
  );
}

function subscribeOnline(listener: () => void) {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}

// Banners say what concerns the whole page: no connection, and a request that
// waits for a rate limit.
function Banners() {
  const online = useSyncExternalStore(subscribeOnline, () => navigator.onLine);
  const [until, setUntil] = useState<number>();
  const [now, setNow] = useState(0);
  useEffect(() => {
    hooks.waiting = (moment) => {
      setNow(Date.now());
      setUntil(moment);
    };
    return () => {
      hooks.waiting = undefined;
    };
  }, []);
  useEffect(() => {
    if (until === undefined) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [until]);
  return (
    <div className={styles.banners} role="status">
      {!online && (
        <p className={styles.banner}>
          <CloudOff size="1rem" aria-hidden /> {common.offline}
        </p>
      )}
      {until !== undefined && (
        <p className={styles.banner} aria-live="off">
          <Hourglass size="1rem" aria-hidden /> {common.waiting(Math.max(0, Math.ceil((until - now) / 1000)))}
        </p>
      )}
    </div>
  );
}
