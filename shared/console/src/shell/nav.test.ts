import { expect, test } from "vitest";
import { permissionIds } from "../messages/en/permissions.ts";
import { pagesOf } from "./nav.ts";

test("a member for billing or usage finds no page that would be refused", () => {
  const refused = ["/team", "/tokens", "/audit"];
  expect(pagesOf(true).map(({ path }) => path)).toContain("/webhooks");
  for (const permission of permissionIds) {
    const paths = pagesOf(false, permission).map(({ path }) => path);
    expect(paths).toContain("/statistics");
    expect(paths).not.toContain("/webhooks");
    expect([permission, paths.includes("/alerts")]).toEqual([permission, permission !== "usage"]);
    const found = refused.filter((path) => paths.includes(path));
    expect([permission, found]).toEqual([permission, ["usage", "billing"].includes(permission) ? [] : refused]);
  }
});
