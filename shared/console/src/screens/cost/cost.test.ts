import { expect, test } from "vitest";
import { isMonth } from "../../lib/days.ts";
import { type Line, matrixOf, planRow, unallocatedRow } from "./matrix.ts";
import { monthName, monthsBetween, shift } from "./months.ts";

const line = (kind: string, what: string, amount: number, profile: string | null = null): Line => ({
  kind,
  what,
  amount,
  profile,
  profile_name: profile && `name of ${profile}`,
  from: "2026-11-01T00:00:00.000Z",
  to: "2026-12-01T00:00:00.000Z",
});

test("rows and columns add up to the total, to the cent", () => {
  const matrix = matrixOf([
    line("plan", "scale", 19900),
    line("service", "sms", 167, "a"),
    line("service", "sms", 83, "b"),
    line("service", "sms", 334, "a"),
    line("unallocated service", "input", 1),
    line("addon", "mobile", 9900, "b"),
    line("service", "input", 0, "b"),
  ]);
  expect(matrix.total).toBe(19900 + 167 + 83 + 334 + 1 + 9900);
  expect(matrix.rows.reduce((all, { sum }) => all + sum, 0)).toBe(matrix.total);
  expect([...matrix.sums.values()].reduce((all, one) => all + one, 0)).toBe(matrix.total);
  expect(matrix.columns).toEqual(["plan", "input", "sms", "mobile"]);
  expect(matrix.rows.map(({ id }) => id)).toEqual(["b", "a", unallocatedRow, planRow]);
  expect(matrix.rows[1]?.cells.get("sms")).toMatchObject({ amount: 501, lines: { length: 2 } });
});

test("a service that this console does not know has a column too", () => {
  expect(matrixOf([line("service", "fax", 5, "a"), line("plan", "scale", 1)]).columns).toEqual(["plan", "fax"]);
});

test("months go over the ends of years", () => {
  expect(shift("2026-01", -1)).toBe("2025-12");
  expect(shift("2026-12", 1)).toBe("2027-01");
  expect(monthsBetween("2025-11", "2026-02")).toEqual(["2026-02", "2026-01", "2025-12", "2025-11"]);
  expect(monthsBetween("2027-01", "2026-02")).toEqual(["2026-02"]);
  expect(monthName("2026-11")).toBe("November 2026");
});

test("what is no month is none", () => {
  expect(["2026-11", "2026-13", "2026-1", "x", 202611, undefined].map(isMonth)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});
