import { alerts as texts } from "../src/messages/en/alerts.ts";
import { general } from "../src/messages/en/general.ts";
import { services } from "../src/messages/en/services.ts";
import { plane, share, signedUp, withPlan } from "./lib/people.ts";
import { done } from "./lib/stack.ts";
import { button, chooseFrom, field, rowOf } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

const sms = services.sms.name;

test("an alert is added, stops a service, is lifted, edited and deleted", async ({ open }) => {
  const { person, profile } = await withPlan("Ida");
  const page = await open(person, `/console/p/${profile}/alerts`);
  await button(page, texts.add).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: texts.about }).click();
  await page.getByRole("option", { name: sms }).click();
  await field(dialog, texts.threshold.percent).fill("50");
  await dialog.getByText(texts.actions.mail, { exact: true }).click();
  await button(dialog, texts.add).click();
  await expect(dialog.getByText(texts.noAction)).toBeVisible();
  await dialog.getByText(texts.actions.notification, { exact: true }).click();
  await dialog.getByRole("radio", { name: texts.stops.service.name }).check({ force: true });
  await button(dialog, texts.add).click();
  const named = texts.percent(sms, "50", "5");
  await expect(rowOf(page, named)).toContainText(texts.waits);

  const report = (event: string) =>
    done("POST", `/usage/${profile}`, { lines: [{ service: "sms", amount: 6, event }] }, plane);
  await report("a");
  await page.reload();
  await expect(rowOf(page, named)).toContainText(texts.stopping);
  await page.goto(`/console/p/${profile}`);
  await expect(page.getByText(general.stoppedBy(sms, false))).toBeVisible();
  await expect(page.getByText(general.stoppedNow, { exact: true })).toBeVisible();
  await page.getByRole("link", { name: general.toAlerts }).click();
  await chooseFrom(page, named, texts.lift);
  await button(page.getByRole("alertdialog"), texts.lift).click();
  await expect(rowOf(page, named)).toContainText(texts.lifted);

  await chooseFrom(page, named, texts.edit);
  await field(dialog, texts.threshold.percent).fill("60");
  await button(dialog, texts.save).click();
  const higher = texts.percent(sms, "60", "6");
  await expect(rowOf(page, higher)).toContainText(texts.waits);
  await chooseFrom(page, higher, texts.remove);
  await button(page.getByRole("alertdialog"), texts.remove).click();
  await expect(page.getByText(texts.emptyTitle)).toBeVisible();
  await page.getByText(sms, { exact: true }).last().click();
  await expect(page.getByText(texts.isSoft(sms))).toBeVisible();
  await done("POST", `/usage/${profile}`, { lines: [{ service: "sms", amount: 12, event: "b" }] }, plane);
  await page.reload();
  await expect(page.getByText(texts.over("2", services.sms.unit))).toBeVisible();
});

test("a member for billing changes alerts, and one who reads sees them", async ({ open }) => {
  const owner = await withPlan("Lea");
  const [payer, reader] = [await signedUp("Max"), await signedUp("Ron")];
  await share(owner, payer, "billing");
  await share(owner, reader, "read");
  await done("POST", `/profile/${owner.profile}/alert`, { cost: 5000, actions: ["mail"], stop: "all" }, owner.token);
  const named = texts.cost("$50.00");
  const paying = await open(payer, `/console/p/${owner.profile}/alerts`);
  await expect(rowOf(paying, named)).toContainText(texts.stops.all.name);
  await expect(button(paying, texts.add)).toBeVisible();
  const reading = await open(reader, `/console/p/${owner.profile}/alerts`);
  await expect(rowOf(reading, named)).toContainText(texts.waits);
  await expect(reading.getByText(texts.readOnly("Lea"))).toBeVisible();
  await expect(button(reading, texts.add)).toHaveCount(0);
});
