const dayLength = 86_400_000;

const begin = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/** isDay says whether something is a day of the calendar, such as 2026-11-27. */
export function isDay(text: unknown): text is string {
  if (typeof text !== "string" || !/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(begin(text));
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** daysLater returns the day so many days later. */
export const daysLater = (day: string, by: number): string =>
  new Date(begin(day) + by * dayLength).toISOString().slice(0, 10);
