import { expect, test } from "vitest";
import { Format } from "../../lib/format.ts";
import {
  agents,
  heldUntil,
  isBlocking,
  isOpen,
  isRevertible,
  missing,
  nextStep,
  plain,
  span,
  stateOf,
  stepsOf,
  type View,
  whoseTurn,
} from "./words.ts";

const view: View = {
  state: "requested",
  role: "source",
  created_at: "2026-03-03T00:00:00.000Z",
  expires_at: "2026-03-10T00:00:00Z",
  turn: [],
  checks: [],
  timeline: [],
  returned: [],
};
const before = Date.parse("2026-03-09T23:59:59Z");
const after = Date.parse("2026-03-10T00:00:00Z");
const gates = { source: false, destination: false, support: false, prerequisites: true };
const states = (of: View, now = before) => stepsOf(of, now).map(({ state }) => state);

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
  expect(whoseTurn({ turn: ["source", "support"], role: "source" })).toBe("you and support");
  expect(whoseTurn({ turn: ["support"], role: "support" })).toBe("support");
  expect(whoseTurn({ turn: ["source"], role: "destination", reverts: "TR-0000-0000" })).toBe("the present owner");
  expect(whoseTurn({ turn: ["destination"], role: "source", email: "ben@example.com" })).toBe("ben@example.com");
  expect(whoseTurn({ turn: [], role: "source" })).toBe("nobody");
});

test("the next step is the reader's own, others', or nobody's", () => {
  expect(nextStep({ ...view, turn: ["source"] })).toBe("The next step is yours.");
  expect(nextStep({ ...view, turn: ["source", "support"] })).toContain("support can act");
  expect(nextStep({ ...view, turn: ["destination"] })).toBe("The next step is with the receiving side.");
  expect(nextStep(view)).toContain("by itself when nothing is missing");
});

test("each step says whether it is done, next, or to come", () => {
  expect(states({ ...view, gates, turn: ["source", "destination", "support"] })).toEqual([
    "done",
    "now",
    "now",
    "now",
    "todo",
  ]);
  const confirmed: View = {
    ...view,
    gates: { ...gates, source: true },
    turn: ["destination"],
    timeline: [{ time: "2026-03-03T01:00:00.000Z", event: "confirmed", by: "source" }],
  };
  expect(stepsOf(confirmed, before)[1]).toEqual({ id: "confirm", state: "done", at: "2026-03-03T01:00:00.000Z" });
});

test("where support has no say its step is not needed", () => {
  expect(states({ ...view, gates: { ...gates, support: true } })[3]).toBe("skipped");
  const approved = { time: "2026-03-03T01:00:00.000Z", event: "approved", by: "support", who: "a" } as const;
  expect(states({ ...view, gates: { ...gates, support: true }, timeline: [approved] })[3]).toBe("done");
});

test("a transfer that ended reached no further step, and two of support make a side's word needless", () => {
  expect(states({ ...view, state: "rejected", gates })).toEqual(["done", "stopped", "stopped", "stopped", "stopped"]);
  const back: View = { ...view, reverts: "TR-0000-0000", state: "completed", gates: { ...gates, support: true } };
  expect(states(back)).toEqual(["done", "skipped", "skipped", "done", "done"]);
  expect(stepsOf(back)[3]?.id).toBe("agents");
});

test("the agents are those who approved", () => {
  const timeline = ["a", "b"].map((who) => ({ time: "", event: "approved", by: "support", who }) as const);
  expect(agents({ timeline: [{ time: "", event: "note", by: "support", who: "c" }, ...timeline] })).toEqual(["a", "b"]);
});

const check = (code: View["checks"][number]["code"], side: "source" | "destination", ok: boolean, actual = "") => ({
  code,
  side,
  ok,
  expected: "",
  actual,
  fix: "",
});

test("a hold has an end, and does not keep anybody from a request", () => {
  const hold = check("hold", "source", false, "a change that holds transfers until 2026-03-06T00:00:00.000Z");
  expect(heldUntil({ checks: [hold] })).toBe("2026-03-06T00:00:00.000Z");
  expect(heldUntil({ checks: [{ ...hold, ok: true }] })).toBeUndefined();
  expect([isBlocking(hold), isBlocking(check("lock", "source", false))]).toEqual([false, true]);
});

test("what is missing comes with the reader's own side first", () => {
  const checks = [check("source", "source", false), check("destination-plan", "destination", false)];
  expect(missing({ checks, role: "destination" }).map(({ code }) => code)).toEqual(["destination-plan", "source"]);
});

test("texts of the service get times and numbers as the account reads them", () => {
  const format = new Format({ timezone: "UTC" });
  expect(plain("1000000 until 2026-03-14T09:26:53.589Z, on 2026-03-14", format)).toBe(
    "1,000,000 until Mar 14, 2026, 09:26, on 2026-03-14",
  );
});

test("spans have the two largest units", () => {
  expect([span(0), span(59), span(60), span(1500)]).toEqual(["0 min", "59 min", "1 h", "1 day 1 h"]);
});
