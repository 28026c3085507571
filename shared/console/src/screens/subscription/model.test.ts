import { expect, test } from "vitest";
import { type Service, serviceIds } from "../../messages/en/services.ts";
import {
  after,
  chargesOf,
  hasNext,
  type Prices,
  renewalOf,
  type Schedule,
  scheduledOf,
  shrinks,
  toggled,
  type View,
} from "./model.ts";

const tiers = [
  { amount: 10, price: 0 },
  { amount: 100, price: 250 },
  { amount: 200, price: 500 },
];
const list = (share: number): Prices =>
  ({
    plans: [
      { name: "free", price: 0, limits: { profiles: 1, members: 0 } },
      { name: "starter", price: 4900 * share, limits: { profiles: 2, members: 1 } },
      { name: "scale", price: 19900 * share, limits: { profiles: 5, members: 5 } },
    ],
    addons: [
      { name: "custom_dns", price: 9900 * share },
      { name: "mobile", price: 9900 * share },
    ],
    ...Object.fromEntries(serviceIds.map((id) => [id, tiers.map((tier) => ({ ...tier, price: tier.price * share }))])),
  }) as Prices;
const [prices, half] = [list(1), list(0.5)];

const account = (plan: View["plan"], limits: Partial<Record<Service, number>> = {}, mobile: string[] = []): View => ({
  account: "a",
  plan,
  services: Object.fromEntries(serviceIds.map((id) => [id, { limit: limits[id] ?? 10 }])),
  addons: { custom_dns: [], mobile },
  current_cycle: { start: "2026-11-01T00:00:00Z", end: "2026-12-01T00:00:00Z" },
  processing: false,
  upcoming_invoice_total: 0,
  trial_end: null,
});
const nothing: Schedule = { account: "a", release_at: null };
const scheduled = (subscription: Schedule["subscription"]): Schedule => ({
  account: "a",
  release_at: "2026-12-01T00:00:00Z",
  subscription,
});
const renewal = (view: View, schedule: Schedule, change: Parameters<typeof after>[3]) =>
  renewalOf(prices, after(view, schedule, prices, change).next);

test("a renewal costs the plan, the limits and the add-ons", () => {
  const view = account("scale", { sms: 200, input: 150 }, ["p", "q"]);
  expect(renewalOf(prices, hasNext(view, nothing, prices))).toBe(19900 + 500 + 500 + 2 * 9900);
  expect(renewalOf(prices, hasNext(view, scheduled({ plan: "free" }), prices))).toBe(0);
  expect(renewalOf(prices, hasNext(account("free", { sms: 200 }), nothing, prices))).toBe(0);
});

test("a higher plan costs the difference now, a lower one nothing", () => {
  expect(chargesOf(account("starter"), half, { plan: "scale" })).toEqual([
    { kind: "plan", what: "scale", amount: 7500 },
  ]);
  expect(chargesOf(account("scale"), half, { plan: "free" })).toEqual([]);
  expect(renewal(account("starter"), nothing, { plan: "scale" })).toBe(19900);
  expect(after(account("scale", { sms: 200 }), nothing, prices, { plan: "free" })).toMatchObject({
    now: { plan: "scale", limits: { sms: 200 } },
    next: { plan: "free", limits: { sms: 10 } },
  });
});

test("limits cost the difference now, and less waits for the renewal", () => {
  const view = account("scale", { sms: 100, email: 200 });
  const change = { services: { sms: 200, email: 10 } };
  expect(chargesOf(view, half, change)).toEqual([{ kind: "service", what: "sms", amount: 125 }]);
  expect(after(view, nothing, prices, change)).toMatchObject({
    now: { limits: { sms: 200, email: 200 } },
    next: { limits: { sms: 200, email: 10 } },
  });
  expect(renewal(view, nothing, change)).toBe(19900 + 500);
});

test("what is chosen again takes the place of what was scheduled, the rest stays", () => {
  const view = account("scale", { sms: 200, email: 200 }, ["p"]);
  const waiting = scheduled({
    plan: "starter",
    services: { sms: { limit: 10 }, email: { limit: 100 } },
    addons: { mobile: [] },
  });
  expect(renewal(view, waiting, { services: { sms: 200 } })).toBe(4900 + 500 + 250);
  expect(renewal(view, waiting, { plan: "scale" })).toBe(19900 + 0 + 250);
  expect(renewal(view, waiting, { addons: { mobile: ["p"] } })).toBe(4900 + 250 + 9900);
  expect(renewal(view, scheduled({ plan: "free" }), { plan: "scale" })).toBe(19900 + 500 + 500 + 9900);
  expect(renewal(view, scheduled({ plan: "free", services: { sms: { limit: 10 } } }), { plan: "starter" })).toBe(
    4900 + 0 + 500 + 9900,
  );
});

test("a new add-on is charged for its profile, one that ends is not", () => {
  const view = account("scale", {}, ["p"]);
  const change = { addons: { mobile: ["q"] } };
  expect(chargesOf(view, half, change)).toEqual([{ kind: "addon", what: "mobile", profile: "q", amount: 4950 }]);
  expect(after(view, nothing, prices, change)).toMatchObject({
    now: { addons: { mobile: ["p", "q"] } },
    next: { addons: { mobile: ["q"] } },
  });
});

test("what shrinks does so in proportion, and only where more is given than there will be", () => {
  const each = (amount: number) => Object.fromEntries(serviceIds.map((id) => [id, amount])) as Record<Service, number>;
  const rows = [
    { profile: "a", ...each(0), sms: 120, email: 5 },
    { profile: "b", ...each(0), sms: 30 },
  ];
  expect(shrinks(rows, { ...each(10), sms: 100 })).toEqual([
    { profile: "a", service: "sms", from: 120, to: 80 },
    { profile: "b", service: "sms", from: 30, to: 20 },
  ]);
});

test("each thing that is scheduled can be taken back alone", () => {
  const view = account("scale", { sms: 200 }, ["p", "q"]);
  expect(
    scheduledOf(view, scheduled({ plan: "starter", services: { sms: { limit: 100 } }, addons: { mobile: ["q"] } })),
  ).toEqual([
    { kind: "plan", from: "scale", to: "starter", back: { plan: "scale" } },
    { kind: "service", service: "sms", from: 200, to: 100, back: { services: { sms: 200 } } },
    { kind: "addon", addon: "mobile", profiles: ["p"], back: { addons: { mobile: ["p", "q"] } } },
  ]);
  expect(scheduledOf(view, nothing)).toEqual([]);
});

test("what is toggled changes that profile alone, also when another tab has changed the add-on since", () => {
  const has = (custom_dns: string[], mobile: string[] = []) => ({
    ...({} as Parameters<typeof toggled>[0]),
    addons: { custom_dns, mobile },
  });
  const chosen = { "custom_dns p1": true, "mobile p2": false };
  expect(toggled(has([]), chosen)).toEqual({ addons: { custom_dns: ["p1"] } });
  expect(toggled(has(["p3"], ["p2", "p4"]), chosen)).toEqual({
    addons: { custom_dns: ["p3", "p1"], mobile: ["p4"] },
  });
  expect(toggled(has(["p1"]), chosen)).toEqual({ addons: {} });
});
