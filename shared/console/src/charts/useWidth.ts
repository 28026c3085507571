import { type RefObject, useLayoutEffect, useRef, useState } from "react";

/**
 * useWidth measures an element, so that a chart can be drawn in pixels and its
 * texts keep their size.
 */
export function useWidth<E extends HTMLElement>(first: number): [RefObject<E | null>, number] {
  const element = useRef<E>(null);
  const [width, setWidth] = useState(first);
  useLayoutEffect(() => {
    const at = element.current;
    if (!at) return;
    const measure = () => setWidth(Math.max(Math.floor(at.clientWidth), 1));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(at);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}
