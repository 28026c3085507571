import { cost as costTexts } from "../src/messages/en/cost.ts";
import { plans, services } from "../src/messages/en/services.ts";
import { subscription as texts } from "../src/messages/en/subscription.ts";
import { nora, signedUp, tokenOf } from "./lib/people.ts";
import { settled } from "./lib/settled.ts";
import { done } from "./lib/stack.ts";
import { button } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

type Subscription = { plan: string; upcoming_invoice_total: number; services: Record<string, { limit: number }> };
type Payment = { total: number };

const money = (cents: number) => `$${(cents / 100).toFixed(2)}`;

test("a plan goes up and down, with the money that was said before, and is taken back", async ({ open, network }) => {
  const person = await signedUp("Ann");
  const token = await tokenOf(person);
  const state = () => done<Subscription>("GET", "/account/subscription", undefined, token);
  const page = await open(person, "/console/subscription");
  await settled(page, network);
  const dialog = page.getByRole("dialog");

  await button(page, texts.choose(plans.starter)).click();
  await expect(dialog).toContainText(texts.nowFirst);
  await button(dialog, texts.confirmNow("$49.00")).dblclick();
  await expect(page.getByText(texts.changed).first()).toBeVisible();
  expect((await state()).plan).toBe("starter");
  expect(await done<Payment[]>("GET", "/account/payment_history", undefined, token)).toHaveLength(1);

  // More of a service. The screen shows the amount that is charged, and the
  // price of the renewal.
  const limit = page.getByRole("button", { name: new RegExp(texts.limitOf(services.input.name)) });
  await limit.click();
  await page.getByRole("option", { name: /^3,000,000/ }).click();
  await button(page, texts.review).first().click();
  const confirm = dialog.getByRole("button", { name: /\$/ });
  const said = ((await confirm.textContent()) ?? "").replace(/^.*(\$[\d.,]+)$/, "$1");
  await expect(dialog).toContainText(texts.laterCosts(money(4900 + 2000)));
  await confirm.click();
  await expect(dialog).toHaveCount(0);
  const [last] = await done<Payment[]>("GET", "/account/payment_history", undefined, token);
  expect(money(last?.total ?? 0)).toBe(said);
  expect((await state()).upcoming_invoice_total).toBe(6900);

  // Down to Free. Nothing is charged now, and the losses are shown.
  await button(page, texts.choose(plans.free)).click();
  await expect(dialog).toContainText(texts.nowNothing);
  await expect(dialog).toContainText(texts.toLimit(services.input.name, "3,000,000", "1,000,000"));
  await button(dialog, texts.confirmLater).click();
  const words = texts.toPlan(plans.starter, plans.free);
  await expect(page.getByText(words)).toBeVisible();
  expect((await state()).upcoming_invoice_total).toBe(0);
  await button(page, texts.takeBackOf(words)).click();
  await expect(page.getByText(words)).toHaveCount(0);
  expect((await state()).upcoming_invoice_total).toBe(6900);
});

test("the cost by profile and service adds up to the statement", async ({ open, network }) => {
  const token = await tokenOf(nora);
  const cost = await done<{ month: string; total: number; statement: { amount: number }[] }>(
    "GET",
    "/account/cost",
    undefined,
    token,
  );
  const page = await open(nora, `/console/statistics?month=${cost.month}`);
  await settled(page, network);
  const cents = (text: string) => Math.round(Number(text.replace(/[$,]/g, "")) * 100);
  const table = page.getByRole("table", { name: /by profile and service/ });
  const [body, foot] = [table.locator("tbody tr"), table.locator("tfoot td")];
  const sums = (await foot.allTextContents()).map(cents);
  const total = sums.pop();
  expect(total).toBe(cost.total);
  expect(sums.reduce((all, one) => all + one, 0)).toBe(total);
  let rows = 0;
  for (const one of await body.all()) {
    const amounts = (await one.locator("td").allTextContents()).map((text) =>
      text === costTexts.nothing ? 0 : cents(text),
    );
    const sum = amounts.pop() ?? 0;
    expect(amounts.reduce((all, amount) => all + amount, 0)).toBe(sum);
    rows += sum;
  }
  expect(rows).toBe(total);
  expect(cost.statement.reduce((all, { amount }) => all + amount, 0)).toBe(total);
  await expect(page.getByText(costTexts.equal)).toBeVisible();

  await table.getByRole("button").first().click();
  await expect(page.getByRole("dialog").getByRole("row")).not.toHaveCount(1);
  await page.keyboard.press("Escape");
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: /CSV/ }).click()]);
  expect(file.suggestedFilename()).toBe(`cost-${cost.month}.csv`);
});
