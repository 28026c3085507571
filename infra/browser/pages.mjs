// Opens every page of the reference in a real browser, in both themes, narrow and wide, and has axe judge it. `make browser` runs it beside a
// fresh local stack; TAGOIO_API says where that is, CHROME which browser to drive.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const { TAGOIO_API, CHROME } = process.env;
const executablePath = CHROME || ["/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"].find(existsSync);
if (!TAGOIO_API || !executablePath) {
  console.error("TAGOIO_API must be the address of a stack, and CHROME a Chromium: run this with `make browser`");
  process.exit(1);
}
const origin = new URL(TAGOIO_API).origin;
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const browser = await puppeteer.launch({
  executablePath, headless: true, protocolTimeout: 120_000,
  args: [...(process.getuid?.() === 0 ? ["--no-sandbox"] : []), "--disable-dev-shm-usage", "--no-proxy-server"],
});
let failed = 0;
const fail = (where, what) => { failed++; console.error(`${where}: ${what}`); };

// visit opens a path as a person with these settings would, and has look say what else is wrong with it.
async function visit(path, { width = 1280, theme = "light", script = true }, look) {
  const where = `${path} (${theme}${script ? "" : ", without scripts"})`;
  const context = await browser.createBrowserContext();
  try {
    await context.overridePermissions(origin, ["clipboard-read", "clipboard-write", "clipboard-sanitized-write"]);
    const page = await context.newPage();
    page.on("console", (message) => { if (["error", "warn"].includes(message.type())) fail(where, `the console has: ${message.text()}`); });
    page.on("pageerror", (error) => fail(where, error.message));
    page.on("request", (request) => { if (new URL(request.url()).origin !== origin) fail(where, `it asks ${request.url()}`); });
    page.on("requestfailed", (request) => fail(where, `${request.url()} failed: ${request.failure()?.errorText}`));
    page.on("response", (response) => { if (response.status() >= 400) fail(where, `${response.url()} is ${response.status()}`); });
    await page.setJavaScriptEnabled(script);
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
    await page.goto(origin + path, { waitUntil: "load" });
    await look(page, (what) => fail(where, what));
  } catch (error) {
    fail(where, error.message);
  } finally {
    await context.close();
  }
}

const wide = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;

// Colours depend on the theme alone, and all else on the width alone: axe judges colours once for each theme, and the rest once for each width.
const ofColour = ["color-contrast", "link-in-text-block"];
async function judge(page, wrong, { colours = true, rest = true } = {}) {
  if (await page.evaluate(wide)) wrong("it scrolls sideways");
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(axe);
  const options = { resultTypes: ["violations"] };
  if (!rest) options.runOnly = { type: "rule", values: ofColour };
  else if (!colours) options.rules = Object.fromEntries(ofColour.map((rule) => [rule, { enabled: false }]));
  const { violations, passes } = await page.evaluate((options) => globalThis.axe.run(document, options), options);
  if (passes.length < (rest ? 10 : 1)) wrong(`axe looked at ${passes.length} things only`);
  for (const { id, nodes } of violations) wrong(`${id}: ${nodes.slice(0, 3).map((node) => node.target + " " + node.failureSummary).join("; ")}`);
}

// The pages are those that the first one leads to.
const pages = ["/docs"];
await visit("/docs", {}, async (page) => {
  pages.push(...await page.$$eval("nav a", (links) => links.map((link) => new URL(link.href).pathname).filter((path) => path.startsWith("/docs/"))));
});
if (pages.length < 10) fail("/docs", `it leads to ${pages.length} pages`);

for (const path of pages) {
  for (const theme of ["light", "dark"]) {
    await visit(path, { theme }, async (page, wrong) => {
      for (const width of [1280, 320]) {
        await page.setViewport({ width, height: 900 });
        const colours = width === 1280, rest = theme === "light";
        if (colours || rest) await judge(page, (what) => wrong(`at ${width} px: ${what}`), { colours, rest });
      }
    });
  }
  await visit(path, { width: 320, script: false }, async (page, wrong) => {
    const shown = await page.$$eval("pre", (all) => all.filter((one) => one.checkVisibility()).length).catch((error) => error.message);
    if (!(shown > 0)) wrong(`it shows ${shown} examples`);
    if (await page.$$eval(".copy", (all) => all.some((one) => one.checkVisibility()))) wrong("it offers to copy, which takes a script");
  });
}

// A refusal leads to its reason.
const refusal = await (await fetch(origin + "/profile")).json();
for (const theme of ["light", "dark"]) await visit(refusal.docs, { theme }, async (page, wrong) => {
  const at = await page.$eval(":target", (element) => ({ id: element.id, top: element.getBoundingClientRect().top, height: innerHeight }));
  assert.equal(at.id, refusal.code);
  assert.ok(at.top >= 0 && at.top < at.height, "the reason is out of sight");
  await judge(page, wrong);
});

// Examples are copied as they are shown, and somebody who sees nothing hears of it.
await visit("/docs/team", {}, async (page) => {
  await page.click(".copy");
  await page.waitForFunction(() => document.getElementById("said").textContent === "Copied");
  const [shown, copied] = await page.evaluate(async () => [document.querySelector(".example code").textContent, await navigator.clipboard.readText()]);
  assert.equal(copied, shown);
});

// With a keyboard alone, the first thing is the way around what all pages have.
await visit("/docs/errors", {}, async (page) => {
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement.id === "content");
});

await browser.close();
console.log(`${pages.length} pages, ${failed} failures`);
process.exitCode = failed ? 1 : 0;
