import { expect, test } from "vitest";
import { isNew, mayBeNew, stepsOf } from "./steps.ts";

type Overview = Parameters<typeof stepsOf>[0];
type Row = Overview["profiles"][number];

const profile = (change: Partial<Row> = {}) =>
  ({ role: "owner", members: 0, invitations: 0, used: { sms: 0 }, ...change }) as Row;
const overview = (members: number, ...profiles: Row[]) =>
  ({ plan: "free", limits: { profiles: 1, members }, free: {}, profiles }) as unknown as Overview;
const none = { otp: { authenticator: false, email: false } as Parameters<typeof stepsOf>[1]["otp"] };
const done = (...of: Parameters<typeof stepsOf>) =>
  stepsOf(...of)
    .filter((step) => step.done)
    .map(({ id }) => id);

test("nothing is done before, and what the plan does not have is no step", () => {
  expect(stepsOf(overview(5, profile()), none, 0).map(({ id }) => id)).toEqual(["token", "invite", "limits", "factor"]);
  expect(done(overview(5, profile()), none, 0)).toEqual([]);
  expect(stepsOf(overview(0, profile()), none, 0).map(({ id }) => id)).toEqual(["token", "limits", "factor"]);
});

test("each step is done by what it is about", () => {
  expect(done(overview(5, profile()), none, 1)).toEqual(["token"]);
  expect(done(overview(5, profile({ invitations: 1 })), none, 0)).toEqual(["invite"]);
  expect(done(overview(5, profile(), profile({ used: { sms: 0, input: 3 } })), none, 0)).toEqual(["limits"]);
  expect(done(overview(5, profile()), { otp: { ...none.otp, email: true } }, 0)).toEqual(["factor"]);
});

test("what a shared profile has was not done by this person", () => {
  const shared = profile({ role: "member", members: null, invitations: null, used: { sms: 9 } });
  expect(done(overview(5, profile(), shared), none, 0)).toEqual([]);
});

test("an account is new for a day, until it hides the steps", () => {
  const made = "2026-11-27T10:00:00Z";
  const at = (hours: number) => new Date(made).getTime() + hours * 3_600_000;
  const account = (user_view_welcome: boolean) =>
    ({ created_at: made, options: { user_view_welcome } }) as Parameters<typeof isNew>[0];
  expect(isNew(account(false), at(23))).toBe(true);
  expect(isNew(account(false), at(24))).toBe(false);
  expect(isNew(account(true), at(1))).toBe(false);
});

test("whoever has no profile, or many, is not asked about", () => {
  expect(mayBeNew(overview(5))).toBe(false);
  expect(mayBeNew(overview(5, profile({ role: "member" })))).toBe(false);
  expect(mayBeNew(overview(5, profile(), profile({ role: "member" }), profile()))).toBe(true);
  expect(mayBeNew(overview(5, profile(), profile(), profile()))).toBe(false);
});
