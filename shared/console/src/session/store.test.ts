// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hooks } from "../api/policy.ts";
import { recentProfiles } from "../lib/recent.ts";
import { lastProfile } from "../lib/theme.ts";
import { asksAgain, exits, loadSession, signOut } from "./store.ts";

const session = {
  account: "ana",
  email: "ana@example.com",
  expires_at: new Date(Date.now() + 3_600_000).toISOString(),
};
let answers: (request: Request) => Response;

beforeEach(() => {
  answers = () => Response.json({ status: true, result: session });
  vi.stubGlobal("fetch", async (request: Request) => answers(request));
});
afterEach(() => vi.unstubAllGlobals());

test("only where a page asks to sign in again does a refusal wait for that", async () => {
  await loadSession();
  expect(hooks.signIn).toBeUndefined();
  const done = asksAgain();
  expect(hooks.signIn).toBeDefined();
  done();
  expect(hooks.signIn).toBeUndefined();
});

test("signing out without an answer leaves the page, forgets what was open, and says so", async () => {
  lastProfile.set("p1");
  recentProfiles.visit("ana", "p1");
  const left: unknown[] = [];
  exits.signedOut = (why) => left.push(why);
  answers = () => Response.json({ status: false, code: "forbidden", message: "no" }, { status: 403 });
  await signOut();
  expect(left).toEqual(["unanswered"]);
  expect(lastProfile.get()).toBeNull();
  expect(recentProfiles.get("ana")).toEqual([]);
});
