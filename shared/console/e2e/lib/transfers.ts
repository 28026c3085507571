import { randomBytes } from "node:crypto";
import type { Locator, Page } from "@playwright/test";
import { common } from "../../src/messages/en/common.ts";
import { more, requesting } from "../../src/messages/en/more.ts";
import { proof } from "../../src/messages/en/proof.ts";
import { transfer as texts } from "../../src/messages/en/transfer.ts";
import { type Owner, type Person, profilesOf, share, tokenOf, withPlan } from "./people.ts";
import { done, linkOf, mailsTo } from "./stack.ts";
import { button, field, follow } from "./steps.ts";
import { items, put } from "./table.ts";
import { expect } from "./test.ts";

/** A person who gives a profile away, with that profile and its member. */
export type Giver = Owner & { member: Owner };

// Few accounts can be made from one address in an hour. So each test has a
// profile of its own, and the people are the same.
const people = new Map<string, Promise<Owner>>();

// A plan allows five profiles, and one of them stays.
const mostGifts = 4;
const gifts = new Map<string, number>();

/** A person with a plan that has transfers, the same in all tests. */
export function somebodyWithPlan(name: string): Promise<Owner> {
  const known = people.get(name) ?? withPlan(name);
  people.set(name, known);
  return known;
}

/** A person who has two profiles, with Mia as a member of the second. */
export async function giver(name: string): Promise<Giver> {
  const count = (gifts.get(name) ?? 0) + 1;
  gifts.set(name, count);
  const owner = await somebodyWithPlan(count > mostGifts ? `${name} ${Math.ceil(count / mostGifts)}` : name);
  const member = await somebodyWithPlan("Mia");
  const profile = `Plant ${randomBytes(2).toString("hex")}`;
  const { id } = await done<{ id: string }>("POST", "/profile", { name: profile }, owner.token);
  await share({ token: owner.token, profile: id }, member.person, "write");
  return { ...owner, profile: id, name: profile, member };
}

/** Opens a transfer without a browser. Returns its ticket. */
export async function offered({ person, token, profile }: Giver, to: Person): Promise<string> {
  const body = { email: to.email, password: person.password };
  return (await done<{ ticket: string }>("POST", `/profile/${profile}/transfer`, body, token)).ticket;
}

/** The link of the last mail to a person that leads to a step of a transfer. */
export async function stepLink({ email }: Person, word: string, ticket: string): Promise<string> {
  const link = new RegExp(`#/transfer/${word}/${ticket}/`);
  await expect.poll(async () => (await mailsTo(email)).filter(({ text }) => link.test(text)).length).toBeGreaterThan(0);
  const mail = (await mailsTo(email)).findLast(({ text }) => link.test(text));
  if (!mail) throw new Error(`no mail to ${email} leads to ${word} of ${ticket}`);
  return linkOf(mail, link);
}

/** Requests a transfer from the page More of a profile. Returns the ticket. */
export async function request(page: Page, { person, name }: Giver, to: Person): Promise<string> {
  await page.getByRole("link", { name: more.transferGo, exact: true }).click();
  await field(page, requesting.email).fill(to.email);
  await page.getByLabel(requesting.message).fill("As agreed.");
  await field(page, common.typeToConfirm(name)).fill(name);
  await field(page, proof.password).fill(person.password);
  await button(page, requesting.submit).click();
  await expect(page).toHaveURL(/\/console\/transfers\/TR-/);
  return /TR-[0-9A-Z-]{9}/.exec(page.url())?.[0] ?? "";
}

/** Confirms a transfer from the owner's mail. */
export async function confirm(page: Page, owner: Person, ticket: string): Promise<void> {
  await follow(page, await stepLink(owner, "confirm", ticket));
  await field(page, proof.password).fill(owner.password);
  await button(page, texts.confirm).click();
}

/**
 * Chooses in a list of the kit. The name of its button is its value and then
 * its label.
 */
export async function choose(page: Page, label: string, choice: string): Promise<void> {
  await page.getByRole("button").and(page.getByLabel(label)).click();
  await page.getByRole("option", { name: choice, exact: true }).click();
}

/** The step of a transfer that has this name. */
export const step = (page: Page, name: string): Locator =>
  page.getByRole("list", { name: texts.steps }).getByRole("listitem").filter({ hasText: name });

/** Types the password in the dialog that is open, and sends it. */
export async function prove(page: Page, { password }: Person, action: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await field(dialog, proof.password).fill(password);
  await button(dialog, action).click();
  await expect(dialog).toHaveCount(0);
}

/** Changes attributes that the table has of a transfer, such as its times. */
export async function change(ticket: string, values: Record<string, { S: string } | { N: string }>): Promise<void> {
  const [item] = await items(`X#${ticket}`, "X");
  if (!item) throw new Error(`the table has no transfer ${ticket}`);
  await put({ ...item, ...values });
}

/** Gives an account the role of support, as the operator does. */
export async function madeAgent(person: Person): Promise<void> {
  const [profile] = await profilesOf(person);
  const token = await tokenOf(person);
  const { info } = await done<{ info: { account: string } }>("GET", `/profile/${profile?.id}`, undefined, token);
  const [item] = await items(`A#${info.account}`, "A");
  if (!item) throw new Error(`the table has no account ${info.account}`);
  await put({ ...item, type: { S: "support" } });
}

/**
 * Has a person get a profile that its owner then asks back. Returns the ticket
 * of the return.
 */
export async function askedBack(taker: Owner): Promise<string> {
  const owner = await giver("Ann");
  const ticket = await offered(owner, taker.person);
  await change(ticket, { policy: { S: "auto" } });
  const answer = async ({ person, token }: Owner, word: string, more: object) => {
    const code = (await stepLink(person, word, ticket)).split("/").at(-1);
    await done("POST", `/transfer/${ticket}/${word}`, { code, password: person.password, ...more }, token);
  };
  await answer(owner, "confirm", {});
  await answer(taker, "accept", { members: [], keep_owner: "read" });
  const { person, token } = owner;
  const asked = await done<{ ticket: string }>(
    "POST",
    `/transfer/${ticket}/revert`,
    { password: person.password },
    token,
  );
  return asked.ticket;
}
