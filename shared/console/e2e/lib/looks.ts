import { existsSync, readdirSync } from "node:fs";
import { type Browser, expect, type Locator } from "@playwright/test";

const kept = new URL("../snapshots/gallery/", import.meta.url);
const command = "make console-pictures";

/** Compares how an element looks with the picture of this name. */
export type Look = (element: Locator, name: string) => Promise<void>;

/**
 * Compares with the pictures that a browser of this version made on a system
 * like this one. Another one draws letters and edges in another way: where
 * there are no pictures of it, nothing is compared, and this is said.
 */
export function looksOf(browser: Browser): Look {
  const version = browser.version().replace(/\..*/, "");
  const folder = `chromium-${version}-${process.platform}-${process.arch}`;
  const there = existsSync(kept) ? readdirSync(kept) : [];
  if (!there.includes(folder) && process.env["PICTURES"] !== "anew") {
    console.warn(
      `\nNOT COMPARED: the pictures of the components were made with ${there.join(", ") || "nothing"}; ` +
        `this is ${folder}; make them anew with ${command}\n`,
    );
    return async () => {};
  }
  return async (element, name) => {
    await element.page().evaluate(() => document.fonts.ready);
    await expect.soft(element).toHaveScreenshot(["gallery", folder, `${name}.png`], {
      // Some pixels of edges. A word in another colour has more, though it is
      // little of a large picture.
      maxDiffPixelRatio: 0.002,
      maxDiffPixels: 50,
      threshold: 0.05,
      animations: "disabled",
      caret: "hide",
      // Fixed-width letters are those of the machine.
      stylePath: new URL("looks.css", import.meta.url).pathname,
    });
  };
}
