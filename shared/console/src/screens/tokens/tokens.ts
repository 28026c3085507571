import type { components } from "../../api/schema.d.ts";
import { day } from "../../lib/days.ts";
import type { Permission } from "../../messages/en/permissions.ts";

/** A token in the form of the screens. Its secret is never in a list. */
export type Token = {
  id: string;
  name: string;
  permission: Permission;
  scope: "account" | "profile";
  networks: readonly string[];
  /** The account that made it. */
  by: string;
  made: string;
  /** undefined: it has no end. */
  ends: string | undefined;
  used: { at: string; address: string; agent: string } | undefined;
  /** For a rotated token, the time when it stops working. */
  graceEnds: string | undefined;
  /** The id of the rotated token that it replaced. */
  replaces: string | undefined;
  disabled: boolean;
};

type Row = components["schemas"]["TokenRow"];

const prefix = "p-";
const idLength = 8;

/** tokenId returns the id of a token, from its text or its masked form. */
export function tokenId(text: string): string {
  return text.slice(prefix.length, prefix.length + idLength);
}

/** readToken reads a row of a list. */
export function readToken(row: Row): Token {
  return {
    id: tokenId(row.token ?? ""),
    name: row.name ?? "",
    permission: row.permission ?? "read",
    scope: row.scope ?? "profile",
    networks: row.allow_list ?? [],
    by: row.created_by ?? "",
    made: row.created_at,
    ends: row.expire_time === "never" ? undefined : row.expire_time,
    used: row.last_authorization
      ? { at: row.last_authorization, address: row.last_address ?? "", agent: row.last_agent ?? "" }
      : undefined,
    graceEnds: row.grace_ends ?? undefined,
    replaces: row.replaces ? tokenId(row.replaces) : undefined,
    disabled: row.disabled ?? false,
  };
}

/**
 * The words by which tokens can be filtered, in the order in which they are
 * offered.
 */
export const filterIds = ["unused", "soon", "never", "disabled", "rotated", "mine"] as const;
export type FilterId = (typeof filterIds)[number];

const unusedFor = 90 * day;
const soonIs = 30 * day;

/** passes returns whether a token passes a filter. */
export function passes(filter: FilterId, token: Token, me: string, now: number): boolean {
  switch (filter) {
    case "unused":
      return now - Date.parse(token.used?.at ?? token.made) >= unusedFor;
    case "soon":
      return endOf(token) - now < soonIs;
    case "never":
      return token.ends === undefined && token.graceEnds === undefined;
    case "disabled":
      return token.disabled;
    case "rotated":
      return token.graceEnds !== undefined;
    case "mine":
      return token.by === me;
  }
}

/**
 * endOf returns the instant at which a token stops working without being
 * revoked.
 */
function endOf({ ends, graceEnds }: Token): number {
  return Math.min(...[ends, graceEnds].map((at) => (at === undefined ? Number.POSITIVE_INFINITY : Date.parse(at))));
}

/** The view of a list, in the form of the query of its address. */
export type View = { find: string; filters: readonly FilterId[]; sort: { by: SortId; down: boolean } };

const sortIds = ["name", "used", "ends", "made"] as const;
export type SortId = (typeof sortIds)[number];

/** The newest first. */
const usualSort = { by: "made", down: true } as const;

/** The query of the address of the list. Default values are left out. */
export type Search = { find?: string; filter?: string; order?: string };

/**
 * readView reads the query of an address. Unknown values become the defaults.
 */
export function readView({ find = "", filter = "", order = "" }: Search): View {
  const wanted = filter.split(",");
  const down = order.startsWith("-");
  const by = sortIds.find((id) => order === id || order === `-${id}`);
  return {
    find,
    filters: filterIds.filter((id) => wanted.includes(id)),
    sort: by ? { by, down } : usualSort,
  };
}

/** writeView writes the values that differ from the defaults. */
export function writeView({ find, filters, sort }: View): Search {
  const usual = sort.by === usualSort.by && sort.down === usualSort.down;
  return {
    ...(find && { find }),
    ...(filters.length > 0 && { filter: filters.join(",") }),
    ...(!usual && { order: `${sort.down ? "-" : ""}${sort.by}` }),
  };
}

/**
 * shown returns the tokens of a view, in its order. They must pass all filters.
 */
export function shown(tokens: readonly Token[], { find, filters, sort }: View, me: string, now: number): Token[] {
  const text = find.trim().toLocaleLowerCase();
  const rows = tokens.filter(
    (token) =>
      (token.name.toLocaleLowerCase().includes(text) || token.id.toLocaleLowerCase().includes(text)) &&
      filters.every((filter) => passes(filter, token, me, now)),
  );
  const compare = order[sort.by];
  return rows.sort((a, b) => (sort.down ? -1 : 1) * compare(a, b) || (a.id < b.id ? -1 : 1));
}

// A token that was never used counts as used before all others. A token without
// an end ends after all others.
const order: Record<SortId, (a: Token, b: Token) => number> = {
  name: (a, b) => a.name.localeCompare(b.name),
  made: (a, b) => Date.parse(a.made) - Date.parse(b.made),
  used: (a, b) => time(a.used?.at) - time(b.used?.at),
  ends: (a, b) => (endOf(a) === endOf(b) ? 0 : endOf(a) - endOf(b)),
};

const time = (at: string | undefined) => (at === undefined ? 0 : Date.parse(at));

/**
 * beyond returns whether a token lives longer than a policy allows, counted
 * from when it was made.
 */
export function beyond({ ends, made }: Token, policy: { longest_days: number | null; never: boolean }): boolean {
  if (ends === undefined) return !policy.never;
  return policy.longest_days !== null && Date.parse(ends) - Date.parse(made) > policy.longest_days * day;
}
