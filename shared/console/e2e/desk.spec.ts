import { common } from "../src/messages/en/common.ts";
import { desk } from "../src/messages/en/desk.ts";
import { transfer as texts } from "../src/messages/en/transfer.ts";
import { nora, sam } from "./lib/people.ts";
import { lastMail, mailsTo } from "./lib/stack.ts";
import { button, field } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";
import { change, giver, madeAgent, offered, somebodyWithPlan } from "./lib/transfers.ts";

const hour = 3_600_000;

test("a day at the desk: late ones first, a question and its answer, decisions one after the other", async ({
  open,
}) => {
  const [ann, cat] = [await giver("Ann"), await giver("Ann")];
  const bob = await somebodyWithPlan("Bob");
  const young = await offered(ann, bob.person);
  const old = await offered(cat, bob.person);
  await change(old, { created: { N: String(Date.now() - 5 * hour) } });

  const page = await open(sam, "/console/desk?show=late");
  const rows = page.getByRole("table", { name: desk.list }).getByRole("row");
  await expect(rows.nth(1)).toContainText(old);
  await expect(rows.nth(1)).toContainText(desk.late);
  await expect(page.getByText(young)).toHaveCount(0);
  await page.getByRole("radio", { name: desk.filters.all }).click();
  await expect(page).toHaveURL(/show=all/);
  await expect(rows.nth(1)).toContainText(old);
  await expect(page.getByRole("link", { name: young })).toBeVisible();

  await page.getByRole("link", { name: old }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toContainText(cat.name);
  const before = (await mailsTo(cat.person.email)).length;
  await page.getByText(desk.kinds.question.name, { exact: true }).click();
  await field(page, desk.text).fill("Does the contract move too?");
  await button(page, desk.add).click();
  await expect(page.getByRole("listitem").filter({ hasText: "Does the contract move too?" })).toBeVisible();
  await expect(field(page, desk.text)).toHaveValue("");
  expect((await lastMail(cat.person.email, /question/, before)).text).toContain("Does the contract move too?");
  const cats = await open(cat.person, `/console/transfers/${old}`);
  await expect(cats.getByText("Does the contract move too?")).toBeVisible();
  await expect(cats.getByText(texts.answerByMail)).toBeVisible();
  const bobs = await open(bob.person, `/console/transfers/${old}`);
  await expect(bobs.getByText("Does the contract move too?")).toHaveCount(0);

  await page.getByText(desk.kinds.answer.name, { exact: true }).click();
  await field(page, desk.text).fill("Yes, said on the phone.");
  await button(page, desk.add).click();
  await expect(page.getByRole("listitem").filter({ hasText: "said on the phone" })).toBeVisible();

  await change(old, { expires: { N: String(Date.now() + 24 * hour) } });
  await page.reload();
  await button(page, desk.extend).click();
  await button(page.getByRole("alertdialog"), desk.extend).click();
  await expect(page.getByText(/6 days 23 h left/).first()).toBeVisible();

  await button(page, desk.approve).click();
  await button(page.getByRole("alertdialog"), common.cancel).click();
  await expect(button(page, desk.approve)).toBeFocused();
  await button(page, desk.approve).click();
  await button(page.getByRole("alertdialog"), desk.approve).click();
  await expect(page.getByText(desk.approved)).toBeVisible();
  await expect(button(page, desk.approve)).toHaveCount(0);
  const next = page.getByRole("link", { name: /^Next: TR-/ });
  await expect(next).toBeVisible();
  await next.click();
  await expect(page).not.toHaveURL(new RegExp(old));
});

test("agents leave their own transfers to others, and see them as a side", async ({ open, guard }) => {
  const ann = await giver("Ann");
  const kim = await somebodyWithPlan("Kim");
  await madeAgent(kim.person);
  const ticket = await offered(ann, kim.person);
  guard.expects("GET", /^\/desk\/transfer\/TR-/, 403);
  const page = await open(kim.person, `/console/desk/${ticket}`);
  await expect(page.getByText(desk.own)).toBeVisible();
  for (const name of [desk.approve, desk.reject, desk.add]) await expect(button(page, name)).toHaveCount(0);
  await page.getByRole("link", { name: desk.ownSide }).click();
  await expect(page.getByText(texts.needsMail.accept(kim.person.email))).toBeVisible();
});

test("a text of a rejection is not lost by Esc", async ({ open }) => {
  const ann = await giver("Ann");
  const bob = await somebodyWithPlan("Bob");
  const page = await open(sam, `/console/desk/${await offered(ann, bob.person)}`);
  await button(page, desk.reject).click();
  await field(page, desk.reason).fill("Not like this.");
  await page.keyboard.press("Escape");
  await button(page, common.leaveStay).click();
  await expect(field(page, desk.reason)).toHaveValue("Not like this.");
});

test("for others there is no desk", async ({ open, guard }) => {
  guard.expects("GET", /^\/desk\//, 404);
  const page = await open(nora, "/console/desk");
  await expect(page.getByText(common.notFound)).toBeVisible();
  await expect(page.getByRole("link", { name: desk.title })).toHaveCount(0);
});

test("a number that is no ticket is refused where it was typed", async ({ open }) => {
  const page = await open(sam, "/console/desk");
  await field(page, desk.find).fill("<b>TR-OOOO</b>");
  await button(page, desk.open).click();
  await expect(page.getByText(desk.findWrong)).toBeVisible();
  await expect(page).toHaveURL(/\/console\/desk$/);
});
