import { expect, test } from "vitest";
import { type Service, serviceIds } from "../../messages/en/services.ts";
import {
  type Amounts,
  bodyOf,
  changesOf,
  type Edits,
  evenly,
  faultOf,
  leftOf,
  type State,
  staleOf,
  stateOf,
  typed,
} from "./model.ts";

const each = (amount: number) => Object.fromEntries(serviceIds.map((id) => [id, amount])) as Amounts;

const state = (has: number[], used: number[] = [], limit = 100): State => ({
  limits: each(limit),
  rows: has.map((amount, number) => ({ profile: `p${number}`, ...each(amount) })),
  used: Object.fromEntries(used.map((amount, number) => [`p${number}`, each(amount)])),
});

const type = (at: State, ...texts: [string, Service, string][]) =>
  texts.reduce<Edits>((edits, [profile, service, text]) => typed(at, edits, profile, service, text), {});

test("what is left follows what is typed, and may be negative", () => {
  const at = state([60, 30]);
  expect(leftOf(at, {}, "sms")).toBe(10);
  expect(leftOf(at, type(at, ["p1", "sms", "50"]), "sms")).toBe(-10);
  expect(leftOf(at, type(at, ["p1", "sms", "x"]), "sms")).toBe(40);
});

test("typing what it was is no change", () => {
  const at = state([60, 30]);
  expect(type(at, ["p0", "sms", "70"], ["p0", "sms", "60"])).toEqual({});
  expect(changesOf(at, type(at, ["p0", "sms", "70"]))).toEqual([{ profile: "p0", service: "sms", from: 60, to: 70 }]);
});

test("no profile goes below what it has used or holds, and it may stay there", () => {
  const at = state([60, 10], [41, 20]);
  const fault = (profile: string, service: Service, text: string) =>
    faultOf(at, type(at, [profile, service, text]), profile, service);
  expect(fault("p0", "sms", "40")).toBe("too_low");
  expect(fault("p0", "data_records", "40")).toBe("too_low_level");
  expect(fault("p0", "sms", "41")).toBeUndefined();
  expect(fault("p1", "sms", "15")).toBeUndefined();
  expect(fault("p0", "sms", "101")).toBe("too_much");
  expect(fault("p0", "sms", "many")).toBe("not_number");
});

test("a number that was changed elsewhere is told, unless both want the same", () => {
  const before = state([60, 30]);
  const edits = type(before, ["p0", "sms", "70"], ["p1", "sms", "20"], ["p1", "email", "25"]);
  const after: State = {
    ...before,
    rows: [
      { profile: "p0", ...each(60), sms: 50 },
      { profile: "p1", ...each(30), sms: 20 },
    ],
  };
  expect(staleOf(after, edits)).toEqual([{ profile: "p0", service: "sms", base: 60, now: 50 }]);
  expect(changesOf(after, edits).map(({ service, to }) => [service, to])).toEqual([
    ["sms", 70],
    ["email", 25],
  ]);
});

test("an even division gives all, and no less than was used", () => {
  expect(evenly(state([0, 0, 0]), "sms")).toEqual({ p0: 34, p1: 33, p2: 33 });
  expect(evenly(state([90, 5, 5], [80, 0, 0]), "sms")).toEqual({ p0: 80, p1: 10, p2: 10 });
  expect(evenly(state([90, 45], [80, 40]), "sms")).toEqual({ p0: 80, p1: 40 });
});

test("the request says what was seen", () => {
  expect(
    bodyOf([
      { profile: "a", service: "sms", from: 40, to: 60 },
      { profile: "a", service: "email", from: 1, to: 0 },
      { profile: "b", service: "sms", from: 60, to: 40 },
    ]),
  ).toEqual([
    { profile: "a", sms: 60, email: 0, seen: { sms: 40, email: 1 } },
    { profile: "b", sms: 40, seen: { sms: 60 } },
  ]);
});

test("what profiles have used is known from the list of profiles, also of those that have no row", () => {
  const rows = [{ profile: "p0", ...each(10) }];
  const limits = { ...Object.fromEntries(serviceIds.map((id) => [id, { limit: 100 }])), other: { limit: 7 } };
  const at = stateOf(rows, limits, [
    { id: "shared", used: {} },
    { id: "p0", used: each(4) },
  ]);
  expect(at.limits).toEqual(each(100));
  expect(at.used["p0"]).toEqual(each(4));
  expect(leftOf(at, {}, "input")).toBe(90);
  expect(faultOf(at, type(at, ["p0", "input", "3"]), "p0", "input")).toBe("too_low");
});
