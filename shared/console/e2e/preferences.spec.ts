import type { Page } from "@playwright/test";
import { mail } from "../src/messages/en/mail.ts";
import { preferences as texts } from "../src/messages/en/preferences.ts";
import { signedUp, tokenOf, withPlan } from "./lib/people.ts";
import { done, lastMail, linkOf, mailsTo } from "./lib/stack.ts";
import { button, follow, rowOf } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

/** The field that chooses when mails are sent. */
const choice = (page: Page, label: string) => page.getByRole("button", { name: label });

type Told = { notifications: Record<string, { mail: string; console: boolean }> };
const told = async (token: string) => (await done<Told>("GET", "/account", undefined, token)).notifications;

test("a person chooses one mail a day about usage, and no notifications about teams", async ({ open }) => {
  const person = await signedUp("Ida");
  const token = await tokenOf(person);
  const page = await open(person, "/console/account");
  await choice(page, texts.mailAbout(texts.topics.usage.name)).click();
  await page.getByRole("option", { name: texts.mails.daily }).click();
  await expect.poll(async () => (await told(token)).usage).toEqual({ mail: "daily", console: true });
  await rowOf(page, texts.topics.team.name).getByText(texts.shown, { exact: true }).click();
  await expect.poll(async () => (await told(token)).team).toEqual({ mail: "each", console: false });
  await page.reload();
  await expect(page.getByRole("checkbox", { name: texts.shownAbout(texts.topics.team.name) })).not.toBeChecked();
  await expect(choice(page, texts.mailAbout(texts.topics.usage.name))).toContainText(texts.mails.daily);
  await expect(choice(page, texts.mailAbout(texts.topics.security.name))).toBeDisabled();
});

test("the link of a mail switches off others like it, and nothing before the button", async ({ open, stranger }) => {
  const ann = await withPlan("Una");
  const bob = await signedUp("Ugo");
  const token = await tokenOf(bob);
  const before = (await mailsTo(bob.email)).length;
  await done("POST", `/profile/${ann.profile}/team`, { email: bob.email, permission: "read" }, ann.token);
  const invitation = await lastMail(bob.email, /invite/, before);
  await follow(stranger, linkOf(invitation, /#\/account\/unsubscribe\//));
  await expect(stranger.getByRole("heading", { name: mail.pages["account/unsubscribe"].title })).toBeVisible();
  expect((await told(token)).team?.mail).toBe("each");
  await button(stranger, mail.pages["account/unsubscribe"].button).click();
  await expect(stranger.getByText(mail.pages["account/unsubscribe"].done)).toBeVisible();
  expect((await told(token)).team?.mail).toBe("off");
  const page = await open(bob, "/console/account");
  await expect(choice(page, texts.mailAbout(texts.topics.team.name))).toContainText(texts.mails.off);
});
