import { keys } from "./queries.ts";

/** Whose things these are: those of a profile, or of the account. */
export type Of = { profile: string } | "account";

/**
 * routesOf returns the routes of one kind of things. Those of the account take
 * and answer the same as those of a profile, so that the document describes
 * them once. Their path has no id.
 */
export const routesOf =
  <Kind extends string, Rest extends string>(kind: Kind) =>
  <R extends Rest>(of: Of, rest: R) =>
    `${of === "account" ? "/account" : "/profile/{id}"}/${kind}${rest}` as `/profile/{id}/${Kind}${R}`;

/** idOf returns the id that the path of a profile has. */
export const idOf = (of: Of): string => (of === "account" ? "" : of.profile);

/** keyOf begins the keys of all queries about one kind of things. */
export const keyOf = (of: Of, kind: string) =>
  [...(of === "account" ? keys.account : keys.profile(of.profile)), kind] as const;
