import { expect, test } from "vitest";
import { capital, Format } from "./format.ts";

const berlin = new Format({
  timezone: "Europe/Berlin",
  date_format: "DD-MM-YYYY",
  time_format: "24",
  decimal_separator: ",",
  thousand_separator: ".",
});
const plain = new Format({ timezone: "UTC" });

test("times are in the zone and the form of the account", () => {
  expect(berlin.moment("2026-03-14T23:26:00Z")).toBe("15-03-2026, 00:26");
  expect(plain.moment("2026-03-14T23:26:00Z")).toBe("Mar 14, 2026, 23:26");
  expect(new Format({ timezone: "UTC", time_format: "12" }).moment("2026-03-14T23:26:00Z")).toBe(
    "Mar 14, 2026, 11:26 PM",
  );
});

test("the exact time names its zone, with UTC beside it", () => {
  expect(berlin.exact("2026-03-14T23:26:05Z")).toBe("15-03-2026, 00:26:05 Europe/Berlin (2026-03-14 23:26:05 UTC)");
  expect(plain.exact("2026-03-14T23:26:05Z")).toBe("2026-03-14 23:26:05 UTC");
});

test("a day of the calendar is that day in every zone", () => {
  for (const timezone of ["UTC", "Pacific/Auckland", "Pacific/Kiritimati", "America/Los_Angeles"])
    expect(new Format({ timezone }).calendarDay("2026-01-15"), timezone).toBe("Jan 15, 2026");
  expect(new Format({ timezone: "Pacific/Auckland", date_format: "DD-MM-YYYY" }).calendarDay("2026-12-31")).toBe(
    "31-12-2026",
  );
  expect(plain.calendarDay(""), "a field of dates that was emptied").toBe("");
});

test("a zone that the browser does not know is UTC", () => {
  expect(new Format({ timezone: "Mars/Olympus" }).zone).toBe("UTC");
});

test("numbers have the separators of the account", () => {
  expect(berlin.number(1234567.5)).toBe("1.234.567,5");
  expect(plain.number(1234567.5)).toBe("1,234,567.5");
  expect(plain.money(123456)).toBe("$1,234.56");
  expect(berlin.money(123456)).toBe("$1.234,56");
});

test("distances in time are said in the largest unit", () => {
  const now = Date.parse("2026-03-14T12:00:00Z");
  expect(plain.relative("2026-03-17T13:00:00Z", now)).toBe("in 3 days");
  expect(plain.relative("2026-03-14T11:58:00Z", now)).toBe("2 minutes ago");
  expect(plain.relative("2026-03-14T12:00:20Z", now)).toBe("now");
  expect(plain.relative("2028-03-14T12:00:00Z", now)).toBe("in 2 years");
});

test("what was made a moment ago to last some time has all of that time", () => {
  const made = Date.parse("2026-03-14T12:00:00Z");
  const day = 86_400_000;
  for (const [days, words] of [
    [1, "in 1 day"],
    [7, "in 7 days"],
    [30, "in 30 days"],
    [90, "in 90 days"],
    [365, "in 1 year"],
  ] as const)
    expect(plain.relative(made + days * day, made + 90_000)).toBe(words);
  expect(plain.relative(made + 7 * day, made + day / 2)).toBe("in 6 days");
});

test("days of the calendar are not named where hours are meant", () => {
  const now = Date.parse("2026-03-14T01:00:00Z");
  expect(plain.relative("2026-03-15T23:00:00Z", now)).toBe("in 1 day");
  expect(plain.relative("2026-03-12T02:00:00Z", now)).toBe("1 day ago");
});

test("a sentence begins with a capital, and not with another address", () => {
  expect(capital("support, and omar@example.com")).toBe("Support, and omar@example.com");
  expect(capital("omar@example.com and support")).toBe("omar@example.com and support");
  expect(capital("")).toBe("");
});
