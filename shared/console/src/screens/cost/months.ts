import type { Month } from "../../lib/days.ts";

/** monthOf returns the month of a moment. */
export const monthOf = (when: string | number | Date): Month => new Date(when).toISOString().slice(0, 7);

/** shift returns the month so many months later. */
export function shift(month: Month, by: number): Month {
  const [year = 2000, number = 1] = month.split("-").map(Number);
  return monthOf(Date.UTC(year, number - 1 + by, 1));
}

/**
 * monthsBetween lists the months from the first to the last, the last one
 * first.
 */
export function monthsBetween(first: Month, last: Month): Month[] {
  const all: Month[] = [];
  for (let month = last; month >= first && all.length < 600; month = shift(month, -1)) all.push(month);
  return all.length > 0 ? all : [last];
}

const names = new Intl.DateTimeFormat("en", { month: "long", year: "numeric", timeZone: "UTC" });

/** monthName writes a month in words. */
export const monthName = (month: Month): string => names.format(new Date(`${month}-01T00:00:00Z`));
