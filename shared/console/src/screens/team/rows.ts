import type { components } from "../../api/schema.d.ts";

/** A member or an invitation, in the form of lists. */
export type Row = components["schemas"]["MemberRow"];

/** isExpired returns whether a row is an invitation whose time is over. */
export function isExpired(row: Row): boolean {
  return row.state === "expired";
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
