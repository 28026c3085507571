import type { Page } from "@playwright/test";
import { account as accountTexts } from "../src/messages/en/account.ts";
import { common } from "../src/messages/en/common.ts";
import { general as texts } from "../src/messages/en/general.ts";
import { home } from "../src/messages/en/home.ts";
import { plans } from "../src/messages/en/services.ts";
import { shell } from "../src/messages/en/shell.ts";
import { profilesOf, signedUp, tokenOf } from "./lib/people.ts";
import { done } from "./lib/stack.ts";
import { arrived, button, field } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

/** A person with profiles of these names, beside the first one. */
async function owner(name: string, ...names: string[]) {
  const person = await signedUp(name);
  const token = await tokenOf(person);
  await done("POST", "/account/plan", { plan: "scale" }, token);
  for (const name of names) await done("POST", "/profile", { name }, token);
  return { person, token, profiles: await profilesOf(person) };
}

const heading = (page: Page, name: string) =>
  expect(page.getByRole("heading", { level: 1 }).getByText(name, { exact: true })).toBeVisible();

test("a profile is added once, renamed by clicking its name, and named as before by Undo", async ({
  open,
  network,
}) => {
  const { person } = await owner("Ann");
  const page = await open(person, "/console/profiles");
  await button(page, home.add).first().click();
  const dialog = page.getByRole("dialog", { name: home.addTitle });
  await expect(field(dialog, home.addName)).toBeFocused();
  await field(dialog, home.addName).fill("Green");
  network.fail("POST", /^\/profile$/, { delay: 300 });
  await button(dialog, home.create).dblclick();
  await expect(page).toHaveURL(/\/console\/p\/[0-9a-f]{24}$/);
  await heading(page, "Green");
  expect((await profilesOf(person)).map(({ name }) => name).sort()).toEqual(["Ann", "Green"]);

  await button(page, texts.rename("Green")).click();
  const name = field(page, texts.name);
  await expect(name).toBeFocused();
  await name.fill("Not this");
  await name.press("Escape");
  await expect(button(page, texts.rename("Green"))).toBeFocused();
  await page.keyboard.press("Enter");
  // Two profiles may have the same name.
  await name.fill("Ann");
  await name.press("Enter");
  await heading(page, "Ann");
  await button(page, shell.switchProfile("Ann")).waitFor();
  expect((await profilesOf(person)).map(({ name }) => name)).toEqual(["Ann", "Ann"]);
  await button(page, common.undo).click();
  await heading(page, "Green");
  expect((await profilesOf(person)).map(({ name }) => name).sort()).toEqual(["Ann", "Green"]);
});

test("at the end of the plan adding says so", async ({ open }) => {
  const person = await signedUp("Fee");
  const page = await open(person, "/console/profiles");
  await button(page, home.add).first().click();
  const dialog = page.getByRole("dialog", { name: home.addTitle });
  await expect(dialog.getByText(home.full(1, plans.free))).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(button(page, home.add).first()).toBeFocused();
});

test("a person switches in three tabs, each for itself, and stays on the same page", async ({ open }) => {
  const { person, profiles } = await owner("Sid", "Plant", "Orchard");
  const id = (name: string) => profiles.find((profile) => profile.name === name)?.id ?? "";
  const first = await open(person, `/console/p/${id("Sid")}/tokens`);
  const [second, third] = [await first.context().newPage(), await first.context().newPage()];
  await second.goto(`/console/p/${id("Sid")}`);
  await third.goto(`/console/p/${id("Plant")}/team`);

  // With the control at the top left.
  await button(first, shell.switchProfile("Sid")).click();
  const find = first.getByRole("searchbox", { name: shell.find });
  await expect(find).toBeFocused();
  await find.fill("orch");
  await find.press("ArrowDown");
  await find.press("Enter");
  await expect(first).toHaveURL(new RegExp(`/console/p/${id("Orchard")}/tokens$`));
  await expect(button(first, shell.switchProfile("Orchard"))).toBeVisible();

  // With the keyboard alone.
  await arrived(second);
  await second.keyboard.press("Control+k");
  await expect(second.getByRole("searchbox", { name: shell.searchHint })).toBeFocused();
  await second.keyboard.type("plant");
  await expect(second.getByRole("option", { name: "Plant" })).toBeVisible();
  await second.keyboard.press("Enter");
  await expect(second).toHaveURL(new RegExp(`/console/p/${id("Plant")}$`));

  await expect(third).toHaveURL(new RegExp(`/console/p/${id("Plant")}/team$`));
  for (const [page, name] of [
    [first, "Orchard"],
    [second, "Plant"],
    [third, "Plant"],
  ] as const) {
    await page.reload();
    await expect(button(page, shell.switchProfile(name))).toBeVisible();
  }
});

test("a new version of the console does not reload over what was typed", async ({ open, network, guard }) => {
  const person = await signedUp("Van");
  const page = await open(person, "/console/account");
  const company = page.getByLabel(new RegExp(`^${accountTexts.company}`));
  await company.fill("Greenhouse & Sons");
  // The service has only the files of the new version.
  const gone = /\/assets\/Allocation-/;
  guard.expects("GET", gone, 404);
  network.fail("GET", gone, { status: 404 }, 100);
  const leave = page.getByRole("link", { name: shell.pages.allocation, exact: true });
  await leave.click();
  const ask = page.getByRole("alertdialog", { name: common.leaveTitle });
  await button(ask, common.leaveStay).click();
  await expect(company).toHaveValue("Greenhouse & Sons");
  await expect(page).toHaveURL(/\/console\/account$/);

  await leave.click();
  await button(ask, common.leaveGo).click();
  await expect(page.getByRole("heading", { name: common.chunkTitle })).toBeVisible();
  network.heal();
  await button(page, common.reload).click();
  await expect(page).toHaveURL(/\/console\/allocation$/);
  await expect(page.getByRole("heading", { level: 1, name: shell.pages.allocation })).toBeVisible();
});
