import { expect, test } from "vitest";
import { passes, readToken, readView, type Search, shown, type Token, writeView } from "./tokens.ts";

const now = Date.parse("2030-03-14T12:00:00Z");
const days = (count: number) => new Date(now + count * 86_400_000).toISOString();
const token = (change: Partial<Token>): Token => ({
  id: "AAAAAAAA",
  name: "Gateway",
  permission: "read",
  scope: "profile",
  networks: [],
  by: "ana",
  made: days(-200),
  ends: undefined,
  used: undefined,
  graceEnds: undefined,
  replaces: undefined,
  disabled: false,
  ...change,
});
const used = (at: string) => ({ at, address: "", agent: "" });

test("a row is read, its id from the masked form", () => {
  const row = readToken({
    token: "p-DemoAna0**************************",
    name: "x",
    permission: "full",
    expire_time: "never",
    created_at: days(-1),
    last_authorization: null,
    last_address: null,
    last_agent: null,
    grace_ends: null,
    replaces: "p-Before00**************************",
    created_by: "ana",
    allow_list: ["192.0.2.0/24"],
    scope: "account",
    disabled: true,
  });
  expect(row).toEqual(
    token({
      id: "DemoAna0",
      name: "x",
      permission: "full",
      scope: "account",
      networks: ["192.0.2.0/24"],
      made: days(-1),
      replaces: "Before00",
      disabled: true,
    }),
  );
});

test.each([
  ["unused", { used: used(days(-90)) }, true],
  ["unused", { used: used(days(-89)) }, false],
  ["unused", { made: days(-91) }, true],
  ["unused", { made: days(-1) }, false],
  ["soon", { ends: days(29) }, true],
  ["soon", { ends: days(31) }, false],
  ["soon", {}, false],
  ["soon", { graceEnds: days(1) }, true],
  ["never", {}, true],
  ["never", { ends: days(400) }, false],
  ["never", { graceEnds: days(1) }, false],
  ["disabled", { disabled: true }, true],
  ["rotated", { graceEnds: days(1) }, true],
  ["rotated", {}, false],
  ["mine", { by: "ana" }, true],
  ["mine", { by: "ben" }, false],
] as const)("the filter %s of %j", (filter, change, wanted) => {
  expect(passes(filter, token(change), "ana", now)).toBe(wanted);
});

test("an address keeps what it may say, and leaves out the usual", () => {
  expect(writeView(readView({ find: "", filter: "x", order: "-made" }))).toEqual({});
  expect(writeView(readView({ find: "42", filter: "never,nonsense,unused", order: "-used" }))).toEqual({
    find: "42",
    filter: "unused,never",
    order: "-used",
  });
  const view = readView({ find: "a", filter: "mine", order: "ends" });
  expect(readView(writeView(view))).toEqual(view);
});

test("tokens pass all filters, and stand in the order that is asked for", () => {
  const all = [
    token({ id: "AAAAAAAA", name: "b", ends: days(5), used: used(days(-1)) }),
    token({ id: "BBBBBBBB", name: "A", ends: undefined, by: "ben" }),
    token({ id: "CCCCCCCC", name: "c", ends: days(2), used: used(days(-100)) }),
  ];
  const ids = (search: Search) =>
    shown(all, readView(search), "ana", now)
      .map(({ id }) => id[0])
      .join("");
  expect(ids({ order: "name" })).toBe("BAC");
  expect(ids({ order: "-name" })).toBe("CAB");
  expect(ids({ order: "ends" })).toBe("CAB");
  expect(ids({ order: "-used" })).toBe("ACB");
  expect(ids({ filter: "soon,unused" })).toBe("C");
  expect(ids({ filter: "mine", order: "ends" })).toBe("CA");
  expect(ids({ find: " bbbb" })).toBe("B");
  expect(ids({ find: "zzz" })).toBe("");
});
