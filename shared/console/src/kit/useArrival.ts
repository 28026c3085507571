import { type RefObject, useEffect } from "react";

// The present page. On the first page, the focus stays where the browser puts
// it.
let arrived: string | undefined;

/**
 * Moves the focus to the heading when a person opens another page, so that
 * screen readers read it and the keyboard begins there. A page that does not
 * know its heading yet passes undefined. A field of the page that has the focus
 * keeps it.
 */
export function useArrival(at: string | undefined, head: RefObject<HTMLElement | null>, spares?: () => boolean): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is spared is asked for at the arrival
  useEffect(() => {
    if (at === undefined) return;
    if (arrived !== undefined && arrived !== at && !spares?.()) head.current?.focus({ preventScroll: true });
    arrived = at;
  }, [at, head]);
}
