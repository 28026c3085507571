import { expect, test } from "vitest";
import { changeOf, daysOf, fitting, pointsOf, presetOf, presets, spanOf } from "./span.ts";

const today = "2026-03-02";

test("without anything it is the last 30 days by day", () => {
  expect(spanOf({}, today)).toEqual({ from: "2026-02-01", to: today, by: "day" });
  expect(presetOf(spanOf({}, today), today)).toBe("month");
});

test("a short span is by hour, and what the address says counts", () => {
  expect(spanOf({ from: "2026-03-01" }, today)).toEqual({ from: "2026-03-01", to: today, by: "hour" });
  expect(spanOf({ to: "2026-01-31", by: "month" }, today)).toEqual({
    from: "2026-01-02",
    to: "2026-01-31",
    by: "month",
  });
  expect(presetOf(spanOf({ from: "2026-03-01" }, today), today)).toBeUndefined();
});

test("no span has more steps than the service answers", () => {
  expect(fitting({ from: "2026-01-01", to: "2026-01-31", by: "hour" }).by).toBe("hour");
  expect(fitting({ from: "2026-01-01", to: "2026-02-01", by: "hour" }).by).toBe("day");
  expect(fitting({ from: "2020-01-01", to: "2026-01-01", by: "day" }).by).toBe("month");
  expect(daysOf(presets.today(today))).toBe(1);
});

test("a row without a service has used nothing of it", () => {
  const rows = [{ time: "2026-03-01T00:00:00Z", input: 5 }, { time: "2026-03-02T00:00:00Z" }];
  expect(pointsOf(rows, "input").map(({ value }) => value)).toEqual([5, 0]);
});

test("the change of a counter that began again is not known", () => {
  const points = [1, 1.1, 0.3].map((value, at) => ({ at, value }));
  expect(changeOf(points, 0, true)).toBeUndefined();
  expect(changeOf(points, 1, true)).toBe(0.1);
  expect(changeOf(points, 2, true)).toBeUndefined();
  expect(changeOf(points, 2, false)).toBe(-0.8);
});
