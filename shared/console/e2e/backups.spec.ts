import { readFile } from "node:fs/promises";
import { backups as texts } from "../src/messages/en/backups.ts";
import { proof } from "../src/messages/en/proof.ts";
import { share, signedUp, withPlan } from "./lib/people.ts";
import { done } from "./lib/stack.ts";
import { button, field } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

test("a backup is made, downloaded, restored and deleted", async ({ open, guard }) => {
  guard.expects("POST", /\/backup$/, 403);
  const { person, profile, token, name } = await withPlan("Ada");
  const url = "https://example.com/events";
  const { id } = await done<{ id: string }>("POST", `/profile/${profile}/webhook`, { url }, token);
  const page = await open(person, `/console/p/${profile}/backups`);
  await button(page, texts.add).click();
  await expect(page.getByText(texts.reasons.request)).toBeVisible();
  await button(page, texts.add).click();
  await expect(page.getByText(/Daily backup limit reached/)).toBeVisible();

  const choose = async (action: string) => {
    await page.getByRole("row").last().getByRole("button").click();
    await page.getByRole("menuitem", { name: action, exact: true }).click();
  };
  const dialog = page.getByRole("dialog");
  const prove = async (action: string) => {
    await field(dialog, proof.password).fill(person.password);
    await button(dialog, action).click();
  };
  await choose(texts.download);
  const [file] = await Promise.all([page.waitForEvent("download"), prove(texts.download)]);
  const archive = await readFile(await file.path());
  expect(archive.subarray(0, 2).toString()).toBe("PK");
  expect(file.suggestedFilename()).toMatch(/^backup-[0-9a-f]{24}\.zip$/);

  await done("PUT", `/profile/${profile}`, { name: "Wreck" }, token);
  await done("DELETE", `/profile/${profile}/webhook/${id}`, undefined, token);
  await page.reload();
  await choose(texts.restore);
  await expect(dialog.getByText(texts.changed(texts.settings.name, "Wreck", name))).toBeVisible();
  await expect(dialog.getByRole("checkbox", { name: new RegExp(`^${texts.parts.webhooks}`) })).toBeChecked();
  await prove(texts.restore);
  await expect(dialog.getByText(texts.secrets)).toBeVisible();
  await expect(dialog.getByRole("textbox", { name: texts.secretOf(url) })).toHaveValue(/^whsec_/);
  await button(dialog, texts.close).click();
  await choose(texts.restore);
  await expect(dialog.getByText(texts.nothing)).toBeVisible();
  await prove(texts.restore);
  await expect(dialog.getByText(texts.noPart)).toBeVisible();
  await page.keyboard.press("Escape");

  await choose(texts.remove);
  await prove(texts.remove);
  await expect(page.getByText(texts.emptyTitle)).toBeVisible();
});

test("a backup is restored into a new profile, and a member sees none", async ({ open }) => {
  const owner = await withPlan("Eli");
  const reader = await signedUp("Fay");
  await share(owner, reader, "full");
  await done("POST", `/profile/${owner.profile}/backup`, undefined, owner.token);
  const reading = await open(reader, `/console/p/${owner.profile}/backups`);
  await expect(reading.getByText(texts.ownerOnly("Eli"))).toBeVisible();
  const page = await open(owner.person, "/console/account/backups");
  await page.getByRole("row").last().getByRole("button").click();
  await page.getByRole("menuitem", { name: texts.restoreNew }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("checkbox", { name: new RegExp(`^${texts.parts.team}`) })).toBeChecked();
  await field(dialog, proof.password).fill(owner.person.password);
  await button(dialog, texts.restoreNew).click();
  await dialog.getByRole("link", { name: texts.toProfile }).click();
  await expect(page).toHaveURL(/\/console\/p\/[0-9a-f]{24}$/);
  expect(page.url()).not.toContain(owner.profile);
});
