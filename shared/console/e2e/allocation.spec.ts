import type { Page } from "@playwright/test";
import { allocation as texts } from "../src/messages/en/allocation.ts";
import { common } from "../src/messages/en/common.ts";
import { general } from "../src/messages/en/general.ts";
import { notifications } from "../src/messages/en/notifications.ts";
import { addons, services } from "../src/messages/en/services.ts";
import { type Person, plane, profilesOf, share, signedUp, tokenOf } from "./lib/people.ts";
import { settled } from "./lib/settled.ts";
import { done } from "./lib/stack.ts";
import { button } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

type World = { owner: Person; token: string; home: { id: string; name: string }; plant: string };

// An account with two profiles and 200 messages. One profile has 100, and the
// other one the rest.
async function divided(): Promise<World> {
  const owner = await signedUp("Ann");
  const token = await tokenOf(owner);
  const [home] = await profilesOf(owner);
  if (!home) throw new Error("a new account has a profile");
  await done("POST", "/account/plan", { plan: "scale" }, token);
  await done("POST", "/account/subscription", { services: { sms: { limit: 200 } } }, token);
  const { id: plant } = await done<{ id: string }>("POST", "/profile", { name: "Plant" }, token);
  await done(
    "POST",
    "/account/allocation",
    [
      { profile: home.id, sms: 100 },
      { profile: plant, sms: 50 },
    ],
    token,
  );
  return { owner, token, home, plant };
}

const sms = (page: Page, profile: string) => page.getByLabel(texts.cell(services.sms.name, profile), { exact: true });
const row = (page: Page) => page.getByRole("row").filter({ hasText: /^SMS/ });

async function save(page: Page) {
  await button(page, texts.review).click();
  await button(page.getByRole("alertdialog"), texts.save).click();
}

test("two tabs divide the same service: the second keeps its numbers and is shown the others'", async ({
  open,
  guard,
  network,
}) => {
  const { owner, token, home, plant } = await divided();
  const first = await open(owner, "/console/allocation");
  const second = await first.context().newPage();
  await second.goto("/console/allocation");
  await settled(first, network);
  await settled(second, network);
  guard.expects("POST", /^\/account\/allocation$/, 409);

  await sms(first, "Plant").fill("80");
  await expect(row(first)).toContainText("20");
  await sms(second, "Plant").fill("60");
  await save(first);
  await expect(first.getByText(texts.saved).first()).toBeVisible();

  await save(second);
  await expect(second.getByText(texts.staleCell(services.sms.name, "Plant", "50", "80"))).toBeVisible();
  await expect(sms(second, "Plant")).toHaveValue("60");
  await expect(second.getByText(texts.theirs("80"))).toBeVisible();
  await expect(button(second, texts.review)).toBeDisabled();
  const has = async () => {
    const rows = await done<{ profile: string; sms: number }[]>("GET", "/account/allocation", undefined, token);
    return rows.find(({ profile }) => profile === plant)?.sms;
  };
  expect(await has()).toBe(80);

  await button(second, texts.keepMine).click();
  await save(second);
  await expect(second.getByText(texts.saved).first()).toBeVisible();
  expect(await has()).toBe(60);

  // More than the limit cannot be saved, and the sentence names the service.
  await sms(second, home.name).fill("190");
  await expect(second.getByText(texts.overSays(services.sms.name, "50"))).toBeVisible();
  await expect(button(second, texts.review)).toBeDisabled();
  await sms(second, home.name).fill("1.5");
  await expect(second.getByText(texts.notNumber)).toBeVisible();
});

test("fields are gone through with the keyboard alone", async ({ open, network }) => {
  const { owner, home } = await divided();
  const page = await open(owner, "/console/allocation");
  await settled(page, network);
  await sms(page, home.name).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByLabel(texts.cell(services.email.name, home.name), { exact: true })).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByLabel(texts.cell(services.email.name, "Plant"), { exact: true })).toBeFocused();
  await page.keyboard.press("Shift+Enter");
  await expect(sms(page, "Plant")).toBeFocused();
  await page.keyboard.type("60");
  await expect(sms(page, "Plant")).toHaveValue("60");
  await expect(page.getByText(texts.changes(1))).toBeVisible();
});

test("a member sees a service used up, and free again when the owner gives more", async ({ open, network }) => {
  const { owner, token, plant } = await divided();
  const member = await signedUp("Ben");
  await done("POST", `/profile/${plant}/team`, { email: member.email, permission: "read" }, token);
  const memberToken = await tokenOf(member);
  const [invitation] = await done<{ id: string }[]>("GET", "/notification", undefined, memberToken);
  await done("PUT", `/notification/${invitation?.id}/accept`, undefined, memberToken);
  await done("POST", `/usage/${plant}`, { lines: [{ service: "sms", amount: 50, event: "all of it" }] }, plane);

  const theirs = await open(member, `/console/p/${plant}/statistics`);
  await settled(theirs, network);
  const card = theirs.getByRole("link", { name: /^SMS/ });
  await expect(card).toContainText("50 of 50");
  await expect(theirs.getByText("Cost of this profile")).toHaveCount(0);
  await theirs.goto(`/console/p/${plant}`);
  await expect(theirs.getByText(general.askOwner(owner.name))).toBeVisible();
  await theirs.goBack();

  // The owner is notified, in the time zone of the account and not in that of
  // the service. The page of the profile leads to the place to get more.
  const ours = await open(owner, "/console/notifications");
  const told = ours.getByRole("listitem").filter({ hasText: notifications.near(services.sms.name, "Plant", "100") });
  await expect(told).toContainText(/Used: 50 of 50 messages[.] The count begins again on .*\d[.]/);
  await expect(told).not.toContainText("UTC");
  await ours.goto(`/console/p/${plant}`);
  await expect(ours.getByText(general.stopped(services.sms.name, false))).toBeVisible();
  await expect(ours.getByRole("link", { name: general.raise })).toHaveAttribute("href", "/console/subscription");
  await ours.getByRole("link", { name: general.divide }).click();
  await settled(ours, network);
  await sms(ours, "Plant").fill("49");
  await expect(ours.getByText(texts.tooLow("50"))).toBeVisible();
  await sms(ours, "Plant").fill("90");
  await button(ours, texts.review).click();
  await expect(ours.getByRole("alertdialog")).toContainText(texts.unblocks);
  await button(ours.getByRole("alertdialog"), texts.save).click();
  await expect(ours.getByText(texts.saved).first()).toBeVisible();
  await theirs.reload();
  await expect(card).toContainText("50 of 90");
});

test("what was said last does not cover the buttons at the foot of the form", async ({ open, network }) => {
  const { owner, home } = await divided();
  const page = await open(owner, "/console/allocation");
  await settled(page, network);
  for (const [width, height] of [
    [1280, 500],
    [360, 740],
  ] as const) {
    await page.setViewportSize({ width, height });
    await sms(page, home.name).fill(`${width % 90}`);
    await save(page);
    const said = page.getByRole("alertdialog").getByText(texts.saved);
    await said.waitFor();
    await sms(page, home.name).fill("7");
    const review = button(page, texts.review);
    await expect(review).toBeEnabled();
    const free = await review.evaluate((one) => {
      const { left, top, width, height } = one.getBoundingClientRect();
      return one.contains(document.elementFromPoint(left + width / 2, top + height / 2));
    });
    expect(free, `at ${width} px`).toBe(true);
    expect(await said.count(), "it was still there").toBe(1);
    await button(page.getByRole("alertdialog"), common.close).click();
  }
});

test("a member with the permission billing gives a shared profile more, and no more than there is", async ({
  open,
  guard,
}) => {
  const { owner, token, plant } = await divided();
  const pam = await signedUp("Pam");
  await share({ token, profile: plant }, pam, "billing");
  const page = await open(pam, `/console/p/${plant}`);
  const spending = page.getByRole("region", { name: general.spending.title });
  const amount = spending.getByLabel(general.service(services.sms.name, services.sms.unit));
  await expect(amount).toHaveValue("50");
  guard.expects("POST", /\/services$/, 400);
  await amount.fill("101");
  await button(spending, general.spending.save).click();
  await expect(spending.getByRole("alert").or(spending.getByText(/200/)).first()).toBeVisible();
  await amount.fill("100");
  await spending.getByText(addons.mobile, { exact: true }).click();
  await button(spending, general.spending.save).click();
  await expect(page.getByText(general.spending.saved)).toBeVisible();
  await page.reload();
  await expect(amount).toHaveValue("100");
  await expect(spending.getByRole("checkbox", { name: addons.mobile })).toBeChecked();
  const rows = await done<{ profile: string; sms: number }[]>("GET", "/account/allocation", undefined, token);
  expect(rows.find(({ profile }) => profile === plant)?.sms).toBe(100);

  const theirs = await open(owner, `/console/p/${plant}`);
  await expect(theirs.getByRole("heading", { name: general.about })).toBeVisible();
  await expect(theirs.getByRole("region", { name: general.spending.title })).toHaveCount(0);
});
