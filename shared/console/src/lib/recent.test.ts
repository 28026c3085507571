// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";
import { recentOf, recentProfiles } from "./recent.ts";

beforeEach(() => localStorage.clear());

test("the last one comes first, each once, and four are kept", () => {
  for (const id of ["a", "b", "c", "a", "d", "e"]) recentProfiles.visit("ana", id);
  expect(recentProfiles.get("ana")).toEqual(["e", "d", "a", "c"]);
});

test("what one account has visited is not shown to another, and gone when that one visits", () => {
  recentProfiles.visit("ana", "a");
  expect(recentProfiles.get("ben")).toEqual([]);
  recentProfiles.visit("ben", "b");
  expect(recentProfiles.get("ana")).toEqual([]);
  recentProfiles.clear();
  expect(recentProfiles.get("ben")).toEqual([]);
});

test("a text in the storage that is none of ours is as none", () => {
  for (const text of ["", "[", "[]", "null", '{"account":"ana","ids":5}', '{"account":"ana","ids":[{}]}']) {
    localStorage.setItem("recent-profiles", text);
    expect(recentProfiles.get("ana"), text).toEqual([]);
  }
});

test("three are offered, without the open one and those that are gone, and only among more than eight", () => {
  const profiles = [..."abcdefghi"].map((id) => ({ id }));
  const ids = (open: string | undefined, of = profiles) =>
    recentOf(of, ["c", "x", "a", "b", "d"], open).map(({ id }) => id);
  expect(ids("c")).toEqual(["a", "b", "d"]);
  expect(ids(undefined)).toEqual(["c", "a", "b"]);
  expect(ids("c", profiles.slice(1))).toEqual([]);
});
