import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test as base, expect, type Page } from "@playwright/test";
import { createServer } from "vite";
import { texts } from "../gallery/texts.ts";
import { type Part, violations } from "./lib/axe.ts";
import { keyboardWalk, leaveDialog, noRoom, sideways, smallTargets } from "./lib/measure.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The page of all components, as `make console-dev` serves it. */
const test = base.extend<{ gallery: Page }, { served: string }>({
  served: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern which fixtures are needed.
    async ({}, use) => {
      const server = await createServer({
        root,
        configFile: `${root}vite.config.ts`,
        logLevel: "error",
        server: { host: "127.0.0.1", port: 0, strictPort: false, hmr: false, watch: null },
      });
      await server.listen();
      await use(`${server.resolvedUrls?.local[0]}gallery/index.html`);
      await server.close();
    },
    { scope: "worker" },
  ],
  gallery: async ({ page, served }, use) => {
    const wrong: string[] = [];
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await page.goto(served);
    // The first visit builds everything for the browser.
    await page.locator("[data-kit]").last().waitFor({ timeout: 120_000 });
    await use(page);
    expect(wrong, "errors in the console").toEqual([]);
  },
});

const all = async (page: Page, parts: Part[]) =>
  (await Promise.all(parts.map((part) => violations(page, part)))).flat();

/** Judges the page as it is, in both themes and at both widths. */
async function judge(page: Page): Promise<string[]> {
  const wrong: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 320]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const found = [...(await violations(page, "rest")), ...(await violations(page, "colours"))];
      if (colorScheme === "light") {
        found.push(...(await sideways(page)), ...(await noRoom(page)), ...(await smallTargets(page)));
      }
      wrong.push(...found.map((what) => `${colorScheme}, ${width} px: ${what}`));
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
  return wrong;
}

// They are parts of others, or have an effect and show nothing.
const parts = new Set(["FieldLabel", "FieldHint", "Guard"]);

test("each component of the kit is in the gallery", async ({ gallery }) => {
  const shown = (await gallery.locator("[data-kit]").evaluateAll((all) => all.map((one) => one.dataset["kit"] ?? "")))
    .join(" ")
    .split(" ");
  const there = ["src/kit", "src/charts"].flatMap((folder) =>
    readdirSync(root + folder)
      .filter((file) => /(?<!\.test)\.tsx$/.test(file))
      .flatMap((file) => [
        ...readFileSync(`${root}${folder}/${file}`, "utf8").matchAll(/^export (?:function|const) ([A-Z][a-z]\w*)/gm),
      ])
      .map(([, name = ""]) => name),
  );
  expect(there.length).toBeGreaterThan(40);
  expect(
    there.filter((name) => !shown.includes(name) && !parts.has(name)),
    "components that the gallery does not show",
  ).toEqual([]);
  expect(
    shown.filter((name) => !there.includes(name)),
    "what the gallery shows and is not there",
  ).toEqual([]);
});

test("what is shown is accessible in both themes, at 320 px and with forced colours", async ({ gallery }) => {
  const wrong = await judge(gallery);
  const walk = await keyboardWalk(gallery, 250);
  wrong.push(...walk.wrong);
  expect(walk.stops.length).toBeGreaterThan(60);
  await gallery.emulateMedia({ forcedColors: "active" });
  wrong.push(...(await violations(gallery, "rest")).map((what) => `forced colours: ${what}`));
  wrong.push(...(await keyboardWalk(gallery, 250)).wrong.map((what) => `forced colours: ${what}`));
  expect(wrong).toEqual([]);
});

test("icons and pictures grow with the text, and nothing is cut off", async ({ gallery }) => {
  const sizes = () =>
    gallery
      .locator("svg.lucide, [data-letter]")
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width));
  const before = await sizes();
  const debug = await gallery.context().newCDPSession(gallery);
  await debug.send("Page.setFontSizes", { fontSizes: { standard: 32, fixed: 26 } });
  await expect.poll(async () => (await sizes())[0]).toBe((before[0] ?? 0) * 2);
  expect(before.length).toBeGreaterThan(40);
  expect(await sizes()).toEqual(before.map((width) => width * 2));
  expect([...(await sideways(gallery)), ...(await noRoom(gallery))]).toEqual([]);
});

for (const kind of ["dialog", "confirm", "leave", "typed", "side"] as const) {
  test(`over the page: ${texts.open[kind]}`, async ({ gallery }) => {
    const opener = gallery.getByRole("button", { name: texts.open[kind], exact: true });
    await opener.click();
    await gallery.locator("[role=dialog], [role=alertdialog]").waitFor();
    const wrong = await judge(gallery);
    wrong.push(...(await leaveDialog(gallery, opener)));
    expect(wrong).toEqual([]);
  });
}

test("lists and toasts over the page", async ({ gallery }) => {
  const wrong: string[] = [];
  for (const name of [texts.open.menu, texts.states.plain, texts.states.searchable]) {
    const button =
      name === texts.open.menu
        ? gallery.getByRole("button", { name, exact: true })
        : gallery.locator("[data-kit=Select]").getByRole("button", { name: new RegExp(`${name}$`) });
    await button.click();
    await gallery.locator("[role=menu], [role=listbox]").first().waitFor();
    wrong.push(...(await all(gallery, ["rest"])).map((what) => `${name}: ${what}`));
    for (const colorScheme of ["light", "dark"] as const) {
      await gallery.emulateMedia({ colorScheme });
      wrong.push(...(await violations(gallery, "colours")).map((what) => `${name}, ${colorScheme}: ${what}`));
    }
    await gallery.keyboard.press("Escape");
    await expect(gallery.locator("[role=menu], [role=listbox]")).toHaveCount(0);
    await expect(button).toBeFocused();
  }
  for (const name of [texts.open.toast, texts.open.toastUndo, texts.open.toastBad])
    await gallery.getByRole("button", { name, exact: true }).click();
  await expect(gallery.getByRole("alertdialog")).toHaveCount(3);
  wrong.push(...(await judge(gallery)));
  expect(wrong).toEqual([]);
});
