import type { components } from "../../api/schema.d.ts";
import { events } from "../../messages/en/events.ts";

/** A webhook, in the form of lists. */
export type Webhook = components["schemas"]["WebhookRow"];

/** A delivery to a webhook. */
export type Delivery = components["schemas"]["DeliveryRow"];

/** A type of events, a group of types, or all. */
export type Pattern = Webhook["events"][number];

/** A group of types, such as "token.*". */
export type Group = Extract<Pattern, `${string}.*`>;

/** One type of events. */
export type Type = Exclude<Pattern, "*" | Group>;

// The compiler compares what the catalogue has with what the API admits.
const meanings: Readonly<Record<Type, string>> = events;

/** The types of events, in the order of the documents. */
export const types = Object.keys(meanings) as Type[];

/**
 * meaningOf says what a type means. The API may know more types than this
 * console does.
 */
export const meaningOf = (type: string): string | undefined => (meanings as Record<string, string>)[type];

/** groupOf returns the group of a type. */
export const groupOf = (type: string): Group => `${type.split(".")[0]}.*` as Group;

/** typesOf returns the types of a group, in the order of the documents. */
export const typesOf = (group: Group): Type[] => types.filter((type) => groupOf(type) === group);

/**
 * selectsAll says whether a webhook is sent all events, also of types that are
 * added later.
 */
export const selectsAll = (events: readonly Pattern[]): boolean => events.length === 0 || events.includes("*");

/**
 * choose adds or removes a group or a type. With a group its single types are
 * dropped, as it has them.
 */
export function choose(chosen: readonly Pattern[], one: Pattern, on: boolean): Pattern[] {
  const others = chosen.filter((each) => each !== one && !(isGroup(one) && groupOf(each) === one));
  return on ? [...others, one] : others;
}

const isGroup = (one: Pattern): boolean => one.endsWith(".*");
