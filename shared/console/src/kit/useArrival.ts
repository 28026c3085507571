import { type RefObject, useEffect } from "react";

// Where the person is. The page that the browser opened leaves the focus where the browser puts it.
let arrived: string | undefined;

/**
 * Takes the focus to the heading when a person arrives at another page, so that screen readers say where they are and a keyboard begins there.
 * A page that does not know yet where it is says undefined; one with a field that has the focus spares it.
 */
export function useArrival(at: string | undefined, head: RefObject<HTMLElement | null>, spares?: () => boolean): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is spared is asked for at the arrival
  useEffect(() => {
    if (at === undefined) return;
    if (arrived !== undefined && arrived !== at && !spares?.()) head.current?.focus({ preventScroll: true });
    arrived = at;
  }, [at, head]);
}
