import { levels, type Service, serviceIds } from "../messages/en/services.ts";

/** The limits and the usage of a profile, from the overview. */
export type Usage = { allocation: Record<string, number>; used: Record<string, number>; blocked: readonly string[] };

/** One service of a profile. */
export type Share = { service: Service; used: number; limit: number; share: number; blocked: boolean; level: boolean };

/**
 * shareOf returns how much of its part of a service a profile has used; 1 is
 * all of it.
 */
export function shareOf({ allocation, used, blocked }: Usage, service: Service): Share {
  const limit = allocation[service] ?? 0;
  const amount = used[service] ?? 0;
  const share = limit > 0 ? amount / limit : amount > 0 ? 1 : 0;
  return { service, used: amount, limit, share, blocked: blocked.includes(service), level: levels.includes(service) };
}

/**
 * closest returns the service that is closest to its limit, a blocked one
 * before all others; undefined when nothing was used.
 */
export function closest(usage: Usage): Share | undefined {
  const [first] = serviceIds.map((service) => shareOf(usage, service)).sort(byCloseness);
  return first && (first.used > 0 || first.blocked) ? first : undefined;
}

/**
 * byCloseness orders shares: blocked ones first, then by what is used of the
 * limit.
 */
export function byCloseness(a: Share, b: Share): number {
  return Number(b.blocked) - Number(a.blocked) || b.share - a.share;
}
