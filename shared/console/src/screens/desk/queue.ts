import type { components } from "../../api/schema.d.ts";
import type { Filter } from "./filter.ts";

export type Row = components["schemas"]["QueueRow"];

const fits: Record<Filter, (row: Row) => boolean> = {
  support: ({ turn }) => turn.includes("support"),
  late: ({ late }) => late,
  all: () => true,
};

/**
 * queueOf returns the transfers that a filter shows: late ones first, then by
 * age.
 */
export function queueOf(rows: readonly Row[], filter: Filter): Row[] {
  return rows.filter(fits[filter]).sort((a, b) => Number(b.late) - Number(a.late) || b.age_minutes - a.age_minutes);
}

/**
 * nextOf returns the transfer that support should decide about after another
 * one; undefined when none waits.
 */
export function nextOf(rows: readonly Row[], after: string): Row | undefined {
  return queueOf(rows, "support").find(({ ticket }) => ticket !== after);
}
