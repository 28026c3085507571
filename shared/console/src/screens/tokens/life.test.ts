import { expect, test } from "vitest";
import { Format } from "../../lib/format.ts";
import { endKey, endsOf, expireTime, lastDay, readNetworks, usualEnd, wrongNetwork } from "./life.ts";

test.each([
  [{ longest_days: null, never: true }, "7 30 90 365 date never", "90"],
  [{ longest_days: null, never: false }, "7 30 90 365 date", "90"],
  [{ longest_days: 365, never: false }, "7 30 90 365 date", "90"],
  [{ longest_days: 400, never: true }, "7 30 90 365 date never", "90"],
  [{ longest_days: 100, never: false }, "7 30 90 100 date", "90"],
  [{ longest_days: 45, never: false }, "7 30 45 date", "45"],
  [{ longest_days: 7, never: false }, "7 date", "7"],
  [{ longest_days: 1, never: true }, "1 date never", "1"],
])("the policy %j offers %s", (policy, ends, chosen) => {
  expect(endsOf(policy).map(endKey).join(" ")).toBe(ends);
  expect(usualEnd(policy)).toBe(chosen);
});

test("an end as the API reads it", () => {
  expect(expireTime("90", "")).toBe("90 days");
  expect(expireTime("date", "2030-01-31")).toBe("2030-01-31");
  expect(expireTime("never", "2030-01-31")).toBe("never");
});

test("days are those of the account's zone", () => {
  const now = Date.parse("2030-03-14T23:30:00Z");
  expect(lastDay(0, new Format({ timezone: "UTC" }), now)).toBe("2030-03-14");
  expect(lastDay(0, new Format({ timezone: "Europe/Berlin" }), now)).toBe("2030-03-15");
  expect(lastDay(30, new Format({ timezone: "UTC" }), now)).toBe("2030-04-13");
});

test("networks stand in lines, between commas and spaces, each once", () => {
  const text = "192.0.2.1\n 2001:db8::/32, 192.0.2.1;10.0.0.0/8 ";
  expect(readNetworks(text)).toEqual(["192.0.2.1", "2001:db8::/32", "10.0.0.0/8"]);
  expect(readNetworks(" \n,")).toEqual([]);
  expect(wrongNetwork(text, "allow_list[1]")).toBe("2001:db8::/32");
  expect(wrongNetwork(text, "allow_list")).toBeUndefined();
});
