import type { components } from "../../api/schema.d.ts";
import { type Service, serviceIds } from "../../messages/en/services.ts";

export type Prices = components["schemas"]["PriceList"];
export type View = components["schemas"]["SubscriptionView"];
export type Schedule = components["schemas"]["ScheduleView"];
export type Plan = View["plan"];
export type Addon = "custom_dns" | "mobile";
export const addonIds: readonly Addon[] = ["custom_dns", "mobile"];
export const planIds: readonly Plan[] = ["free", "starter", "scale"];

/** A subscription, now or after a renewal. */
export type Has = {
  plan: Plan;
  limits: Record<Service, number>;
  addons: Record<Addon, readonly string[]>;
};

/** One request: the API takes one of the three at a time. */
export type Change =
  | { plan: Plan }
  | { services: Partial<Record<Service, number>> }
  | { addons: Partial<Record<Addon, readonly string[]>> };

/**
 * Add-ons of profiles that a person wants or does not want any more, by "addon
 * profile".
 */
export type Toggles = Partial<Record<`${Addon} ${string}`, boolean>>;

/**
 * toggled returns the change that toggles ask for, from the state that the
 * account will have: for each changed add-on, all its profiles.
 */
export function toggled({ addons }: Has, toggles: Toggles): { addons: Partial<Record<Addon, readonly string[]>> } {
  const changed: Partial<Record<Addon, readonly string[]>> = {};
  for (const addon of addonIds) {
    const ids = new Set(addons[addon]);
    for (const [key, on] of Object.entries(toggles)) {
      const [of, id = ""] = key.split(" ");
      if (of !== addon) continue;
      if (on) ids.add(id);
      else ids.delete(id);
    }
    const same = ids.size === addons[addon].length && addons[addon].every((id) => ids.has(id));
    if (!same) changed[addon] = [...ids];
  }
  return { addons: changed };
}

/** hasNow is the present subscription. */
export const hasNow = ({ plan, services, addons }: View): Has => ({
  plan,
  limits: Object.fromEntries(serviceIds.map((id) => [id, services[id]?.limit ?? 0])) as Has["limits"],
  addons: Object.fromEntries(addonIds.map((id) => [id, addons[id] ?? []])) as unknown as Has["addons"],
});

/** The limits that are included in every plan: the first tiers. */
const included = (prices: Prices): Has["limits"] =>
  Object.fromEntries(serviceIds.map((id) => [id, prices[id][0]?.amount ?? 0])) as Has["limits"];

// settled is the part that a plan keeps of the rest. Free keeps the included
// limits, and no add-on.
function settled(has: Has, prices: Prices): Has {
  return has.plan === "free" ? { ...has, limits: included(prices), addons: { custom_dns: [], mobile: [] } } : has;
}

/** hasNext is the subscription after the renewal. */
export function hasNext(view: View, { subscription }: Schedule, prices: Prices): Has {
  const now = hasNow(view);
  if (!subscription) return settled(now, prices);
  const limits = { ...now.limits };
  for (const id of serviceIds) limits[id] = subscription.services?.[id]?.limit ?? limits[id];
  const addons = { ...now.addons };
  for (const id of addonIds) addons[id] = subscription.addons?.[id] ?? addons[id];
  return settled({ plan: subscription.plan ?? now.plan, limits, addons }, prices);
}

/**
 * priceOf is the price of a limit for a cycle. A limit that is no tier costs as
 * much as the next tier.
 */
export const priceOf = (prices: Prices, service: Service, limit: number): number =>
  (prices[service].find(({ amount }) => limit <= amount) ?? prices[service].at(-1))?.price ?? 0;

const planOf = ({ plans }: Prices, plan: Plan) => plans.find(({ name }) => name === plan);
export const planPrice = (prices: Prices, plan: Plan): number => planOf(prices, plan)?.price ?? 0;
export const addonPrice = ({ addons }: Prices, addon: Addon): number =>
  addons.find(({ name }) => name === addon)?.price ?? 0;

/**
 * admits is how many profiles an account with a plan may have, and how many
 * members each profile.
 */
export const admits = (prices: Prices, plan: Plan): { profiles: number; members: number } =>
  planOf(prices, plan)?.limits ?? { profiles: 0, members: 0 };

/** renewalOf is the price of a renewal. */
export function renewalOf(prices: Prices, { plan, limits, addons }: Has): number {
  if (plan === "free") return 0;
  const services = serviceIds.reduce((all, id) => all + priceOf(prices, id, limits[id]), 0);
  const extras = addonIds.reduce((all, id) => all + addons[id].length * addonPrice(prices, id), 0);
  return planPrice(prices, plan) + services + extras;
}

/**
 * laterOf is the state from which a person chooses: that after the renewal, or
 * the present one where the plan Free is to take everything.
 */
export const laterOf = (view: View, schedule: Schedule, prices: Prices): Has =>
  schedule.subscription?.plan === "free" ? hasNow(view) : hasNext(view, schedule, prices);

export type Outcome = { now: Has; next: Has };

/**
 * after is the result of a change: the subscription at once, and after the
 * renewal. A part that costs more changes at once, and one that costs less
 * changes with the renewal. A new choice replaces the scheduled one for the
 * same thing.
 */
export function after(view: View, schedule: Schedule, prices: Prices, change: Change): Outcome {
  const now = hasNow(view);
  // The plan Free sets everything, so other scheduled changes are ignored.
  const { plan: nextPlan = null, ...rest } = schedule.subscription ?? {};
  const next = hasNext(
    view,
    { ...schedule, subscription: { ...rest, plan: "plan" in change ? null : nextPlan } },
    prices,
  );
  const unsettled = hasNext(view, { ...schedule, subscription: { ...rest } }, prices);
  if ("plan" in change) {
    const more = planPrice(prices, change.plan) > planPrice(prices, now.plan);
    return {
      now: more ? { ...now, plan: change.plan } : now,
      next: settled({ ...(now.plan === "free" ? now : unsettled), plan: change.plan }, prices),
    };
  }
  if ("services" in change) {
    const [limits, later] = [{ ...now.limits }, { ...next.limits }];
    for (const id of serviceIds) {
      const limit = change.services[id];
      if (limit === undefined) continue;
      limits[id] = Math.max(limits[id], limit);
      later[id] = limit;
    }
    return { now: { ...now, limits }, next: settled({ ...next, limits: later }, prices) };
  }
  const [addons, later] = [{ ...now.addons }, { ...next.addons }];
  for (const id of addonIds) {
    const wanted = change.addons[id];
    if (wanted === undefined) continue;
    addons[id] = [...new Set([...addons[id], ...wanted])];
    later[id] = wanted;
  }
  return { now: { ...now, addons }, next: settled({ ...next, addons: later }, prices) };
}

export type Charge = { kind: "plan" | "service" | "addon"; what: string; profile?: string; amount: number };

/**
 * chargesOf is the cost of a change now, with the prices for the rest of the
 * cycle.
 */
export function chargesOf(view: View, prorated: Prices, change: Change): Charge[] {
  const now = hasNow(view);
  if ("plan" in change) {
    const amount = planPrice(prorated, change.plan) - planPrice(prorated, now.plan);
    return amount > 0 ? [{ kind: "plan", what: change.plan, amount }] : [];
  }
  if ("services" in change) {
    return serviceIds.flatMap((id): Charge[] => {
      const limit = change.services[id];
      if (limit === undefined || limit <= now.limits[id]) return [];
      const amount = priceOf(prorated, id, limit) - priceOf(prorated, id, now.limits[id]);
      return [{ kind: "service", what: id, amount }];
    });
  }
  return addonIds.flatMap((id) =>
    (change.addons[id] ?? [])
      .filter((profile) => !now.addons[id].includes(profile))
      .map((profile): Charge => ({ kind: "addon", what: id, profile, amount: addonPrice(prorated, id) })),
  );
}

type Allocation = { profile: string } & Record<Service, number>;
export type Shrink = { profile: string; service: Service; from: number; to: number };

/**
 * shrinks has the losses of profiles with smaller limits. If the profiles have
 * more than the new limit, each gets less in proportion.
 */
export function shrinks(rows: readonly Allocation[], limits: Has["limits"]): Shrink[] {
  return serviceIds.flatMap((service) => {
    const given = rows.reduce((all, row) => all + row[service], 0);
    const limit = limits[service];
    if (given <= limit) return [];
    return rows.flatMap((row) => {
      const to = Number((BigInt(row[service]) * BigInt(limit)) / BigInt(given));
      return to < row[service] ? [{ profile: row.profile, service, from: row[service], to }] : [];
    });
  });
}

/** The scheduled changes, each with the request that cancels it. */
export type Scheduled =
  | { kind: "plan"; from: Plan; to: Plan; back: Change }
  | { kind: "service"; service: Service; from: number; to: number; back: Change }
  | { kind: "addon"; addon: Addon; profiles: string[]; back: Change };

export function scheduledOf(view: View, { subscription }: Schedule): Scheduled[] {
  if (!subscription) return [];
  const now = hasNow(view);
  const { plan } = subscription;
  return [
    ...(plan ? [{ kind: "plan" as const, from: now.plan, to: plan, back: { plan: now.plan } }] : []),
    ...serviceIds.flatMap((service): Scheduled[] => {
      const to = subscription.services?.[service]?.limit;
      const from = now.limits[service];
      return to === undefined ? [] : [{ kind: "service", service, from, to, back: { services: { [service]: from } } }];
    }),
    ...addonIds.flatMap((addon): Scheduled[] => {
      const keep = subscription.addons?.[addon];
      if (!keep) return [];
      const profiles = now.addons[addon].filter((id) => !keep.includes(id));
      return [{ kind: "addon", addon, profiles, back: { addons: { [addon]: now.addons[addon] } } }];
    }),
  ];
}

/** bodyOf is the body of the request with a change. */
export function bodyOf(change: Change): components["schemas"]["SubscriptionChanges"] {
  if ("plan" in change) return { plan: change.plan };
  if ("services" in change) {
    return {
      services: Object.fromEntries(Object.entries(change.services).map(([id, limit]) => [id, { limit }])),
    };
  }
  return { addons: Object.fromEntries(Object.entries(change.addons).map(([id, list]) => [id, [...list]])) };
}
