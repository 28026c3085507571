/**
 * Keeps the layout of a form while a pointer is down. A field that loses the
 * focus shows or removes its error. If this happened between the press and the
 * release of a button, the button would move from under the pointer, and the
 * press would be lost. Returns a function that stops.
 */
export function holdChanges(form: HTMLFormElement): () => void {
  let pressed = false;
  const held = new Set<EventTarget>();
  const down = () => {
    pressed = true;
  };
  const up = () => {
    pressed = false;
    // The click comes with the release, and this runs after it.
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
