import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test as base, type ConsoleMessage, expect, type Locator, type Page } from "@playwright/test";
import { createServer } from "vite";
import { texts } from "../gallery/texts.ts";
import { common } from "../src/messages/en/common.ts";
import { violations } from "./lib/axe.ts";
import { type Look, looksOf } from "./lib/looks.ts";
import { keyboardWalk, leaveDialog, noRoom, sideways, smallTargets } from "./lib/measure.ts";
import { inPlace } from "./lib/settled.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The page of all components, as `make console-dev` serves it. */
const test = base.extend<{ gallery: Page }, { kept: Page; look: Look }>({
  // It is loaded once, as it has hundreds of modules. Each test leaves it as it
  // was, and after one that fails it is loaded again.
  kept: [
    async ({ browser }, use) => {
      const server = await createServer({
        root,
        configFile: `${root}vite.config.ts`,
        logLevel: "error",
        server: { host: "127.0.0.1", port: 0, strictPort: false, hmr: false, watch: null },
      });
      await server.listen();
      const context = await browser.newContext({
        baseURL: server.resolvedUrls?.local[0] ?? "",
        locale: "en-US",
        timezoneId: "Europe/Berlin",
        reducedMotion: "reduce",
      });
      const page = await context.newPage();
      await page.clock.setFixedTime("2030-03-14T12:00:00Z");
      await page.goto("gallery/index.html");
      // The first visit builds everything for the browser.
      await page.locator("[data-kit]").last().waitFor({ timeout: 120_000 });
      await use(page);
      await context.close();
      await server.close();
    },
    { scope: "worker" },
  ],
  look: [async ({ browser }, use) => use(looksOf(browser)), { scope: "worker" }],
  gallery: async ({ kept }, use) => {
    const wrong: string[] = [];
    const onError = (error: Error) => wrong.push(error.message);
    const onMessage = (message: ConsoleMessage) => message.type() === "error" && wrong.push(message.text());
    kept.on("pageerror", onError);
    kept.on("console", onMessage);
    await kept.emulateMedia({ colorScheme: "light", forcedColors: "none" });
    await kept.setViewportSize({ width: 1280, height: 900 });
    await kept.mouse.move(0, 0);
    await kept.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await use(kept);
    kept.off("pageerror", onError);
    kept.off("console", onMessage);
    expect(wrong, "errors in the console").toEqual([]);
  },
});

/** Does something in both themes at both widths. */
async function everywhere(page: Page, act: (theme: "light" | "dark", width: number) => Promise<void>): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    for (const width of [1280, 320]) {
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height: 900 });
      await inPlace(page);
      await act(theme, width);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
}

/**
 * Judges the page as it is, in both themes and at both widths. Of what lies
 * over it, if something does, these are the colours and the pictures: the page
 * itself has tests of its own.
 */
async function judge(page: Page, over?: { at: string; look: Look; shown: Locator; name: string }): Promise<string[]> {
  const wrong: string[] = [];
  await everywhere(page, async (theme, width) => {
    if (over) await over.look(over.shown, `${over.name}-${theme}-${width}`);
    const found = await violations(page, "colours", over?.at);
    if (theme === "light") {
      found.push(...(await violations(page, "rest")));
      found.push(...(await sideways(page)), ...(await noRoom(page)), ...(await smallTargets(page)));
    }
    wrong.push(...found.map((what) => `${theme}, ${width} px: ${what}`));
  });
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

test("each component looks as it did", async ({ gallery, look }) => {
  const names = await gallery.locator("[data-kit]").evaluateAll((all) => all.map((one) => one.dataset["kit"] ?? ""));
  const changing = names.filter((name) => name.includes("Skeleton"));
  const compare = (all: string[]) =>
    everywhere(gallery, async (theme, width) => {
      for (const name of all)
        await look(gallery.locator(`[data-kit="${name}"]`), `${name.replaceAll(" ", "-")}-${theme}-${width}`);
    });
  await compare(names.filter((name) => !changing.includes(name)));
  // After some seconds it says that it takes long, and stays so.
  await gallery.getByText(common.slow).first().waitFor();
  await compare(changing);
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
  await debug.send("Page.setFontSizes", { fontSizes: { standard: 16, fixed: 13 } });
});

const dialogs = "[role=dialog], [role=alertdialog]";

for (const kind of ["dialog", "confirm", "leave", "typed", "side"] as const) {
  test(`over the page: ${texts.open[kind]}`, async ({ gallery, look }) => {
    const opener = gallery.getByRole("button", { name: texts.open[kind], exact: true });
    await opener.click();
    await gallery.locator(dialogs).waitFor();
    await gallery.mouse.move(0, 0);
    const wrong = await judge(gallery, { at: dialogs, look, shown: gallery.locator(dialogs), name: kind });
    wrong.push(...(await leaveDialog(gallery, opener)));
    expect(wrong).toEqual([]);
  });
}

const lists = "[role=menu], [role=listbox]";

test("lists and toasts over the page", async ({ gallery, look }) => {
  const wrong: string[] = [];
  for (const name of [texts.open.menu, texts.states.plain, texts.states.searchable]) {
    const button =
      name === texts.open.menu
        ? gallery.getByRole("button", { name, exact: true })
        : gallery.locator("[data-kit=Select]").getByRole("button", { name: new RegExp(`${name}$`) });
    await button.click();
    await gallery.locator(lists).first().waitFor();
    wrong.push(...(await violations(gallery, "rest")).map((what) => `${name}: ${what}`));
    await gallery.mouse.move(0, 0);
    for (const colorScheme of ["light", "dark"] as const) {
      await gallery.emulateMedia({ colorScheme });
      await look(gallery.locator(lists).first(), `list-${name.replaceAll(" ", "-")}-${colorScheme}`);
      wrong.push(...(await violations(gallery, "colours", lists)).map((what) => `${name}, ${colorScheme}: ${what}`));
    }
    await gallery.keyboard.press("Escape");
    await expect(gallery.locator(lists)).toHaveCount(0);
    await expect(button).toBeFocused();
  }
  for (const name of [texts.open.toast, texts.open.toastUndo, texts.open.toastBad])
    await gallery.getByRole("button", { name, exact: true }).click();
  await expect(gallery.getByRole("alertdialog")).toHaveCount(3);
  await gallery.mouse.move(0, 0);
  // The others go away after some seconds.
  const shown = gallery.getByRole("alertdialog").filter({ hasText: texts.fault });
  wrong.push(...(await judge(gallery, { at: "[role=alertdialog]", look, shown, name: "toast" })));
  expect(wrong).toEqual([]);
});
