import { expect, test } from "vitest";
import { daysLater, isDay } from "./days.ts";

test("a day is one of the calendar", () => {
  for (const day of ["2026-02-28", "2028-02-29", "2026-12-31"]) expect(isDay(day), day).toBe(true);
  for (const other of [
    "2026-02-29",
    "2026-02-31",
    "2026-13-01",
    "2026-00-10",
    "28.2.2026",
    "2026-2-1",
    "",
    5,
    undefined,
  ])
    expect(isDay(other), String(other)).toBe(false);
});

test("days are counted over the ends of months and years", () => {
  expect(daysLater("2026-12-31", 1)).toBe("2027-01-01");
  expect(daysLater("2028-03-01", -1)).toBe("2028-02-29");
  expect(daysLater("2026-03-29", 1)).toBe("2026-03-30");
});
