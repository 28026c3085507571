import { webhooks as texts } from "../src/messages/en/webhooks.ts";
import { withPlan } from "./lib/people.ts";
import { done } from "./lib/stack.ts";
import { button, chooseFrom, field, rowOf } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

type Row = { url: string; events: string[] };

// Nothing listens at this port, so that no connection is made.
const nobody = "http://127.0.0.1:9/events";

test("an account tells a program of single types of events, and shows why it is not reached", async ({ open }) => {
  test.setTimeout(180_000);
  const { person, token } = await withPlan("Ada", "free");
  const listed = () => done<Row[]>("GET", "/account/webhook", undefined, token);
  const page = await open(person, "/console/account/webhooks");
  await button(page, texts.add).click();
  const dialog = page.getByRole("dialog", { name: texts.addTitle });
  await field(dialog, texts.url).fill(nobody);
  await dialog.getByRole("radio", { name: texts.choices.some.name }).check({ force: true });
  await dialog.getByText(/^Single types of webhook/).click();
  await dialog.getByText("webhook.test", { exact: true }).click();
  await button(dialog, texts.add).click();
  await button(page.getByRole("dialog", { name: texts.secretTitle }), texts.stored).click();
  await expect(rowOf(page, nobody)).toContainText("webhook.test");
  expect(await listed()).toMatchObject([{ url: nobody, events: ["webhook.test"] }]);

  await chooseFrom(page, nobody, texts.edit);
  const edit = page.getByRole("dialog", { name: texts.editTitle });
  await expect(edit.getByRole("checkbox", { name: /^webhook\.test/ })).toBeChecked();
  await edit.getByText("webhook.*", { exact: true }).click();
  await expect(edit.getByRole("checkbox", { name: /^webhook\.test/ })).toBeDisabled();
  await button(edit, texts.save).click();
  await expect(edit).toBeHidden();
  expect(await listed()).toMatchObject([{ events: ["webhook.*"] }]);

  await chooseFrom(page, nobody, texts.test);
  await page.getByRole("link", { name: nobody }).click();
  const row = rowOf(page, "webhook.test");
  await expect(row).toContainText(texts.tries(1), { timeout: 120_000 });
  await expect(row).toContainText(texts.states.pending);
  await expect(row).toContainText(texts.next);
  await page.getByRole("link", { name: texts.back }).click();
  await chooseFrom(page, nobody, texts.remove);
  await button(page.getByRole("alertdialog"), texts.remove).click();
  await expect(page.getByText(texts.emptyTitle)).toBeVisible();
});
