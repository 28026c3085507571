import type { components } from "../../api/schema.d.ts";
import type { Format } from "../../lib/format.ts";

/** A member or an invitation, in the form of lists. */
export type Row = components["schemas"]["MemberRow"];

/** isExpired returns whether a row is an invitation whose time is over. */
export function isExpired(row: Row): boolean {
  return row.state === "expired";
}

/**
 * lastDayOf is the last day of a membership, in the form of a field for days;
 * empty for one without an end.
 */
export function lastDayOf(row: Row, { dayOf }: Pick<Format, "dayOf">): string {
  return row.ends_at === null ? "" : dayOf(Date.parse(row.ends_at) - 1);
}

/**
 * takesPlace returns whether a row takes one of the places in the team. Members
 * and open invitations do.
 */
export function takesPlace(row: Row): boolean {
  return row.active || !isExpired(row);
}

/**
 * countsOf counts the members of a team, and the invitations to it that can
 * still be answered.
 */
export function countsOf(rows: readonly Row[]): { members: number; invitations: number } {
  const members = rows.filter(({ active }) => active).length;
  return { members, invitations: rows.filter(takesPlace).length - members };
}
