// @vitest-environment happy-dom
import { expect, test, vi } from "vitest";
import { holdChanges } from "./hold.ts";

function world() {
  document.body.innerHTML = "<form><input><button></button></form>";
  const form = document.querySelector("form") as HTMLFormElement;
  const field = document.querySelector("input") as HTMLInputElement;
  const button = document.querySelector("button") as HTMLButtonElement;
  const changed = vi.fn();
  field.addEventListener("change", changed);
  const say = (on: Element, name: string) => on.dispatchEvent(new Event(name, { bubbles: true }));
  return { stop: holdChanges(form), field, button, changed, say };
}

test("a field that is left by a press says so after the click", async () => {
  const { field, button, changed, say } = world();
  say(button, "pointerdown");
  say(field, "change");
  expect(changed).not.toHaveBeenCalled();
  say(button, "pointerup");
  expect(changed).not.toHaveBeenCalled();
  await new Promise((resolve) => setTimeout(resolve));
  expect(changed).toHaveBeenCalledOnce();
});

test("a field that is left by the keyboard says so at once, and every field does when it is over", () => {
  const { stop, field, button, changed, say } = world();
  say(field, "change");
  expect(changed).toHaveBeenCalledOnce();
  say(button, "pointerdown");
  stop();
  say(field, "change");
  expect(changed).toHaveBeenCalledTimes(2);
});
