/**
 * Keeps a form as it is while a pointer is down. A field that is left says what is wrong with it, or says it no more. If it did so between the
 * press and the release of a button, the button would move from under the pointer, and the press would be lost. Returns how to stop.
 */
export function holdChanges(form: HTMLFormElement): () => void {
  let pressed = false;
  const held = new Set<EventTarget>();
  const down = () => {
    pressed = true;
  };
  const up = () => {
    pressed = false;
    // After the click, which comes with the release.
    setTimeout(() => {
      for (const field of held) field.dispatchEvent(new Event("change", { bubbles: true }));
      held.clear();
    });
  };
  const change = (event: Event) => {
    if (!pressed || !event.target) return;
    event.stopImmediatePropagation();
    held.add(event.target);
  };
  const watch: [EventTarget, string, (event: Event) => void][] = [
    [form, "pointerdown", down],
    [document, "pointerup", up],
    [document, "pointercancel", up],
    [form, "change", change],
  ];
  for (const [on, name, listener] of watch) on.addEventListener(name, listener, { capture: true });
  return () => {
    for (const [on, name, listener] of watch) on.removeEventListener(name, listener, { capture: true });
  };
}
