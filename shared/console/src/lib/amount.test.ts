import { expect, test } from "vitest";
import { inRange, parseAmount } from "./amount.ts";

test("whole numbers are read with groups or without, and nothing else is", () => {
  expect(["0", " 40 ", "1,000", "1.000.000", "1 000", "12'345"].map(parseAmount)).toEqual([
    0, 40, 1000, 1_000_000, 1000, 12_345,
  ]);
  expect(["", "1.5", "-1", "1,00", "1,000.5", "1.000,000", "4e3", "abc", "9".repeat(16)].map(parseAmount)).toEqual(
    Array(9).fill(undefined),
  );
});

test("a number outside its bounds is none", () => {
  expect(["1", "1.000", "1,000", "1001", "0", ""].map((text) => inRange(text, 1, 1000))).toEqual([
    1,
    1000,
    1000,
    undefined,
    undefined,
    undefined,
  ]);
});
