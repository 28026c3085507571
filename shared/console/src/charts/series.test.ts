import { expect, test } from "vitest";
import { axes, marks, nearest, paths, pieces, top } from "./series.ts";

const hour = 3_600_000;
const of = (...values: number[]) => values.map((value, number) => ({ at: number * hour, value }));

test("a counter is cut where it begins again, a level is not", () => {
  expect(pieces(of(1, 5, 2, 3), "counter", hour).map((piece) => piece.length)).toEqual([2, 2]);
  expect(pieces(of(1, 5, 2, 3), "level", hour).map((piece) => piece.length)).toEqual([4]);
});

test("nothing is drawn over a time of which nothing is known", () => {
  const gap = [...of(1, 2), { at: 9 * hour, value: 3 }];
  expect(pieces(gap, "level", hour).map((piece) => piece.length)).toEqual([2, 1]);
});

test("the limit is on the axis when the data come near it", () => {
  expect(top(of(10, 90), 100)).toEqual({ end: 104, limited: true });
  expect(top(of(1, 9), 100).limited).toBe(false);
  expect(top(of(0), 0).end).toBe(1);
  expect(top(of(150), 100).end).toBeGreaterThan(150);
});

test("levels are steps, counters are straight, one point is a dash", () => {
  const scales = axes({ width: 100, height: 50 }, 0, hour, 10);
  expect(paths([of(0, 10)], "counter", scales)[0]).toEqual({ line: "M0,50L100,0", area: "M0,50L100,0V50H0Z" });
  expect(paths([of(10, 0, 5)], "level", scales)[0]).toEqual({
    line: "M0,0H100V50H200V25",
    area: "M0,0H100V50H200V25V50H0Z",
  });
  expect(paths([of(5)], "level", scales)[0]).toEqual({ line: "M-2,25h4", area: "" });
});

test("the pointer finds the time at a place, and the lines across are at round values", () => {
  const { time, lines } = axes({ width: 100, height: 50 }, 0, hour, 104);
  expect(time(25)).toBe(hour / 4);
  expect(lines).toEqual([0, 20, 40, 60, 80, 100]);
  expect(axes({ width: 100, height: 50 }, hour, hour, 1).x(hour), "a time alone is in the middle").toBe(50);
});

test("the axis names as many points as fit, and days among hours", () => {
  const points = of(...Array.from({ length: 72 }, () => 1));
  expect(marks(points, 4, (at) => at % (24 * hour) === 0)).toEqual([0, 24, 48]);
  expect(marks(points, 2, (at) => at % (24 * hour) === 0)).toEqual([0, 48]);
  expect(marks(of(1, 1, 1, 1), 2, () => false)).toEqual([0, 2]);
});

test("the point that is closest is found", () => {
  expect(nearest(of(1, 1, 1), 1.6 * hour)).toBe(2);
  expect(nearest([], 5)).toBe(0);
});
