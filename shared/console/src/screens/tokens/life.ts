import { day } from "../../lib/days.ts";
import type { Format } from "../../lib/format.ts";

/**
 * How long tokens of a profile may live: at most a number of days (null: no
 * limit), and whether tokens without an end are allowed.
 */
export type Policy = { longest_days: number | null; never: boolean };

/**
 * An end that is offered: a number of days from now, a certain day, or never.
 */
export type End = { kind: "days"; days: number } | { kind: "date" } | { kind: "never" };

const usual = [7, 30, 90, 365];
const preferred = 90;

/**
 * endsOf returns the ends that a policy allows. The longest allowed one is
 * among them.
 */
export function endsOf({ longest_days: longest, never }: Policy): End[] {
  const days = usual.filter((count) => longest === null || count <= longest);
  if (longest !== null && longest < 365 && !days.includes(longest)) days.push(longest);
  return [
    ...days.map((count): End => ({ kind: "days", days: count })),
    { kind: "date" },
    ...(never ? [{ kind: "never" } as const] : []),
  ];
}

/** endKey names an end. */
export function endKey(end: End): string {
  return end.kind === "days" ? String(end.days) : end.kind;
}

/**
 * usualEnd is the end that is chosen at first: 90 days, or the longest allowed
 * one below that.
 */
export function usualEnd(policy: Policy): string {
  const days = endsOf(policy).flatMap((end) => (end.kind === "days" ? [end.days] : []));
  return String(Math.max(...days.filter((count) => count <= preferred)));
}

/**
 * expireTime is an end in the form of the API. A day ends in the time zone of
 * the person.
 */
export function expireTime(key: string, date: string): string {
  if (key === "never") return "never";
  return key === "date" ? date : `${key} days`;
}

/**
 * lastDay is the last day, in the form of a field for days, on which a token
 * may end: a number of days from now.
 */
export function lastDay(days: number, { dayOf }: Pick<Format, "dayOf">, now = Date.now()): string {
  return dayOf(now + days * day);
}

/**
 * How long a rotated token works beside the new one, in the form of the API.
 */
export const graces = ["0", "15 minutes", "1 hour", "6 hours", "24 hours", "3 days", "7 days"] as const;
export type Grace = (typeof graces)[number];

/** The grace that is chosen at first. */
export const usualGrace: Grace = "24 hours";

/**
 * readNetworks finds the addresses and networks in a text: one in each line, or
 * with commas or spaces between them.
 */
export function readNetworks(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((one) => one !== ""))];
}

/**
 * wrongNetwork is the network that a refusal is about. The refusal names its
 * field.
 */
export function wrongNetwork(text: string, field: string): string | undefined {
  const place = /^allow_list\[(\d+)\]$/.exec(field)?.[1];
  return place === undefined ? undefined : readNetworks(text)[Number(place)];
}
