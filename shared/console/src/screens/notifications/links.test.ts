import { expect, test } from "vitest";
import { linkOf } from "./links.ts";

test("a notification leads to what it is about, as long as that can be opened", () => {
  const profiles = [{ id: "01a20c000000000000000001" }];
  expect(linkOf({ type: "profile", ref_id: "TR-7K3M-92QD" }, profiles)).toBe("/transfers/TR-7K3M-92QD");
  expect(linkOf({ type: "limit_alert", ref_id: "01a20c000000000000000001" }, profiles)).toBe(
    "/p/01a20c000000000000000001",
  );
  expect(linkOf({ type: "profile", ref_id: "01a20c000000000000000002" }, profiles)).toBeUndefined();
  expect(linkOf({ type: "tago", ref_id: null }, profiles)).toBeUndefined();
  expect(linkOf({}, profiles)).toBeUndefined();
  expect(linkOf({ ref_id: "../desk" }, profiles)).toBeUndefined();
});
