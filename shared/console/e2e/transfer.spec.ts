import type { Page } from "@playwright/test";
import { common } from "../src/messages/en/common.ts";
import { desk } from "../src/messages/en/desk.ts";
import { home } from "../src/messages/en/home.ts";
import { more, requesting } from "../src/messages/en/more.ts";
import { proof } from "../src/messages/en/proof.ts";
import { transfer as texts, transfers } from "../src/messages/en/transfer.ts";
import { type Person, profilesOf, sam, signedUp, tokenOf, withPlan } from "./lib/people.ts";
import { done, lastMail, mailsTo } from "./lib/stack.ts";
import { button, field, follow, signIn } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";
import {
  change,
  choose,
  confirm,
  type Giver,
  giver,
  madeAgent,
  offered,
  prove,
  request,
  somebodyWithPlan,
  step,
  stepLink,
} from "./lib/transfers.ts";

const chosen = texts.choose;
const state = (page: Page, name: keyof typeof texts.states) =>
  expect(page.locator("main header").getByText(texts.states[name], { exact: true })).toBeVisible();
const namesOf = async (person: Person) => (await profilesOf(person)).map(({ name }) => name);

/** The receiving side chooses who stays, reads the summary, and signs. */
async function accept(page: Page, to: Person, { person, member }: Giver, link: string): Promise<void> {
  await follow(page, link);
  await choose(page, chosen.hasNow(member.person.name, "write"), chosen.rights.read);
  await choose(page, chosen.previousOwner(person.name), chosen.rights.none);
  await button(page, chosen.review).click();
  await expect(page.getByRole("heading", { name: chosen.summary })).toBeFocused();
  await field(page, proof.password).fill(to.password);
  await button(page, chosen.sign).click();
}

test("a profile changes hands: owner, receiving side and support, in three browsers", async ({ open }) => {
  const ann = await giver("Ann");
  const bob = await somebodyWithPlan("Bob");
  const anns = await open(ann.person, `/console/p/${ann.profile}/more`);
  const ticket = await request(anns, ann, bob.person);
  await expect(anns.getByText(texts.needsMail.confirm(ann.person.email))).toBeVisible();
  await confirm(anns, ann.person, ticket);
  await expect(step(anns, texts.step.confirm)).not.toContainText(texts.yourTurn);
  await expect(anns).toHaveURL(new RegExp(`/console/transfers/${ticket}$`));
  // The form is gone, and the focus is still on the page.
  await expect(anns.locator("main :focus")).toHaveCount(1);

  const bobs = await open(bob.person, "/console/transfers");
  await expect(bobs.getByRole("table", { name: transfers.receiving }).getByText(ticket)).toBeVisible();
  const link = await stepLink(bob.person, "accept", ticket);
  await follow(bobs, link);
  // Nothing is chosen for the receiving side. It must say who stays.
  await button(bobs, chosen.review).click();
  await expect(bobs.getByRole("heading", { name: chosen.summary })).toHaveCount(0);
  await accept(bobs, bob.person, ann, link);
  await expect(step(bobs, texts.step.accept)).not.toContainText(texts.yourTurn);
  await expect(bobs.getByRole("definition").filter({ hasText: texts.leaves }).first()).toBeVisible();

  const sams = await open(sam, "/console/desk");
  await sams.getByRole("link", { name: ticket }).click();
  await button(sams, desk.approve).click();
  await expect(sams.getByRole("alertdialog")).toContainText(desk.approveText);
  await button(sams.getByRole("alertdialog"), desk.approve).click();
  await state(sams, "completed");

  await bobs.reload();
  await state(bobs, "completed");
  await expect(bobs.getByText(texts.movedToYou(ann.name))).toBeVisible();
  await bobs.getByRole("link", { name: texts.openProfile(ann.name) }).click();
  await expect(bobs).toHaveURL(new RegExp(`/console/p/${ann.profile}$`));
  await anns.reload();
  await expect(anns.getByText(texts.movedTo(ann.name, bob.person.email))).toBeVisible();
  await expect(anns.getByRole("link", { name: texts.openProfile(ann.name) })).toHaveCount(0);
  expect(await namesOf(ann.person)).not.toContain(ann.name);
  expect(await namesOf(bob.person)).toContain(ann.name);
  const team = await done<{ name: string; permission: string }[]>(
    "GET",
    `/profile/${ann.profile}/team`,
    undefined,
    bob.token,
  );
  expect(team.map(({ name, permission }) => `${name} ${permission}`)).toEqual(["Mia read"]);
});

test("with the policy auto support has no step, and the second word completes the transfer", async ({ open }) => {
  const ann = await giver("Ann");
  const bob = await somebodyWithPlan("Bob");
  const ticket = await offered(ann, bob.person);
  // A stack with the policy auto stores it in this form.
  await change(ticket, { policy: { S: "auto" } });
  const anns = await open(ann.person, `/console/transfers/${ticket}`);
  await expect(step(anns, texts.step.support)).toContainText(texts.stepState.skipped);
  await confirm(anns, ann.person, ticket);
  await expect(step(anns, texts.step.confirm)).not.toContainText(texts.yourTurn);
  const bobs = await open(bob.person, "/console/profiles");
  await accept(bobs, bob.person, ann, await stepLink(bob.person, "accept", ticket));
  await state(bobs, "completed");
  await expect(bobs.getByRole("link", { name: texts.openProfile(ann.name) })).toBeVisible();
  expect(await namesOf(bob.person)).toContain(ann.name);
});

test("both sides take a transfer back", async ({ open }) => {
  const ann = await giver("Ann");
  const bob = await somebodyWithPlan("Bob");
  const ticket = await offered(ann, bob.person);
  await change(ticket, { policy: { S: "auto" } });
  const anns = await open(ann.person, "/console/profiles");
  await confirm(anns, ann.person, ticket);
  const bobs = await open(bob.person, "/console/profiles");
  await accept(bobs, bob.person, ann, await stepLink(bob.person, "accept", ticket));
  await state(bobs, "completed");

  await anns.goto(`/console/transfers/${ticket}`);
  await expect(anns.getByText(texts.revertUntil)).toContainText("6 days 23 h left");
  await button(anns, texts.revert).click();
  await prove(anns, ann.person, texts.revert);
  await expect(anns.getByRole("heading", { level: 1 })).toContainText(texts.returnTitle(ann.name));
  await expect(anns.getByText(texts.agreed)).toBeVisible();
  const back = /TR-[0-9A-Z-]{9}/.exec(anns.url())?.[0] ?? "";
  expect(back).not.toBe(ticket);

  await bobs.goto(`/console/transfers/${back}`);
  await button(bobs, texts.agree).click();
  await prove(bobs, bob.person, texts.agree);
  await state(bobs, "completed");
  await expect(bobs.getByText(texts.returned)).toBeVisible();
  expect(await namesOf(ann.person)).toContain(ann.name);
});

test("who has no room for a profile reads it before the password, and may accept all the same", async ({ open }) => {
  const ann = await giver("Ann");
  const gus = await signedUp("Gus");
  const ticket = await offered(ann, gus);
  const page = await open(gus, "/console/profiles");
  await follow(page, await stepLink(gus, "accept", ticket));
  const waits = page.getByText(chosen.waitsTitle);
  await expect(waits).toBeVisible();
  await expect(page.getByText(chosen.teamOver("1", "0"))).toHaveCount(0);
  await choose(page, chosen.hasNow(ann.member.person.name, "write"), chosen.rights.read);
  // The plan free has no teams. As soon as members are chosen to stay, they are
  // too many.
  await expect(page.getByText(chosen.teamOver("1", "0"))).toBeVisible();
  await choose(page, chosen.previousOwner(ann.person.name), chosen.rights.none);
  await button(page, chosen.review).click();
  const summary = page.locator("form").filter({ has: field(page, proof.password) });
  await expect(summary.getByText(chosen.waitsTitle)).toBeVisible();
  await expect(summary.getByText(chosen.teamOver("1", "0"))).toBeVisible();
  await expect(summary.getByRole("link", { name: texts.fixes.plan })).toBeVisible();
  await field(page, proof.password).fill(gus.password);
  await button(page, chosen.sign).click();
  await expect(step(page, texts.step.accept)).not.toContainText(texts.yourTurn);
  await state(page, "requested");
});

test("two agents take a transfer back", async ({ open }) => {
  const ann = await giver("Ann");
  const bob = await somebodyWithPlan("Bob");
  const kim = await somebodyWithPlan("Kim");
  await madeAgent(kim.person);
  const ticket = await offered(ann, bob.person);
  await change(ticket, { policy: { S: "auto" } });
  await confirm(await open(ann.person, "/console/profiles"), ann.person, ticket);
  const bobs = await open(bob.person, "/console/profiles");
  await accept(bobs, bob.person, ann, await stepLink(bob.person, "accept", ticket));
  await state(bobs, "completed");

  const sams = await open(sam, "/console/desk");
  await field(sams, desk.find).fill(ticket.toLowerCase().replaceAll("-", ""));
  await button(sams, desk.open).click();
  await state(sams, "completed");
  await button(sams, desk.approveReturn).click();
  await button(sams.getByRole("alertdialog"), desk.approveReturn).click();
  await expect(sams.getByText(desk.agents(1))).toBeVisible();
  await expect(button(sams, desk.approveReturn)).toHaveCount(0);

  const kims = await open(kim.person, new URL(sams.url()).pathname);
  await expect(step(kims, texts.step.agents)).toContainText(texts.agentsOf(1));
  await button(kims, desk.approveReturn).click();
  await button(kims.getByRole("alertdialog"), desk.approveReturn).click();
  await state(kims, "completed");
  expect(await namesOf(ann.person)).toContain(ann.name);
});

test("support rejects with a reason that both sides read", async ({ open, guard }) => {
  const ann = await giver("Ann");
  const bob = await somebodyWithPlan("Bob");
  const ticket = await offered(ann, bob.person);
  const before = (await mailsTo(bob.person.email)).length;
  const sams = await open(sam, `/console/desk/${ticket}`);
  await button(sams, desk.reject).click();
  const dialog = sams.getByRole("dialog");
  await choose(sams, desk.template, desk.templates.contract.name);
  await expect(field(dialog, desk.reason)).toHaveValue(desk.templates.contract.text);
  await field(dialog, desk.reason).press("Control+End");
  await field(dialog, desk.reason).pressSequentially(" Ask for Kim.");
  await button(dialog, desk.reject).click();
  await state(sams, "rejected");
  const anns = await open(ann.person, `/console/transfers/${ticket}`);
  await state(anns, "rejected");
  await expect(anns.getByText("Ask for Kim.").first()).toBeVisible();
  await expect(button(anns, texts.cancel)).toHaveCount(0);
  // A side that had not answered yet reads it in the mail. The page of the
  // ticket says so.
  expect((await lastMail(bob.person.email, /./, before)).text).toContain("Ask for Kim.");
  guard.expects("GET", /^\/transfer\/TR-/, 404);
  const bobs = await open(bob.person, `/console/transfers/${ticket}`);
  await expect(bobs.getByText(texts.notYours(ticket, bob.person.email))).toBeVisible();
});

test("a transfer whose time is over is expired, and nothing can be done about it", async ({ open }) => {
  const ann = await giver("Ann");
  const bob = await somebodyWithPlan("Bob");
  const ticket = await offered(ann, bob.person);
  await change(ticket, { expires: { N: String(Date.now() - 1000) } });
  const anns = await open(ann.person, "/console/profiles");
  await follow(anns, await stepLink(ann.person, "confirm", ticket));
  await state(anns, "expired");
  await expect(button(anns, texts.confirm)).toHaveCount(0);
  await expect(step(anns, texts.step.confirm)).toContainText(texts.stepState.stopped);
  await anns.goto("/console/transfers");
  await expect(anns.getByRole("table", { name: transfers.over }).getByText(ticket)).toBeVisible();
});

test("a new password holds a transfer: it says why and until when", async ({ open }) => {
  const ann = await giver("Una");
  const bob = await somebodyWithPlan("Bob");
  const { password } = ann.person;
  const person = { ...ann.person, password: `${password} two` };
  await done("POST", "/account/passwordreset", { password: person.password, current_password: password }, ann.token);
  const page = await open(person, `/console/p/${ann.profile}/more/transfer`);
  await expect(page.getByText(/the earliest/)).toBeVisible();
  const ticket = await offered({ ...ann, person, token: await tokenOf(person) }, bob.person);
  await page.goto(`/console/transfers/${ticket}`);
  await expect(page.getByText(texts.hold)).toBeVisible();
});

test("the owner cancels and the receiving side declines, each by the link of a mail", async ({ open }) => {
  const ann = await giver("Ann");
  const bob = await somebodyWithPlan("Bob");
  const first = await offered(ann, bob.person);
  const bobs = await open(bob.person, "/console/profiles");
  await follow(bobs, await stepLink(bob.person, "decline", first));
  await prove(bobs, bob.person, texts.decline);
  await state(bobs, "declined");

  const cat = await giver("Ann");
  const second = await offered(cat, bob.person);
  const cats = await open(cat.person, `/console/transfers/${second}?step=cancel`);
  await button(cats.getByRole("alertdialog"), texts.cancelKeep).click();
  await expect(button(cats, texts.cancel)).toBeFocused();
  await button(cats, texts.cancel).click();
  await button(cats.getByRole("alertdialog"), texts.cancel).click();
  await state(cats, "canceled");
});

test("the link of a mail works after signing in, and says so to whom it is not for", async ({
  stranger,
  open,
  guard,
}) => {
  guard.expects("GET", /^\/transfer\/TR-/, 404);
  const ann = await giver("Ann");
  const bob = await somebodyWithPlan("Bob");
  const ticket = await offered(ann, bob.person);
  const link = await stepLink(ann.person, "confirm", ticket);
  await follow(stranger, link);
  await signIn(stranger, ann.person);
  await field(stranger, proof.password).fill(ann.person.password);
  await button(stranger, texts.confirm).click();
  await expect(step(stranger, texts.step.confirm)).not.toContainText(texts.yourTurn);
  const mias = await open(ann.member.person, "/console/profiles");
  await mias.goto(`/console/transfers/${ticket}`);
  await expect(mias.getByText(texts.notYours(ticket, ann.member.person.email))).toBeVisible();
});

test("what is missing keeps an owner from a request, and is named with its way out", async ({ open }) => {
  const dan = await withPlan("Dan");
  const [only] = await profilesOf(dan.person);
  const page = await open(dan.person, `/console/p/${only?.id}/more`);
  await expect(button(page, more.removeGo)).toBeDisabled();
  await expect(page.getByText(more.removeOnly)).toBeVisible();
  await page.getByRole("link", { name: more.transferWhy }).click();
  await expect(page.getByText(requesting.beforeMissing)).toBeVisible();
  await expect(field(page, requesting.email)).toBeDisabled();
  await expect(page.getByRole("link", { name: texts.fixes.profiles })).toBeVisible();
});

test("rubbish in the form of a request is refused at its field", async ({ open, guard }) => {
  const ann = await giver("Ann");
  const page = await open(ann.person, `/console/p/${ann.profile}/more/transfer`);
  guard.expects("POST", /\/transfer$/, 401);
  guard.expects("POST", /\/transfer$/, 400);
  // As for a person, fields keep a refused value until they are left with
  // another one.
  const type = async (label: string, text: string) => {
    await field(page, label).fill("");
    await field(page, label).pressSequentially(text);
    await page.keyboard.press("Tab");
  };
  const fill = async (email: string, typed: string, password: string) => {
    await type(requesting.email, email);
    await type(common.typeToConfirm(ann.name), typed);
    await type(proof.password, password);
    await button(page, requesting.submit).click();
  };
  await fill("bob@example.com", "another", ann.person.password);
  await expect(page.getByText(common.typeMismatch(ann.name))).toBeVisible();
  await fill("bob@example.com", ann.name, "not the password");
  await expect(page.getByText("The password is wrong.")).toBeVisible();
  await fill(ann.person.email, ann.name, ann.person.password);
  await expect(page.getByText(/your own address/)).toBeVisible();
  await expect(field(page, requesting.email)).toHaveAttribute("aria-invalid", "true");
  await field(page, proof.password).fill("");
  // Other profiles of Ann may be under transfer.
  const all = await done<{ profile: { id: string } }[]>("GET", "/transfer", undefined, ann.token);
  expect(all.filter(({ profile }) => profile.id === ann.profile)).toEqual([]);
});

test("a profile is deleted after its name is typed", async ({ open }) => {
  const ann = await giver("Ann");
  const page = await open(ann.person, `/console/p/${ann.profile}/more`);
  await button(page, more.removeGo).click();
  await page.keyboard.press("Escape");
  await expect(button(page, more.removeGo)).toBeFocused();
  await button(page, more.removeGo).click();
  await expect(page.getByText(more.dies.members(1))).toBeVisible();
  await field(page, common.typeToConfirm(ann.name)).fill(ann.name);
  await field(page, proof.password).fill(ann.person.password);
  await button(page, more.remove).click();
  await expect(page).toHaveURL(/\/console\/profiles$/);
  await expect(page.getByRole("link", { name: ann.name, exact: true })).toHaveCount(0);
  expect(await namesOf(ann.person)).not.toContain(ann.name);

  await button(page, common.undo).last().click();
  await expect(page.getByRole("link", { name: ann.name, exact: true })).toBeVisible();
  expect(await namesOf(ann.person)).toContain(ann.name);
});

test("a profile is restored from the list of deleted ones", async ({ open }) => {
  const ann = await giver("Ann");
  const token = await tokenOf(ann.person);
  await done("DELETE", `/profile/${ann.profile}`, { password: ann.person.password }, token);
  const page = await open(ann.person, "/console/profiles");
  const section = page.getByRole("region", { name: home.deleted });
  await expect(section.getByText(ann.name, { exact: true })).toBeVisible();
  await button(section, home.restoreNamed(ann.name)).dblclick();
  await expect(page.getByRole("link", { name: ann.name, exact: true })).toBeVisible();
  await expect(section).toHaveCount(0);
  expect(await namesOf(ann.person)).toContain(ann.name);
});

test("a member sees the id, and none of what only the owner may do", async ({ open }) => {
  const ann = await giver("Ann");
  const page = await open(ann.member.person, `/console/p/${ann.profile}/more`);
  await expect(page.getByText(ann.profile)).toBeVisible();
  await expect(page.getByText(more.readOnly(ann.person.name))).toBeVisible();
  for (const name of [more.transferGo, more.removeGo]) {
    await expect(page.getByRole("button", { name, exact: true })).toHaveCount(0);
    await expect(page.getByRole("link", { name, exact: true })).toHaveCount(0);
  }
  await page.goto(`/console/p/${ann.profile}/more/transfer`);
  await expect(page.getByText(more.readOnly(ann.person.name))).toBeVisible();
});
