import { alerts } from "../src/messages/en/alerts.ts";
import { audit } from "../src/messages/en/audit.ts";
import { backups } from "../src/messages/en/backups.ts";
import { common } from "../src/messages/en/common.ts";
import { general } from "../src/messages/en/general.ts";
import { more } from "../src/messages/en/more.ts";
import { permissions } from "../src/messages/en/permissions.ts";
import { statistics } from "../src/messages/en/statistics.ts";
import { team } from "../src/messages/en/team.ts";
import { tokens as tokenTexts } from "../src/messages/en/tokens.ts";
import { webhooks } from "../src/messages/en/webhooks.ts";
import { share, signedUp, withPlan } from "./lib/people.ts";
import { routes } from "./lib/routes.ts";
import { settled } from "./lib/settled.ts";
import { expect, test } from "./lib/test.ts";

/** A profile that Ann shares with Bob. */
async function shared(permission: string) {
  const ann = await withPlan("Ann");
  const bob = await signedUp("Bob");
  await share(ann, bob, permission);
  return { bob, ann: ann.person, id: ann.profile };
}

/**
 * The explanations of a page for missing parts, and the buttons and fields that
 * it still has. These choose the data to read, such as the days of a span, or
 * leave the profile.
 */
const pages: Record<string, { why: string; buttons?: string[]; fields?: number }> = {
  "/p/$profile": { why: general.readOnly, buttons: [common.copyName(general.id)] },
  "/p/$profile/team": { why: team.readOnly("Ann"), buttons: [common.actions("Bob")] },
  "/p/$profile/tokens": { why: tokenTexts.readerText("Ann") },
  "/p/$profile/tokens/new": { why: tokenTexts.readerText("Ann") },
  "/p/$profile/tokens/$token": { why: tokenTexts.gone },
  "/p/$profile/tokens/$token/rotate": { why: tokenTexts.gone },
  "/p/$profile/alerts": { why: alerts.readOnly("Ann") },
  "/p/$profile/backups": { why: backups.ownerOnly("Ann") },
  "/p/$profile/webhooks": { why: webhooks.ownerOnly("Ann") },
  "/p/$profile/webhooks/$webhook": { why: webhooks.ownerOnly("Ann") },
  "/p/$profile/statistics": { why: statistics.readOnly("Ann"), buttons: [statistics.apply], fields: 2 },
  "/p/$profile/audit": { why: audit.whoMay },
  "/p/$profile/more": { why: more.readOnly("Ann"), buttons: [common.copyName(more.id)] },
  "/p/$profile/more/transfer": { why: more.readOnly("Ann") },
};

test("on every page of a profile a read-only member sees no control that writes, who gave what, and why", async ({
  open,
  network,
  guard,
}) => {
  expect(Object.keys(pages).sort()).toEqual(
    routes()
      .filter((route) => route.startsWith("/p/$profile"))
      .sort(),
  );
  const { ann, bob, id } = await shared("read");
  guard.expects("GET", new RegExp(`^/profile/${id}/auditlog`), 403);
  const page = await open(bob, "/console/profiles");
  const main = page.locator("main");
  for (const [route, { why, buttons = [], fields = 0 }] of Object.entries(pages)) {
    await page.goto(`/console${route.replace("$profile", id).replace(/\$(token|webhook)/, "aaaaaaaa")}`);
    await settled(page, network);
    await expect.soft(main.getByText(permissions.given.read(ann.name), { exact: true }), route).toBeVisible();
    await expect.soft(main.getByText(why).first(), route).toBeVisible();
    const names = main.getByRole("button").evaluateAll((all) => all.map((one) => one.ariaLabel ?? one.textContent));
    expect.soft(await names, route).toEqual(buttons);
    const typed = main.getByRole("textbox").or(main.getByRole("checkbox")).or(main.getByRole("combobox"));
    await expect.soft(typed, route).toHaveCount(fields);
    await expect
      .soft(main.locator("a").and(page.locator("[href$='/new'], [href$='/rotate'], [href$='/transfer']")), route)
      .toHaveCount(0);
  }
});

test("a read-only member can leave a profile, and does not see addresses", async ({ open, network }) => {
  const { bob, ann, id } = await shared("read");
  const page = await open(bob, `/console/p/${id}/team`);
  await settled(page, network);
  await page.getByRole("button", { name: common.actions(bob.name) }).click();
  await expect(page.getByRole("menuitem")).toHaveText([team.leave]);
  await page.keyboard.press("Escape");
  for (const { email } of [ann, bob])
    await expect(page.locator("main").getByText(email), "addresses are for the owner").toHaveCount(0);
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
