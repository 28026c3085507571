import type { Page } from "@playwright/test";
import { shell } from "../src/messages/en/shell.ts";
import { nora, profilesOf } from "./lib/people.ts";
import { settled } from "./lib/settled.ts";
import { test } from "./lib/test.ts";

// Measures how fast the console is for a person with a warm browser, and prints
// it. No time is a limit, because machines differ.
const rounds = 15;

type Vitals = { paint: number; shift: number; interaction: number };

/**
 * Has a page note its largest paint, how much it shifts, and how long an
 * interaction takes until the next paint.
 */
function note() {
  const vitals: Vitals = { paint: 0, shift: 0, interaction: 0 };
  Object.assign(globalThis, { vitals });
  const watch = (type: string, take: (entry: PerformanceEntry) => void, more: object = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...more });
  watch("largest-contentful-paint", ({ startTime }) => {
    vitals.paint = startTime;
  });
  watch("layout-shift", (entry) => {
    const { value, hadRecentInput } = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
    if (!hadRecentInput) vitals.shift += value;
  });
  watch(
    "event",
    ({ duration }) => {
      vitals.interaction = Math.max(vitals.interaction, duration);
    },
    { durationThreshold: 16 },
  );
}

const noted = (page: Page) => page.evaluate(() => (globalThis as unknown as { vitals: Vitals }).vitals);

/** The 75th percentile of values. */
const p75 = (values: number[]) => values.sort((a, b) => a - b)[Math.ceil(values.length * 0.75) - 1] ?? 0;

const row = (what: string, ...cells: string[]) => console.log(`| ${[what, ...cells].join(" | ")} |`);
const ms = (value: number) => `${Math.round(value)} ms`;

test("how fast the console is", async ({ seat, network }) => {
  test.setTimeout(300_000);
  const profiles = await profilesOf(nora);
  const id = (name: string) => profiles.find((one) => one.name === name)?.id ?? "";
  row("page, browser warm, p75", "largest paint", "shift");
  row("---", "---", "---");
  for (const [as, path] of [
    [undefined, "/console/sign-in"],
    [nora, "/console/profiles"],
    [nora, `/console/p/${id("Demo greenhouse")}`],
    [nora, `/console/p/${id("Demo greenhouse")}/statistics`],
  ] as const) {
    const page = await seat(as);
    await page.addInitScript(note);
    const seen: Vitals[] = [];
    for (let round = 0; round <= rounds; round++) {
      await page.goto("about:blank");
      await page.goto(path);
      await settled(page, network);
      if (round > 0) seen.push(await noted(page));
    }
    row(
      path.replace(/[0-9a-f]{24}/, "{id}"),
      ms(p75(seen.map(({ paint }) => paint))),
      p75(seen.map(({ shift }) => shift)).toFixed(3),
    );
  }

  const page = await seat(nora);
  const names = ["Demo vineyard", "Demo greenhouse"];
  console.log();
  row("interaction, p75", "until content", "slowest event");
  row("---", "---", "---");
  for (const slower of [1, 4]) {
    const debug = await page.context().newCDPSession(page);
    await debug.send("Emulation.setCPUThrottlingRate", { rate: slower });
    await page.goto(`/console/p/${id("Demo greenhouse")}`);
    await settled(page, network);
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const name = names[round % 2] ?? "";
      await page.keyboard.press("Control+k");
      await page.getByRole("searchbox", { name: shell.searchHint }).fill(name);
      await page.getByRole("option", { name }).first().waitFor();
      const start = Date.now();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1 }).getByText(name, { exact: true }).waitFor();
      if (round > 0) times.push(Date.now() - start);
      await settled(page, network);
    }
    row(
      `switch profile, ${slower === 1 ? "this processor" : `${slower} times slower`}`,
      ms(p75(times)),
      ms((await noted(page)).interaction),
    );
    await debug.send("Emulation.setCPUThrottlingRate", { rate: 1 });
    await debug.detach();
  }
});
