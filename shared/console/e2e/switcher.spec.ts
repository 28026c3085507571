import type { Page } from "@playwright/test";
import { shell as texts } from "../src/messages/en/shell.ts";
import { type Person, profilesOf, signedUp, tokenOf } from "./lib/people.ts";
import { done, lastMail, linkOf, mailsTo } from "./lib/stack.ts";
import { button } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

const kept = (page: Page) => page.evaluate(() => Object.keys(localStorage).sort());

/**
 * A person with as many profiles as a plan allows, and a function that makes
 * more.
 */
async function owner(name: string, profiles: readonly string[]): Promise<{ person: Person; token: string }> {
  const person = await signedUp(name);
  const token = await tokenOf(person);
  await done("POST", "/account/plan", { plan: "scale" }, token);
  for (const name of profiles) await done("POST", "/profile?allocate_free_resources=false", { name }, token);
  return { person, token };
}

/** Shares a profile, without the screens for that. */
async function share(token: string, profile: string, { email }: Person): Promise<void> {
  const before = (await mailsTo(email)).length;
  await done("POST", `/profile/${profile}/team`, { email, permission: "read" }, token);
  const link = linkOf(await lastMail(email, /invite/i, before), /#\/profile\/team\/accept\//);
  await done("GET", `/profile/team/accept/${link.slice(link.lastIndexOf("/") + 1)}`);
}

test("among more than eight profiles the last three stand first, and go with the person", async ({ open }) => {
  const { person: ann } = await owner("Ann", ["Barn", "Dairy", "Field", "Forge"]);
  const ben = await owner("Ben", ["Mill", "Pond", "Silo", "Well"]);
  for (const { id, name } of await profilesOf(ben.person)) if (name !== "Ben") await share(ben.token, id, ann);
  const ids = new Map((await profilesOf(ann)).map(({ id, name }) => [name, id]));
  const page = await open(ann, "/console/profiles");
  for (const name of ["Well", "Barn", "Pond", "Mill", "Silo"]) {
    await page.goto(`/console/p/${ids.get(name)}`);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
  }

  await button(page, texts.switchProfile("Silo")).click();
  await expect(page.getByRole("searchbox")).toBeFocused();
  const list = page.getByRole("listbox");
  const recent = list.getByRole("group", { name: texts.recent, exact: true });
  await expect(recent.getByRole("option")).toHaveText(["Mill", "Pond", "Barn"]);
  await expect(list.getByRole("option", { name: "Mill", exact: true })).toHaveCount(2);
  // A search for a name finds it once.
  await page.keyboard.type("mil");
  await expect(list.getByRole("option")).toHaveText(["Mill"]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");

  expect(await kept(page)).toContain("recent-profiles");
  await button(page, texts.person("Ann")).click();
  await page.getByRole("menuitem", { name: texts.signOut }).click();
  await page.waitForURL("**/sign-in");
  expect(await kept(page)).toEqual([]);
});
