import type { Page } from "@playwright/test";
import { common } from "../src/messages/en/common.ts";
import { shell } from "../src/messages/en/shell.ts";
import { violations } from "./lib/axe.ts";
import { sideways } from "./lib/measure.ts";
import { emptyPage, type Network } from "./lib/network.ts";
import { nora, profilesOf } from "./lib/people.ts";
import { settled } from "./lib/settled.ts";
import { expect, test } from "./lib/test.ts";

/**
 * Holds back the answer of the service about the signed-in person until the
 * returned function is called.
 */
function unknown(network: Network): () => void {
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  network.fail("GET", /^\/console\/session$/, { until });
  return release;
}

type Seen = { shift: number; moved: string[] };

/**
 * The places of the parts of the frame. A page that is too narrow for the
 * navigation has none.
 */
const frameOf = (page: Page) =>
  page.evaluate(() => {
    const main = document.querySelector("main");
    const bar = document.querySelector("#root > :is(header, div)");
    return [bar, main, main?.previousElementSibling].map((one) => {
      const { x, y, width, height } = one?.getBoundingClientRect() ?? new DOMRect();
      return one === bar ? [x, y, width, height] : [x, y, width];
    });
  });

for (const width of [1280, 320]) {
  test(`the frame is painted at once and stays where it is, ${width} px`, async ({ open, network }) => {
    const [first] = await profilesOf(nora);
    const page = await open(nora, `/console/p/${first?.id}`);
    await settled(page, network);
    await page.setViewportSize({ width, height: 900 });
    await page.addInitScript(() => {
      type Shift = PerformanceEntry & {
        value: number;
        sources: { node: Node | null; previousRect: DOMRect; currentRect: DOMRect }[];
      };
      const seen: Seen = { shift: 0, moved: [] };
      Object.assign(globalThis, { seen });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as Shift[]) {
          seen.shift += entry.value;
          for (const { node, previousRect, currentRect } of entry.sources) {
            const name = (node as Element | null)?.outerHTML?.slice(0, 90) ?? node?.textContent;
            seen.moved.push(
              `${name} by ${currentRect.x - previousRect.x}, ${currentRect.y - previousRect.y} px (${entry.value.toFixed(4)})`,
            );
          }
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    for (const path of ["/console/", `/console/p/${first?.id}/team`]) {
      await page.goto(emptyPage);
      const known = unknown(network);
      await page.goto(path);
      await page.getByRole("heading", { level: 1, name: common.loading }).waitFor({ state: "attached" });
      const before = await frameOf(page);
      if (path === "/console/") expect(await violations(page, "rest")).toEqual([]);
      expect(await sideways(page)).toEqual([]);
      known();
      await settled(page, network);
      await expect(page.getByRole("heading", { level: 1, name: common.loading })).toHaveCount(0);
      expect(await frameOf(page), "the frame of the page is where the empty one was").toEqual(before);
      const { shift, moved } = await page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen);
      expect(shift, moved.join("; ")).toBeLessThanOrEqual(0.02);
    }
  });
}

test("who is not known has the frame of pages outside until they sign in", async ({ stranger, network }) => {
  const known = unknown(network);
  await stranger.goto("/console/");
  await stranger.getByRole("heading", { level: 1, name: common.loading }).waitFor({ state: "attached" });
  await expect(stranger.getByRole("link", { name: common.product })).toBeVisible();
  known();
  await stranger.waitForURL(/\/console\/sign-in/);
  await settled(stranger, network);
});

test("a page whose script comes late has the focus at its heading, and the one before keeps its own", async ({
  open,
  network,
}) => {
  const [first] = await profilesOf(nora);
  const page = await open(nora, `/console/p/${first?.id}`);
  await settled(page, network);
  let release = () => {};
  const until = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/\/assets\/.*\.js$/, async (route) => {
    await until;
    await route.continue();
  });
  const link = page.getByRole("link", { name: shell.profile.team, exact: true });
  await link.focus();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/team$/);
  await expect(link).toBeFocused();
  release();
  await expect(page.getByRole("heading", { level: 1, name: shell.profile.team })).toBeFocused();
});
