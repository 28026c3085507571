import { expect, type Page } from "@playwright/test";
import type { Network } from "./network.ts";

/**
 * Waits until a screen is complete: it has its heading, no part of it is
 * loading, and no request is under way.
 */
export async function settled(page: Page, network: Network): Promise<void> {
  // A heading may be one that only screen readers have.
  await page.locator("main h1").first().waitFor({ state: "attached" });
  await expect(page.locator("main [aria-busy=true]")).toHaveCount(0);
  // An answer may cause a request in the next moment.
  await expect
    .poll(
      async () => {
        const { pending, seen } = network;
        const before = seen.length;
        await page.waitForTimeout(60);
        return pending === 0 && network.pending === 0 && seen.length === before;
      },
      { intervals: [0] },
    )
    .toBe(true);
}

/**
 * Waits until what lies over the page has found its place after a change of the
 * width. Until then axe takes it for hidden.
 */
export async function inPlace(page: Page): Promise<void> {
  const outside = () =>
    [...document.querySelectorAll("[role=dialog], [role=alertdialog]")]
      .map((one) => one.getBoundingClientRect())
      .some(({ left, right }) => left < 0 || right > innerWidth);
  await expect.poll(() => page.evaluate(outside), { message: "it lies beside the page" }).toBe(false);
}
