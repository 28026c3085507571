import { day, daysLater, isDay } from "../../lib/days.ts";
import { type AuditSearch, daysBack } from "./search.ts";

/** The longest span of one query. */
const window = 7 * day;

/** How far back entries are kept. */
const keptDays = 186;

export type Span = { from: number; to: number };

/**
 * dayStart returns when a day begins in a time zone. If its midnight is
 * skipped, the day begins with the first moment after it.
 */
export function dayStart(date: string, zone: string): number {
  const wanted = Date.parse(`${date}T00:00:00Z`);
  const before = wanted - offset(wanted - day, zone);
  const after = wanted - offset(wanted + day, zone);
  // Of the two offsets around a change, the one that holds at the moment itself
  // is right.
  for (const guess of [before, after].sort((a, b) => a - b)) {
    if (guess + offset(guess, zone) === wanted) return guess;
  }
  return Math.max(before, after);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (!clock) {
    clock = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    clocks.set(zone, clock);
  }
  return clock;
}

// offset is how far the clocks of a zone are ahead of UTC at a moment, in
// milliseconds.
function offset(at: number, zone: string): number {
  const parts = new Map(
    clockOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const local = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return local - Math.floor(at / 1000) * 1000;
}

/** dayOf is the day of a moment in a zone. */
export function dayOf(at: number, zone: string): string {
  return new Date(at + offset(at, zone)).toISOString().slice(0, 10);
}

/**
 * spanOf is the time that an address asks for. Without a start it is the seven
 * days up to its end, without an end it goes up to now.
 */
export function spanOf({ from, to }: AuditSearch, zone: string, now: number): Span {
  const end =
    to === undefined || daysBack(to) !== undefined
      ? now
      : isDay(to)
        ? dayStart(daysLater(to, 1), zone)
        : Date.parse(to);
  const days = from === undefined ? 7 : daysBack(from);
  const start =
    days !== undefined ? end - days * day : isDay(from ?? "") ? dayStart(from ?? "", zone) : Date.parse(from ?? "");
  const oldest = now - keptDays * day;
  return { from: Math.max(Math.min(start, end - 1), Math.min(oldest, end - 1)), to: end };
}

/**
 * windowsOf cuts a span into windows that a query may ask for, newest first.
 */
export function windowsOf({ from, to }: Span): Span[] {
  const windows: Span[] = [];
  for (let end = to; end > from; end -= window) windows.push({ from: Math.max(from, end - window), to: end });
  return windows;
}

/**
 * pattern is the form in which a filter takes a text: anywhere in the message,
 * unless the text itself has a place.
 */
export function pattern(find: string): string {
  return find.includes("*") ? find : `*${find}*`;
}

/**
 * queryOf are the parameters that select the entries that an address asks for.
 */
export function queryOf({ who, what, find }: AuditSearch) {
  const [kind, id] = what?.split("/") ?? [];
  return {
    ...(who && { who }),
    ...(kind && { resourceName: kind }),
    ...(id && { resourceID: id }),
    ...(find?.trim() && { find: pattern(find.trim()) }),
  };
}

/** isFiltered says whether an address asks for more than a span of time. */
export const isFiltered = ({ who, what, find }: AuditSearch): boolean => Boolean(who || what || find);
