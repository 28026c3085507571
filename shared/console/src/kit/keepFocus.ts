// The time in which other code may move the focus itself. Dialogs and menus
// that close do so in the next frames.
const patience = 150;

/**
 * Keeps the focus on the page when the element with the focus disappears, such
 * as a form after its success. Otherwise the keyboard would begin at the top
 * again, and a screen reader would say nothing. The focus moves to the part of
 * the page around the element, or else to the heading. Returns a function that
 * stops.
 */
export function keepFocus(heading: () => HTMLElement | null): () => void {
  let around: HTMLElement[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const remember = ({ target }: FocusEvent) => {
    around = [];
    for (let one = target as HTMLElement | null; one; one = one.parentElement) around.push(one);
  };
  // A press on something that cannot have the focus removes it.
  const forget = () => {
    around = [];
  };
  const look = () => {
    if (document.activeElement !== document.body || around.length === 0 || around[0]?.isConnected) return;
    const part = around.find((one) => one.isConnected && one.matches("main section"));
    around = [];
    if (part && !part.hasAttribute("tabindex")) part.tabIndex = -1;
    (part ?? heading())?.focus({ preventScroll: true });
  };
  const watcher = new MutationObserver(() => {
    if (around.length === 0 || around[0]?.isConnected) return;
    clearTimeout(timer);
    timer = setTimeout(look, patience);
  });
  watcher.observe(document.body, { childList: true, subtree: true });
  document.addEventListener("focusin", remember);
  document.addEventListener("pointerdown", forget, { capture: true });
  return () => {
    watcher.disconnect();
    clearTimeout(timer);
    document.removeEventListener("focusin", remember);
    document.removeEventListener("pointerdown", forget, { capture: true });
  };
}
