import type { Service } from "../../messages/en/services.ts";

export type Step = "hour" | "day" | "month";

/** The span in the address. Days are those of the account's zone. */
export type Search = { from?: string; to?: string; by?: Step; service?: Service };

/** isStep returns whether a text names a step. */
export const isStep = (text: unknown): text is Step => text === "hour" || text === "day" || text === "month";
