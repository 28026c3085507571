import { permissions } from "../src/messages/en/permissions.ts";
import { team as teamTexts } from "../src/messages/en/team.ts";
import { tokens as tokenTexts } from "../src/messages/en/tokens.ts";
import { profilesOf, signedUp, tokenOf } from "./lib/people.ts";
import { settled } from "./lib/settled.ts";
import { done, lastMail, linkOf } from "./lib/stack.ts";
import { expect, test } from "./lib/test.ts";

/** A profile that somebody shares with another. */
async function shared(permission: string) {
  const [ann, bob] = [await signedUp("Ann"), await signedUp("Bob")];
  const token = await tokenOf(ann);
  await done("POST", "/account/plan", { plan: "scale" }, token);
  const [profile] = await profilesOf(ann);
  const id = profile?.id ?? "";
  await done("POST", `/profile/${id}/team`, { email: bob.email, permission }, token);
  const link = linkOf(await lastMail(bob.email, /invite/i), /#\/profile\/team\/accept\//);
  await done("GET", `/profile/team/accept/${link.slice(link.lastIndexOf("/") + 1)}`);
  return { bob, id };
}

test("a read-only member sees no control that writes", async ({ open, network }) => {
  const { bob, id } = await shared("read");
  const page = await open(bob, `/console/p/${id}/team`);
  await settled(page, network);
  await expect(page.getByText(permissions.readOnly, { exact: true })).toBeVisible();
  await expect(page.locator("main").getByRole("button")).toHaveCount(1);
  await page.locator("main").getByRole("button").click();
  await expect(page.getByRole("menuitem")).toHaveText([teamTexts.leave]);
  await page.keyboard.press("Escape");
  await expect(page.getByText(bob.email), "addresses are for the owner").toHaveCount(0);

  await page.goto(`/console/p/${id}/tokens`);
  await settled(page, network);
  await expect(page.getByText(tokenTexts.emptyReader)).toBeVisible();
  await expect(page.locator("main").getByRole("button")).toHaveCount(0);
  await expect(page.getByRole("link", { name: tokenTexts.make })).toHaveCount(0);

  await page.goto(`/console/p/${id}/tokens/new`);
  await settled(page, network);
  await expect(page.getByText(tokenTexts.readerText)).toBeVisible();
  await expect(page.locator("main").getByRole("textbox")).toHaveCount(0);
});

test("a member with write permission makes tokens, and ends none", async ({ open, network }) => {
  const { bob, id } = await shared("write");
  const page = await open(bob, `/console/p/${id}/tokens/new`);
  await settled(page, network);
  await expect(page.getByRole("radio", { name: permissions.names.write })).toHaveCount(1);
  await expect(page.getByRole("radio", { name: permissions.names.full })).toHaveCount(0);
  await page.goto(`/console/p/${id}/tokens`);
  await settled(page, network);
  await expect(page.getByRole("link", { name: tokenTexts.make }).first()).toBeVisible();
  await expect(page.getByRole("button", { name: tokenTexts.revokeAll })).toHaveCount(0);
});
