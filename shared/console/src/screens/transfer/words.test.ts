import { expect, test } from "vitest";
import { Format } from "../../lib/format.ts";
import { isOpen, isRevertible, plain, span, stateOf, type View, whoseTurn } from "./words.ts";

const view: View = {
  state: "requested",
  role: "source",
  expires_at: "2026-03-10T00:00:00Z",
  turn: [],
  checks: [],
  timeline: [],
};
const before = Date.parse("2026-03-09T23:59:59Z");
const after = Date.parse("2026-03-10T00:00:00Z");

test("a transfer is open up to its end, and expired from then on", () => {
  expect([isOpen(view, before), stateOf(view, before)]).toEqual([true, "requested"]);
  expect([isOpen(view, after), stateOf(view, after)]).toEqual([false, "expired"]);
});

test("only what completed can be taken back, for as long as that is offered", () => {
  const done: View = { ...view, state: "completed", revert_until: "2026-03-10T00:00:00Z" };
  expect([isRevertible(done, before), isRevertible(done, after)]).toEqual([true, false]);
  expect(isRevertible({ ...done, state: "canceled" }, before)).toBe(false);
});

test("whose turn it is, for the one who reads", () => {
  expect(whoseTurn({ turn: ["source", "support"], role: "source" })).toBe("you and the support desk");
  expect(whoseTurn({ turn: ["support"], role: "support" })).toBe("the support desk");
  expect(whoseTurn({ turn: [], role: "source" })).toBe("nobody; it is tried again by itself");
});

test("texts of the service get times and numbers as the account reads them", () => {
  const format = new Format({ timezone: "UTC" });
  expect(plain("1000000 until 2026-03-14T09:26:53.589Z, on 2026-03-14", format)).toBe(
    "1,000,000 until Mar 14, 2026, 09:26, on 2026-03-14",
  );
});

test("spans have the two largest units", () => {
  expect([span(0), span(59), span(60), span(1500)]).toEqual(["0 min", "59 min", "1 h", "1 d 1 h"]);
});
