import { expect, test } from "vitest";
import { choose, groupOf, meaningOf, selectsAll, types, typesOf } from "./events.ts";

test("every type has a meaning and is found in its group", () => {
  expect(types.length).toBeGreaterThan(50);
  for (const type of types) {
    expect(meaningOf(type), type).not.toBe("");
    expect(typesOf(groupOf(type))).toContain(type);
  }
  expect(meaningOf("token.changed")).toBeUndefined();
});

test("a group takes the place of its types", () => {
  const some = choose(["team.left", "token.created"], "token.deleted", true);
  expect(some).toEqual(["team.left", "token.created", "token.deleted"]);
  const group = choose(some, "token.*", true);
  expect(group).toEqual(["team.left", "token.*"]);
  expect(choose(group, "token.*", false)).toEqual(["team.left"]);
  expect(choose(some, "team.left", false)).toEqual(["token.created", "token.deleted"]);
});

test("a webhook without a choice is sent everything", () => {
  expect([selectsAll([]), selectsAll(["*"]), selectsAll(["team.*"])]).toEqual([true, true, false]);
});
