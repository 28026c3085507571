import { useEffect, useState } from "react";

// A press that comes sooner than this was meant for the earlier contents.
const readyAfter = 800;

/**
 * useReady says whether contents have been shown for long enough that a person
 * has seen them. Until then a press does not confirm them.
 */
export function useReady(): boolean {
  const [ready, setReady] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setReady(true), readyAfter);
    return () => clearTimeout(timer);
  }, []);
  return ready;
}
