import type { components } from "../../api/schema.d.ts";

/** A webhook, in the form of lists. */
export type Webhook = components["schemas"]["WebhookRow"];

/** A delivery to a webhook. */
export type Delivery = components["schemas"]["DeliveryRow"];

/** A type of events, a group of types, or all. */
export type Pattern = Webhook["events"][number];

/** A group of types, such as "token.*". */
export type Group = Extract<Pattern, `${string}.*`>;

/**
 * choicesOf returns what can be chosen for a webhook: the groups, and before
 * them the single types that a program has chosen for it.
 */
export function choicesOf(groups: readonly Group[], chosen: readonly Pattern[]): Pattern[] {
  return [...chosen.filter((one) => !(groups as readonly Pattern[]).includes(one)), ...groups];
}
