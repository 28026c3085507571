// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepFocus } from "./keepFocus.ts";

const at = () => document.activeElement?.id || document.activeElement?.tagName;
const get = (id: string) => document.getElementById(id) as HTMLElement;
let stop = () => {};

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = `<main><h1 id="head" tabindex="-1"></h1>
    <section id="part"><form id="form"><button id="button"></button></form></section></main>`;
  stop = keepFocus(() => get("head"));
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

test("the part around what has gone gets the focus", async () => {
  get("button").focus();
  get("form").remove();
  await vi.advanceTimersByTimeAsync(200);
  expect(at()).toBe("part");
});

test("the heading gets it when the whole part has gone", async () => {
  get("button").focus();
  get("part").remove();
  await vi.advanceTimersByTimeAsync(200);
  expect(at()).toBe("head");
});

test("it stays where others put it, and away when a person left by a press", async () => {
  get("button").focus();
  get("form").remove();
  get("head").focus();
  await vi.advanceTimersByTimeAsync(200);
  expect(at()).toBe("head");

  get("part").innerHTML = `<button id="other"></button>`;
  get("other").focus();
  get("part").dispatchEvent(new Event("pointerdown", { bubbles: true }));
  get("other").remove();
  await vi.advanceTimersByTimeAsync(200);
  expect(at()).toBe("BODY");
});
