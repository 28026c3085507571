import { common } from "../src/messages/en/common.ts";
import { firstDay as texts } from "../src/messages/en/home.ts";
import { signedUp, tokenOf } from "./lib/people.ts";
import { done } from "./lib/stack.ts";
import { button } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

test("the first steps are ticked as they are done, and stay away once they are hidden", async ({ open }) => {
  const ann = await signedUp("Ann");
  const page = await open(ann, "/console/profiles");
  const steps = page.getByRole("region", { name: texts.title });
  const ticked = steps.getByRole("listitem").filter({ hasText: texts.done });
  await expect(steps.getByText(texts.lead(0, 3))).toBeVisible();
  // The plan Free has no members.
  await expect(steps.getByRole("link")).toHaveText([texts.steps.token, texts.steps.limits, texts.steps.factor]);
  await expect(ticked).toHaveCount(0);

  const token = await tokenOf(ann);
  await done("POST", "/account/plan", { plan: "scale" }, token);
  await page.reload();
  await expect(steps.getByText(texts.lead(1, 4))).toBeVisible();
  await expect(ticked).toContainText([texts.steps.token]);
  await steps.getByRole("link", { name: texts.steps.invite }).click();
  await page.waitForURL("**/team");
  await page.goBack();

  await button(steps, texts.hide).click();
  await expect(steps).toHaveCount(0);
  await expect(page.getByRole("main")).toBeFocused();
  await button(page, common.undo).click();
  await expect(steps.getByText(texts.lead(1, 4))).toBeVisible();
  await button(steps, texts.hide).click();
  await expect(steps).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole("table").first()).toBeVisible();
  await page.waitForLoadState("networkidle");
  await expect(steps).toHaveCount(0);
});
