import { useEffect, useState } from "react";

const interval = 60_000;

/** useVisiblePoll returns how often to read again, in one of the tabs that show the console: the one that has the lock. */
export function useVisiblePoll(): number | false {
  const [mine, setMine] = useState(false);
  useEffect(() => {
    if (!navigator.locks) return;
    const ending = new AbortController();
    navigator.locks
      .request("poll", { signal: ending.signal }, () => {
        setMine(true);
        return new Promise<void>((resolve) => ending.signal.addEventListener("abort", () => resolve()));
      })
      .catch(() => {});
    return () => ending.abort();
  }, []);
  return mine ? interval : false;
}
