import { readdirSync, readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { type Part, violations } from "./lib/axe.ts";
import { sideways } from "./lib/measure.ts";
import { call } from "./lib/stack.ts";
import { expect, test } from "./lib/test.ts";

// The pages of the reference, which docs-page serves beside the console.
const folder = new URL("../../../docs/reference/", import.meta.url);

// Colours depend on elements and their classes. A page is judged for its
// colours only if it has some that no earlier page has.
const drawn = new Set<string>();
const pages = readdirSync(folder)
  .filter((file) => file.endsWith(".html"))
  .map((file) => {
    const before = drawn.size;
    for (const [, name, classes = ""] of readFileSync(new URL(file, folder), "utf8").matchAll(
      /<(\w+)(?:\s[^>]*?class="([^"]*)")?/g,
    ))
      for (const one of classes.split(" ")) drawn.add(`${name}.${one}`);
    return { path: `/docs/${file.replace(/\.html$/, "")}`.replace(/\/index$/, ""), coloured: drawn.size > before };
  });

async function judge(page: Page, theme: "light" | "dark", width: number, parts: Part[]): Promise<string[]> {
  await page.emulateMedia({ colorScheme: theme });
  await page.setViewportSize({ width, height: 900 });
  const wrong = await sideways(page);
  for (const part of parts) wrong.push(...(await violations(page, part)));
  return wrong.map((what) => `${theme}, ${width} px: ${what}`);
}

for (const { path, coloured } of pages) {
  test(`reference: ${path}`, async ({ browserOf, stranger }) => {
    await stranger.goto(path);
    const colours: Part[] = coloured ? ["colours"] : [];
    const wrong = [
      ...(await judge(stranger, "light", 1280, ["rest", ...colours])),
      ...(await judge(stranger, "dark", 1280, colours)),
      ...(await judge(stranger, "light", 320, ["rest"])),
    ];
    expect(wrong).toEqual([]);
    // Examples have tokens that open nothing.
    await stranger.close();

    const plain = await (
      await browserOf({ javaScriptEnabled: false, viewport: { width: 320, height: 900 } })
    ).newPage();
    await plain.goto(path);
    expect(await plain.locator("pre:visible").count(), "examples without scripts").toBeGreaterThan(0);
    await expect(plain.locator(".copy:visible"), "copying takes a script").toHaveCount(0);
    await plain.close();
  });
}

test("reference: the first page leads to all others", async ({ stranger }) => {
  await stranger.goto("/docs");
  const links = await stranger
    .locator("nav a")
    .evaluateAll((all) => all.map((link) => new URL((link as HTMLAnchorElement).href).pathname));
  expect(links).toEqual(expect.arrayContaining(pages.map(({ path }) => path).filter((path) => path !== "/docs")));
  await stranger.close();
});

test("reference: a refusal leads to its reason", async ({ stranger }) => {
  const { code } = await call("GET", "/profile");
  await stranger.goto(`/docs/errors#${code}`);
  const reason = stranger.locator(":target");
  await expect(reason).toHaveId(code);
  await expect(reason).toBeInViewport();
  expect([
    ...(await judge(stranger, "light", 1280, ["colours"])),
    ...(await judge(stranger, "dark", 1280, ["colours"])),
  ]).toEqual([]);
  await stranger.close();
});

test("reference: an example is copied as it is shown, and somebody who sees nothing hears of it", async ({
  stranger,
}) => {
  await stranger.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await stranger.goto("/docs/team");
  await stranger.locator(".copy").first().click();
  await expect(stranger.locator("#said")).toHaveText("Copied");
  const shown = await stranger.locator(".example code").first().textContent();
  expect(await stranger.evaluate(() => navigator.clipboard.readText())).toBe(shown);
  await stranger.close();
});

test("reference: with a keyboard alone, the first thing is the way around what all pages have", async ({
  stranger,
}) => {
  await stranger.goto("/docs/errors");
  await stranger.keyboard.press("Tab");
  await expect(stranger.locator(".skip")).toBeFocused();
  await stranger.keyboard.press("Enter");
  await expect(stranger.locator("#content")).toBeFocused();
  await stranger.close();
});
