import { expect, test } from "vitest";
import { closest, shareOf } from "./limits.ts";

const usage = {
  allocation: { input: 100, output: 100, sms: 10, email: 0 },
  used: { input: 50, output: 90, sms: 2 },
  blocked: [] as string[],
};

test("the service closest to its limit is found", () => {
  expect(closest(usage)).toMatchObject({ service: "output", used: 90, limit: 100, share: 0.9 });
});

test("a blocked service comes before one that is used more", () => {
  expect(closest({ ...usage, blocked: ["sms"] })).toMatchObject({ service: "sms", blocked: true });
});

test("where nothing was used, none is close", () => {
  expect(closest({ allocation: { input: 5 }, used: {}, blocked: [] })).toBeUndefined();
});

test("use without a limit is all of it", () => {
  expect(shareOf({ ...usage, used: { email: 1 } }, "email").share).toBe(1);
  expect(shareOf(usage, "email").share).toBe(0);
});
