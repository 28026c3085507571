import type { Page } from "@playwright/test";
import { audit as texts } from "../src/messages/en/audit.ts";
import { nora, profilesOf, tokenOf } from "./lib/people.ts";
import { settled } from "./lib/settled.ts";
import { done } from "./lib/stack.ts";
import { button } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

async function greenhouse(): Promise<string> {
  const found = (await profilesOf(nora)).find(({ name }) => name === "Demo greenhouse");
  if (!found) throw new Error("the demo has a greenhouse");
  return found.id;
}

const log = (page: Page) => page.getByRole("table", { name: texts.log });
const entries = (page: Page) => log(page).getByRole("button", { name: /: (hide )?details$/ });

/** Saves the file of an export, and returns its lines. */
async function exported(page: Page, format: string): Promise<string[]> {
  await button(page, texts.export).click();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: new RegExp(`^${format}`) }).click(),
  ]);
  const parts: Buffer[] = [];
  for await (const part of await file.createReadStream()) parts.push(part as Buffer);
  return Buffer.concat(parts).toString().trimEnd().split("\n");
}

test("thirty days are read window by window, opened, filtered by the address, and saved whole", async ({
  open,
  network,
}) => {
  const id = await greenhouse();
  const start = network.seen.length;
  const page = await open(nora, `/console/p/${id}/audit?from=30d`);
  await settled(page, network);
  const older = page.getByRole("button", { name: /^Load older/ });
  while (await older.isVisible()) {
    await older.click();
    await settled(page, network);
  }
  const windows = network.since(start).api.filter(({ path }) => /auditlog/.test(path));
  expect(windows.length, "windows of at most seven days").toBeGreaterThanOrEqual(5);
  await expect(page.getByText(texts.end)).toBeVisible();
  const shown = await entries(page).count();
  expect(shown).toBeGreaterThan(3);

  const lines = await exported(page, texts.ndjson);
  expect(lines.length, "the file has what the screen has").toBe(shown);
  expect(new Set(lines.map((line) => (JSON.parse(line) as { id: string }).id)).size).toBe(shown);
  const table = await exported(page, texts.csv);
  expect(
    table.filter((line) => /^\uFEFF?"?(id|date|time)/i.test(line)),
    "the head stands once",
  ).toHaveLength(1);

  const first = entries(page).first();
  await first.click();
  await expect(first).toHaveAttribute("aria-expanded", "true");
  await button(page, texts.permanent).click();
  await expect(page).toHaveURL(/[?&]entry=\d{13}-[0-9a-f]{24}/);
  await page.reload();
  await expect(entries(page)).toHaveCount(1);

  await page.goto(`/console/p/${id}/audit?from=30d&what=token`);
  await settled(page, network);
  for (const text of await log(page).getByRole("cell", { name: "token", exact: true }).allInnerTexts())
    expect(text).toBe("token");
  await button(page, texts.clear).click();
  await expect(page).not.toHaveURL(/what=/);
});

test("a filter that matches nothing says so, with its span", async ({ open, network }) => {
  const page = await open(nora, `/console/p/${await greenhouse()}/audit?find=no%20such%20words`);
  await settled(page, network);
  await expect(page.getByRole("heading", { name: texts.emptyTitle })).toBeVisible();
  await expect(entries(page)).toHaveCount(0);
});

test("signing in stands in the log of the account", async ({ open, network }) => {
  // The log shows an entry only after the stream has sealed it, and the page
  // reads the log once.
  const token = await tokenOf(nora);
  const sealed = () => done<{ events: unknown[] }>("GET", "/account/auditlog", undefined, token);
  await expect.poll(async () => (await sealed()).events.length).toBeGreaterThan(0);
  const page = await open(nora, "/console/account/audit");
  await settled(page, network);
  await expect(entries(page).first()).toBeVisible();
  await expect(page.getByText(texts.accountLead)).toBeVisible();
});
