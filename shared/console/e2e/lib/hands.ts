import { expect, type Locator, type Page } from "@playwright/test";

/**
 * The way in which a person uses a page. They press, type and choose the same
 * things in each way.
 */
export type Hands = {
  /** Presses a button or a link, or ticks a box. */
  press(target: Locator): Promise<void>;
  /** Replaces the text of a field. */
  type(target: Locator, text: string): Promise<void>;
  /** Chooses one of several radio buttons. */
  pick(target: Locator): Promise<void>;
  /** Chooses from the list that a button opens. */
  choose(list: Locator, choice: string): Promise<void>;
};

const optionOf = (list: Locator, choice: string) => list.page().getByRole("option", { name: choice, exact: true });

/** With a mouse. */
export const mouse: Hands = {
  press: (target) => target.click(),
  type: (target, text) => target.fill(text),
  pick: (target) => target.check({ force: true }),
  choose: async (list, choice) => {
    await list.click();
    await optionOf(list, choice).click();
  },
};

/** With a finger, on a phone. */
export const finger: Hands = {
  press: (target) => target.tap(),
  type: async (target, text) => {
    await target.tap();
    await target.fill(text);
  },
  // The label draws the circle, and the finger touches the label.
  pick: (target) => target.locator("xpath=ancestor-or-self::label[1]").tap(),
  choose: async (list, choice) => {
    await list.tap();
    await optionOf(list, choice).tap();
  },
};

// More places than any page has.
const most = 250;

const focused = (target: Locator) => target.evaluate((one) => one === document.activeElement);

/** Presses a key until an element has the focus. */
async function reach(page: Page, target: Locator, key: string): Promise<void> {
  await target.waitFor({ state: "attached" });
  await expect(target).toBeEnabled();
  for (let places = 0; !(await focused(target)); places++) {
    if (places === most) throw new Error(`${key} does not lead to ${target}`);
    await page.keyboard.press(key);
  }
}

/** With the keys Tab, Enter, Space and the arrows only. */
export const keys: Hands = {
  press: async (target) => {
    const page = target.page();
    const inMenu = await target.evaluate((one) => one.matches("[role=menuitem]"));
    await reach(page, target, inMenu ? "ArrowDown" : "Tab");
    const ticked = await target.evaluate((one) => one.matches("input[type=checkbox]"));
    await page.keyboard.press(ticked ? "Space" : "Enter");
  },
  type: async (target, text) => {
    const page = target.page();
    await reach(page, target, "Tab");
    await page.keyboard.press("Control+a");
    await page.keyboard.type(text);
  },
  pick: async (target) => {
    const page = target.page();
    const group = target.locator("xpath=ancestor::*[@role='radiogroup'][1]");
    const inside = group.locator(":focus");
    for (let places = 0; (await inside.count()) === 0; places++) {
      if (places === most) throw new Error(`Tab does not lead to the group of ${target}`);
      await page.keyboard.press("Tab");
    }
    await reach(page, target, "ArrowDown");
    await page.keyboard.press("Space");
    await expect(target).toBeChecked();
  },
  choose: async (list, choice) => {
    const page = list.page();
    await reach(page, list, "Tab");
    await page.keyboard.press("Enter");
    await reach(page, optionOf(list, choice), "ArrowDown");
    await page.keyboard.press("Enter");
  },
};
