import { expect, type Locator, type Page } from "@playwright/test";

/** Whether the page scrolls sideways, and the elements that are too wide. */
export async function sideways(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const out = [...document.querySelectorAll("body *")]
      .filter((one) => one.getBoundingClientRect().right > clientWidth + 1)
      .slice(-3);
    return [
      `it is ${scrollWidth} px wide at ${clientWidth}: ${out.map((one) => one.outerHTML.slice(0, 120)).join("; ")}`,
    ];
  });
}

/**
 * Fields, buttons and texts that an element around them cuts off, and texts
 * with hardly a word in a line. There the page has no room for them.
 */
export async function noRoom(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wrong: string[] = [];
    for (const one of document.querySelectorAll<HTMLElement>("#main *, [role=dialog] *, [role=alertdialog] *")) {
      const words = [...one.childNodes].some(
        ({ nodeType, nodeValue }) => nodeType === Node.TEXT_NODE && nodeValue?.trim(),
      );
      if (!words && !one.matches("input, textarea, button")) continue;
      const box = one.getBoundingClientRect();
      // An element for screen readers only is one pixel, or inside of one.
      if (!one.checkVisibility({ visibilityProperty: true }) || Math.min(box.width, box.height) <= 1) continue;
      if (one.closest(".visually-hidden, option, [aria-hidden=true]")) continue;
      const name = one.outerHTML.slice(0, 140);
      const line = Number.parseFloat(getComputedStyle(one).lineHeight) || 16;
      if (words && box.width < 6 * 16 && box.height > 5.5 * line) wrong.push(`a word a line: ${name}`);
      for (let around = one.parentElement; around; around = around.parentElement) {
        const { overflowX, textOverflow } = getComputedStyle(around);
        if (overflowX === "visible") continue;
        const { left, right, width } = around.getBoundingClientRect();
        const cut = box.right > right + 1 || box.left < left - 1;
        if (overflowX !== "auto" && overflowX !== "scroll" && textOverflow !== "ellipsis" && width > 2 && cut)
          wrong.push(`cut off at ${Math.round(right)} of ${Math.round(box.right)} px: ${name}`);
        break;
      }
    }
    return wrong.slice(0, 5);
  });
}

/**
 * Targets that are smaller than 24 by 24 pixels. Links within a sentence may
 * be.
 */
export async function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const targets =
      "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=menuitem], [role=option], [role=tab], [role=switch]";
    const inText = (one: Element) =>
      getComputedStyle(one).display.startsWith("inline") &&
      [...(one.parentElement?.childNodes ?? [])].some(
        (node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim(),
      );
    // The element that is drawn for it counts. A checkbox is as large as its
    // label, which people press.
    const shape = (one: Element) => {
      const boxes = [one, one.closest("label")].filter((box) => box !== null).map((box) => box.getBoundingClientRect());
      return {
        width: Math.max(...boxes.map(({ width }) => width)),
        height: Math.max(...boxes.map(({ height }) => height)),
      };
    };
    return (
      [...document.querySelectorAll(targets)]
        .filter(
          (one) =>
            one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
            !one.closest("[aria-hidden=true], [inert]") &&
            !inText(one),
        )
        .map((one) => ({ one, ...shape(one) }))
        // An element for screen readers only is one pixel, or inside of one.
        .filter(
          ({ one, width, height }) =>
            Math.min(width, height, one.parentElement?.getBoundingClientRect().width ?? 0) > 1 &&
            (width < 23.5 || height < 23.5),
        )
        .map(({ one, width, height }) => `${Math.round(width)} x ${Math.round(height)}: ${one.outerHTML.slice(0, 160)}`)
    );
  });
}

type Stop = { key: string; name: string; shown: boolean; covered: string };

/**
 * Walks through the page with Tab, and returns the faults: a trap, a place that
 * shows no focus, a place that is covered. The walk ends where it began, with
 * one more Tab than there are places.
 */
export async function keyboardWalk(page: Page, most = 150): Promise<{ wrong: string[]; stops: string[] }> {
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    scrollTo(0, 0);
    getSelection()?.removeAllRanges();
    // A dialog takes the focus back in the next frame.
    return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  });
  const wrong: string[] = [];
  const stops: Stop[] = [];
  let dates = 0;
  for (;;) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(look);
    if (!stop || stop.key === stops[0]?.key) break;
    // Day, month and year of a date are places of one field.
    if (stop.key === stops.at(-1)?.key && (await page.evaluate(inDate)) && ++dates % 8 !== 0) continue;
    if (stops.some(({ key }) => key === stop.key)) {
      wrong.push(`Tab is caught at ${stop.name}, after ${stops.length} places`);
      break;
    }
    stops.push(stop);
    if (stops.length > most) {
      wrong.push(`Tab does not come back to the start after ${most} places`);
      break;
    }
  }
  if (stops.length === 0) wrong.push("Tab leads nowhere");
  for (const { name, shown, covered } of stops) {
    if (!shown) wrong.push(`focus cannot be seen on ${name}`);
    if (covered) wrong.push(`${name} has the focus and lies under ${covered}`);
  }
  return { wrong, stops: stops.map(({ name }) => name) };
}

function look(): Stop | undefined {
  const at = document.activeElement;
  if (!at || at === document.body || at === document.documentElement) return undefined;
  const marks = globalThis as unknown as { walked?: Map<Element, number> };
  marks.walked ??= new Map();
  if (!marks.walked.has(at)) marks.walked.set(at, marks.walked.size);
  // Some elements draw the ring around the frame of a field.
  const rings = [at, ...at.querySelectorAll("*"), at.parentElement, at.parentElement?.parentElement].filter(
    (one) => one instanceof Element,
  );
  const ring = (one: Element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    return (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
  };
  const { left, top, width, height } = at.getBoundingClientRect();
  const [x, y] = [left + width / 2, top + Math.min(height / 2, 12)];
  const over = document.elementFromPoint(x, y);
  const related =
    !over || at.contains(over) || over.contains(at) || at.closest("label")?.contains(over) || width <= 1 || height <= 1;
  return {
    key: String(marks.walked.get(at)),
    name: at.outerHTML.replace(/\s+/g, " ").slice(0, 120),
    shown: rings.some(ring),
    covered: related ? "" : over.outerHTML.slice(0, 100),
  };
}

const dialogs = "[role=dialog], [role=alertdialog]";

/**
 * Checks that Tab stays in the open dialog in both directions, and that Esc
 * closes it and returns the focus to the element that opened it.
 */
export async function leaveDialog(page: Page, opener: Locator): Promise<string[]> {
  const wrong: string[] = [];
  const open = page.locator(dialogs);
  const before = await open.count();
  for (const key of ["Tab", "Shift+Tab"]) {
    for (let steps = 0; steps < 25; steps++) {
      await page.keyboard.press(key);
      const stray = await page.evaluate((all) => {
        const at = document.activeElement;
        return [...document.querySelectorAll(all)].at(-1)?.contains(at)
          ? ""
          : (at?.outerHTML.slice(0, 100) ?? "nothing");
      }, dialogs);
      if (!stray) continue;
      wrong.push(`${key} leads out of the dialog, to ${stray}`);
      break;
    }
  }
  await page.keyboard.press("Escape");
  await expect.soft(open, "Esc takes the dialog away").toHaveCount(before - 1);
  await expect.soft(opener, "the focus returns to what opened the dialog").toBeFocused();
  return wrong;
}

/**
 * The main region, or the dialog over it, as assistive technology reads it,
 * without the parts that differ from run to run: numbers, times, ids.
 */
export async function outline(page: Page, dialog = false): Promise<string> {
  const text = await (dialog ? page.locator(dialogs).last() : page.locator("main")).ariaSnapshot();
  return `${text
    .replace(/\b[0-9a-f]{10}@/g, "ADDRESS@")
    .replace(/[0-9a-f]{24}/g, "ID")
    .replace(/TR-[0-9A-Z]{4}-[0-9A-Z]{4}/g, "TICKET")
    .replace(
      /\b(Jan(uary)?|Feb(ruary)?|Mar(ch)?|Apr(il)?|May|June?|July?|Aug(ust)?|Sep(tember)?|Oct(ober)?|Nov(ember)?|Dec(ember)?)\b/g,
      "MONTH",
    )
    .replace(/\b(Mon|Tue|Wednes|Thurs|Fri|Satur|Sun)day\b/g, "DAY")
    .replace(/\d[\d,.:]*/g, "#")}\n`;
}

function inDate(): boolean {
  const { activeElement } = document;
  return activeElement instanceof HTMLInputElement && ["date", "month"].includes(activeElement.type);
}
