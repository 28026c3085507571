// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { insideComes } from "./Coming.tsx";

test("what comes is told by the address, and at the start by whether a profile was open", () => {
  const of = (address: string, known = false) => {
    const [path = "", hash = ""] = address.split("#");
    return insideComes(path, hash, known);
  };
  for (const path of ["/sign-in", "/sign-up", "/forgotten", "/done"]) expect(of(path, true), path).toBe(false);
  for (const path of ["/profiles", "/p/0123/team", "/transfers/TR-7K3M-92QD", "/desk"])
    expect(of(path), path).toBe(true);
  expect([of("/"), of("/", true)]).toEqual([false, true]);
  expect(of("/#/account/confirm/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true)).toBe(false);
  expect(of("/#/account/conf", true)).toBe(false);
  expect([of("/#/transfer/accept/TR-7K3M-92QD/aaaa"), of("/#/desk")]).toEqual([true, true]);
});
