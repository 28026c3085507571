import { common } from "../src/messages/en/common.ts";
import { mail as texts } from "../src/messages/en/mail.ts";
import { nora, signedUp, somebody, tokenOf, withPlan } from "./lib/people.ts";
import { call, done, lastMail, linkOf, linksOf, type Mail, mailsTo } from "./lib/stack.ts";
import { arrived, atHome, button, follow, signIn } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

/** Opens all links of a mail, as programs do that check links for danger. */
async function prefetch(mail: Mail): Promise<void> {
  const links = mail.text.match(/https?:\/\/\S+/g) ?? [];
  expect(links.length, `links of "${mail.subject}"`).toBeGreaterThan(0);
  for (const link of links) for (const method of ["HEAD", "GET"]) await fetch(link, { method });
}

const members = async (token: string, profile: string) =>
  (await done<{ email: string; active: boolean }[]>("GET", `/profile/${profile}/team`, undefined, token))
    .filter(({ active }) => active)
    .map(({ email }) => email);

test("an invitation is accepted by a person who is signed in, not by a program", async ({ open, guard }) => {
  const ann = await withPlan("Ann");
  const bob = await signedUp("Bob");
  const before = (await mailsTo(bob.email)).length;
  await done("POST", `/profile/${ann.profile}/team`, { email: bob.email, permission: "write" }, ann.token);
  const mail = await lastMail(bob.email, /invite/, before);
  await prefetch(mail);
  const page = await open(bob, "/console/profiles");
  await follow(page, linkOf(mail, /#\/profile\/team\/accept\//));
  await expect(page.getByText(texts.signedInAs(bob.email))).toBeVisible();
  expect(await members(ann.token, ann.profile)).toEqual([]);
  await button(page, texts.pages["profile/team/accept"].button).click();
  await expect.poll(() => members(ann.token, ann.profile)).toEqual([bob.email]);
  await expect(page).not.toHaveURL(/#/);

  guard.expects("POST", /^\/profile\/team\/accept\//, 400);
  guard.expects("POST", /^\/profile\/team\/accept\//, 404);
  await follow(page, linkOf(mail, /#\/profile\/team\/accept\//));
  await button(page, texts.pages["profile/team/accept"].button).click();
  await expect(page.getByRole("alert").first()).toBeVisible();
});

test("an invitation for somebody else is said to be that, without saying for whom", async ({ open, guard }) => {
  const ann = await withPlan("Amy");
  const [bob, eve] = [await signedUp("Bea"), await signedUp("Eve")];
  const before = (await mailsTo(bob.email)).length;
  await done("POST", `/profile/${ann.profile}/team`, { email: bob.email, permission: "read" }, ann.token);
  const link = linkOf(await lastMail(bob.email, /invite/, before), /#\/profile\/team\/accept\//);
  guard.expects("POST", /^\/profile\/team\/accept\//, 400);
  const page = await open(eve, "/console/profiles");
  await follow(page, link);
  await button(page, texts.pages["profile/team/accept"].button).click();
  await expect(page.getByText(texts.otherAddress)).toBeVisible();
  await expect(page.getByText(bob.email)).toHaveCount(0);
  expect(await members(ann.token, ann.profile)).toEqual([]);
});

test("an invitation is declined without an account that is signed in", async ({ stranger }) => {
  const ann = await withPlan("Ada");
  const bob = await signedUp("Ben");
  const before = (await mailsTo(bob.email)).length;
  await done("POST", `/profile/${ann.profile}/team`, { email: bob.email, permission: "read" }, ann.token);
  await follow(stranger, linkOf(await lastMail(bob.email, /invite/, before), /#\/profile\/team\/decline\//));
  await button(stranger, texts.pages["profile/team/decline"].button).click();
  await expect(stranger.getByText(texts.pages["profile/team/decline"].done)).toBeVisible();
  expect(await done("GET", `/profile/${ann.profile}/team`, undefined, ann.token)).toEqual([]);
});

test("an address is changed by the link to the new one, and taken back by the link to the old one", async ({
  stranger,
  guard,
}) => {
  const person = await signedUp("Flo");
  guard.keeps(person.password);
  const token = await tokenOf(person);
  const { email: next } = somebody("Flo");
  const before = (await mailsTo(person.email)).length;
  await done("POST", "/account/email", { email: next, password: person.password }, token);
  const confirm = await lastMail(next);
  await prefetch(confirm);
  expect((await call("POST", "/account/login", person)).status, "nothing has changed yet").toBe(200);
  await follow(stranger, linkOf(confirm, /#\/account\/email\//));
  await button(stranger, texts.pages["account/email"].button).click();
  await expect(stranger.getByText(texts.pages["account/email"].done)).toBeVisible();
  await stranger.goto("/console/sign-in");
  await signIn(stranger, { ...person, email: next });
  await atHome(stranger);

  const undo = await mailWith(person.email, /#\/account\/undo\//, before);
  await prefetch(undo);
  await follow(stranger, linkOf(undo, /#\/account\/undo\//));
  await button(stranger, texts.pages["account/undo"].button).click();
  await expect(stranger.getByText(texts.pages["account/undo"].done)).toBeVisible();
  expect(
    (await call("POST", "/account/login", { email: next, password: person.password })).status,
    "the new address",
  ).toBe(401);
});

/** The first mail to a person that has a link like this. */
async function mailWith(address: string, link: RegExp, before: number): Promise<Mail> {
  await expect
    .poll(async () =>
      (await mailsTo(address)).slice(before).some((mail) => linksOf(mail).some((one) => link.test(one))),
    )
    .toBe(true);
  const found = (await mailsTo(address)).slice(before).find((mail) => linksOf(mail).some((one) => link.test(one)));
  if (!found) throw new Error(`no mail to ${address} has a link like ${link}`);
  return found;
}

test("every link of every mail of the demo opens a page that says what to do", async ({ open }) => {
  const page = await open(nora, "/console/profiles");
  const links = [...new Set((await mailsTo(nora.email)).flatMap(linksOf))];
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) {
    await follow(page, link);
    await arrived(page);
    await expect(page.getByText(common.notFound), link).toHaveCount(0);
    await expect(page.getByText(texts.strayTitle), link).toHaveCount(0);
  }
});
