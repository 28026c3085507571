import { isDay } from "../../lib/days.ts";

/** The query of the address of an audit log. */
export type AuditSearch = {
  /** Days back, such as "30d", a day, or an instant. */
  from?: string | undefined;
  /** The last day, or an instant; now without it. */
  to?: string | undefined;
  /** The id of an account. */
  who?: string | undefined;
  /** A kind of thing, or one thing, as kind/id. */
  what?: string | undefined;
  find?: string | undefined;
  zone?: "utc" | undefined;
  /** One entry: its time in milliseconds, and its id. */
  entry?: string | undefined;
};

const text = (value: unknown) =>
  typeof value === "string" || typeof value === "number" ? String(value) || undefined : undefined;

/** readSearch reads the valid parts of an address and leaves out the rest. */
export function readSearch(search: Record<string, unknown>): AuditSearch {
  const bound = (value: unknown) => {
    const bound = text(value);
    return bound !== undefined && (daysBack(bound) !== undefined || isDay(bound) || !Number.isNaN(Date.parse(bound)))
      ? bound
      : undefined;
  };
  const entry = text(search["entry"]);
  return {
    from: bound(search["from"]),
    to: bound(search["to"]),
    who: text(search["who"]),
    what: text(search["what"]),
    find: text(search["find"]),
    zone: search["zone"] === "utc" ? "utc" : undefined,
    entry: entry && /^\d{13}-[0-9a-f]{24}$/.test(entry) ? entry : undefined,
  };
}

/** daysBack reads "30d"; undefined for anything else. */
export function daysBack(bound: string): number | undefined {
  const days = /^(\d{1,3})d$/.exec(bound)?.[1];
  return days !== undefined && Number(days) > 0 ? Number(days) : undefined;
}
