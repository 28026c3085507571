import type { components } from "../../api/schema.d.ts";

/** A member or an invitation, as lists have it. */
export type Row = components["schemas"]["MemberRow"];

/** isExpired says whether a row is an invitation whose time is over. */
export function isExpired(row: Row): boolean {
  return row.state === "expired";
}

/** takesPlace says whether a row takes one of the places in the team: members do, and open invitations. */
export function takesPlace(row: Row): boolean {
  return row.active || !isExpired(row);
}

/** countsOf counts the members of a team, and the invitations to it that can still be answered. */
export function countsOf(rows: readonly Row[]): { members: number; invitations: number } {
  const members = rows.filter(({ active }) => active).length;
  return { members, invitations: rows.filter(takesPlace).length - members };
}
