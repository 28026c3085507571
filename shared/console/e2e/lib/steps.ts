import { expect, type Locator, type Page } from "@playwright/test";
import { common } from "../../src/messages/en/common.ts";
import { session as texts } from "../../src/messages/en/session.ts";
import { emptyPage } from "./network.ts";
import type { Person } from "./people.ts";

export const field = (page: Page | Locator, label: string): Locator => page.getByLabel(label, { exact: true });
export const button = (page: Page | Locator, name: string): Locator => page.getByRole("button", { name, exact: true });
/** The row of a table that has this text. */
export const rowOf = (page: Page, name: string): Locator => page.getByRole("row").filter({ hasText: name });

/** Fills in the form of the sign-in page, and sends it. */
export async function signIn(page: Page, { email, password }: Pick<Person, "email" | "password">): Promise<void> {
  await field(page, texts.email).fill(email);
  await field(page, texts.password).fill(password);
  await button(page, texts.signIn).click();
}

/** Opens the sign-up page and fills in its form. */
export async function fillSignUp(page: Page, person: Person): Promise<void> {
  await page.goto("/console/sign-up");
  await fill(page, person);
}

/** Fills in the form of the sign-up page, which is open. */
export async function fill(page: Page, { name, email, password }: Person): Promise<void> {
  await field(page, texts.name).fill(name);
  await field(page, texts.email).fill(email);
  await field(page, texts.password).fill(password);
}

/**
 * Opens the link of a mail. The browser would not load a page that differs from
 * the last one only by its fragment.
 */
export async function follow(page: Page, link: string): Promise<void> {
  await page.goto(emptyPage);
  await page.goto(link);
}

/**
 * Chooses from the menu of a row of a table. The name of an item is its action,
 * followed by the explanation.
 */
export async function chooseFrom(page: Page, name: string, action: string): Promise<void> {
  await rowOf(page, name)
    .getByRole("button", { name: common.actions(name) })
    .click();
  await page.getByRole("menuitem", { name: new RegExp(`^${action}`) }).click();
}

/** Signs in over the page, where a session has ended. */
export async function signInOver(page: Page, { password }: Pick<Person, "password">): Promise<void> {
  const over = page.getByRole("alertdialog", { name: texts.endedTitle });
  await expect(over).toBeVisible();
  await field(over, texts.password).fill(password);
  await button(over, texts.signIn).click();
  await expect(over).toBeHidden();
}

/**
 * Checks that the page is the one after signing in, and that it is complete.
 */
export async function atHome(page: Page): Promise<void> {
  await expect(page).toHaveURL(/\/console\/(profiles|p\/[0-9a-f]{24})$/);
  // The earlier page stays until this one is complete.
  await expect(page.locator("input[type=password]")).toHaveCount(0);
  await arrived(page);
}

/**
 * Waits until a page is complete, with its first contents and without empty
 * frames.
 */
export async function arrived(page: Page): Promise<void> {
  await page.locator("main h1").filter({ hasNotText: common.loading }).first().waitFor();
  await expect(page.locator("main [aria-busy=true]")).toHaveCount(0);
}
