import { expect, test } from "vitest";
import {
  bodyOf,
  firstChoices,
  freeOf,
  heldOf,
  monthly,
  mostPeople,
  notChosen,
  shortOf,
  staying,
  teamOf,
} from "./choices.ts";
import type { View } from "./words.ts";

const none = { custom_dns: false, mobile: false };
const view: View = {
  turn: [],
  timeline: [],
  returned: [],
  checks: [
    {
      code: "destination-allocation",
      side: "destination",
      service: "sms",
      ok: false,
      expected: "",
      actual: "3",
      fix: "",
      room: { count: 5, limit: 3 },
    },
    {
      code: "destination-stored",
      side: "destination",
      service: "input",
      ok: true,
      expected: "",
      actual: "",
      fix: "",
      room: { count: 40, limit: 1000 },
    },
    {
      code: "destination-team",
      side: "destination",
      ok: true,
      expected: "",
      actual: "",
      fix: "",
      room: { count: 0, limit: 1 },
    },
    { code: "destination-plan", side: "destination", ok: false, expected: "", actual: "7", fix: "" },
    { code: "source", side: "source", ok: false, expected: "", actual: "", fix: "" },
  ],
  offer: {
    name: "Plant",
    owner: "Ana",
    owner_email: "ana@example.com",
    allocation: { sms: 5, input: 1000, output: 0 },
    addons: { custom_dns: false, mobile: true },
    token_policy: { longest_days: null, never: true, disable_unused: false, notify_new_network: true },
    team: [
      { id: "mia", name: "Mia", permission: "write" },
      { id: "me", name: "Ben", permission: "read" },
    ],
  },
};

test("nothing is chosen for the receiving side, and nothing about itself", () => {
  expect(firstChoices(view, "me")).toEqual({
    name: "",
    members: { mia: null },
    owner: null,
    amounts: { input: 1000, sms: 5 },
    addons: { mobile: false },
  });
  expect(teamOf(view, "me").map(({ id }) => id)).toEqual(["mia"]);
});

test("who accepts anew begins with what was chosen, within what the profile has now", () => {
  const terms = {
    name: "Works",
    allocation: { sms: 9, input: 10 },
    addons: { ...none, mobile: true },
    token_policy: null,
    members: [],
    keep_owner: "read" as const,
  };
  expect(firstChoices({ ...view, terms }, "me")).toEqual({
    name: "Works",
    members: { mia: "none" },
    owner: "read",
    amounts: { input: 10, sms: 5 },
    addons: { mobile: true },
  });
});

test("the body names who stays, and only amounts that are lowered", () => {
  const choices = { ...firstChoices(view, "me"), name: " ", members: { mia: "read" as const }, owner: "none" as const };
  expect(bodyOf({ ...choices, amounts: { input: 1000, sms: 2 } }, view, "me")).toEqual({
    name: null,
    members: [{ id: "mia", permission: "read" }],
    keep_owner: null,
    allocation: { sms: 2 },
    addons: none,
  });
});

test("what the account has free is read from the checks, and what is short is found", () => {
  const free = freeOf(view);
  expect(free).toEqual({ sms: 3 });
  expect([shortOf({ sms: 5, input: 1000 }, free), shortOf({ sms: 3 }, free)]).toEqual([["sms"], []]);
  expect(shortOf({ sms: 0 }, { sms: -4 })).toEqual([]);
});

test("what a profile holds, how large a team may be and what the account lacks whatever is chosen", () => {
  expect(heldOf(view)).toEqual({ input: 40 });
  expect(mostPeople(view)).toBe(1);
  expect(mostPeople({ checks: [] })).toBeUndefined();
  expect(staying({ members: { mia: "read", bob: "none", eve: null }, owner: "full" })).toBe(2);
  expect(notChosen(view).map(({ code }) => code)).toEqual(["destination-plan"]);
});

test("add-ons that are taken cost what they cost", () => {
  const prices = [
    { name: "custom_dns", price: 3900 },
    { name: "mobile", price: 900 },
  ];
  expect([monthly({ mobile: true, custom_dns: false }, prices), monthly({}, prices)]).toEqual([900, 0]);
});
