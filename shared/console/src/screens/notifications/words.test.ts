import { expect, test } from "vitest";
import { Format } from "../../lib/format.ts";
import { wordsOf } from "./words.ts";

const format = new Format({
  timezone: "Europe/Berlin",
  date_format: "DD/MM/YYYY",
  time_format: "24",
  decimal_separator: ",",
  thousand_separator: ".",
});
const stored = {
  title: "Analysis of Plant is at 80 %",
  message: "The profile Plant has used 2400.25 of 3000 minutes.",
};

test("a limit that is near is said in the person's form and zone", () => {
  const usage = {
    profile: "Plant",
    service: "analysis",
    percent: 80,
    used: 2400.25,
    limit: 3000,
    reset_at: "2030-04-14T09:26:53.589Z",
  } as const;
  expect(wordsOf({ ...stored, usage }, format)).toEqual({
    title: "Analysis of \u2068Plant\u2069 is at 80 %",
    message: "Used: 2.400,25 of 3.000 minutes. The count begins again on 14/04/2030, 11:26.",
  });
  const level = wordsOf({ ...stored, usage: { ...usage, service: "data_records", reset_at: null } }, format);
  expect(level.message).toBe("Used: 2.400,25 of 3.000 stored. It is a level: it falls when something is removed.");
});

test("one that has no data says what it always said", () => {
  expect(wordsOf(stored, format)).toEqual(stored);
  expect(wordsOf({}, format)).toEqual({ title: "", message: "" });
});
