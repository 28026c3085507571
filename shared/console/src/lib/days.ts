/** An hour and a day, in milliseconds. */
export const hour = 3_600_000;
export const day = 24 * hour;

const begin = (date: string): number => Date.parse(`${date}T00:00:00Z`);

/**
 * isDay says whether something is a day of the calendar, such as 2026-11-27.
 */
export function isDay(text: unknown): text is string {
  if (typeof text !== "string" || !/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(begin(text));
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** daysLater returns the day so many days later. */
export const daysLater = (date: string, by: number): string =>
  new Date(begin(date) + by * day).toISOString().slice(0, 10);

/** Months as the API names them, such as 2026-11. They are those of UTC. */
export type Month = string;

/** isMonth says whether a text is one. */
export const isMonth = (text: unknown): text is Month =>
  typeof text === "string" && /^20\d\d-(0[1-9]|1[0-2])$/.test(text);
