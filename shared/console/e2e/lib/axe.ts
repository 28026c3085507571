import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults, ElementContext, RunOptions } from "axe-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const ofColour = ["color-contrast", "link-in-text-block"];

/**
 * The rules by which axe judges. Colours depend only on the theme, and the rest
 * only on the width.
 */
export type Part = "colours" | "rest";

// The debugger injects it. A script element would violate the policy, and a
// browser that ignores the policy would hide defects.
async function inject(page: Page): Promise<void> {
  if (await page.evaluate(() => "axe" in globalThis)) return;
  const debug = await page.context().newCDPSession(page);
  await debug.send("Runtime.evaluate", { expression: source });
  await debug.detach();
}

// For some seconds React Aria announces that a button is busy, by an element that refers to the button, which is gone by
// then.
const announcer = "[data-live-announcer]";

/**
 * Returns the violations of the page as it is, or of some of its elements.
 */
export async function violations(page: Page, part: Part, of?: string): Promise<string[]> {
  await inject(page);
  const options: RunOptions = {
    resultTypes: ["violations"],
    ...(part === "colours"
      ? { runOnly: { type: "rule", values: ofColour } }
      : {
          runOnly: { type: "tag", values: tags },
          rules: Object.fromEntries(ofColour.map((rule) => [rule, { enabled: false }])),
        }),
  };
  const { violations: found, passes } = await page.evaluate(
    ([of, given]) => {
      type Axe = { run(of: ElementContext, options: RunOptions): Promise<AxeResults> };
      return (globalThis as unknown as { axe: Axe }).axe.run(of, given);
    },
    [of ?? { exclude: announcer }, options] as const,
  );
  const wrong = found.map(
    ({ id, help, nodes }) =>
      `${id} (${help}): ${nodes
        .slice(0, 3)
        .map(({ target, html }) => `${target} ${html.slice(0, 160)}`)
        .join("; ")}`,
  );
  if (passes.length < (part === "colours" ? 1 : 10)) wrong.push(`axe looked at ${passes.length} things only`);
  return wrong;
}
