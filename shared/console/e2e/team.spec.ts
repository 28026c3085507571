import { common } from "../src/messages/en/common.ts";
import { mail as mailTexts } from "../src/messages/en/mail.ts";
import { permissions } from "../src/messages/en/permissions.ts";
import { team as texts } from "../src/messages/en/team.ts";
import { type Owner, profilesOf, share, signedUp, somebody, withPlan } from "./lib/people.ts";
import { call, done, lastMail, linkOf, mailsTo } from "./lib/stack.ts";
import { button, chooseFrom, field, follow, rowOf } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

type Member = {
  id: string;
  email: string;
  active: boolean;
  permission: string;
  ends_at: string | null;
  returned: { invalid: boolean } | null;
};

const teamOf = ({ token, profile }: Owner) => done<Member[]>("GET", `/profile/${profile}/team`, undefined, token);
const membersOf = async (of: Owner) =>
  (await teamOf(of)).map(({ email, active, permission }) => `${email} ${active ? permission : "invited"}`);
const teamPage = ({ profile }: Owner) => `/console/p/${profile}/team`;

test("many are invited at once, each line with what came of it, and the wrong ones can be corrected", async ({
  open,
  network,
}) => {
  const ann = await withPlan("Ann");
  const [bob, stranger] = [await signedUp("Bob"), somebody("Zoe")];
  const page = await open(ann.person, teamPage(ann));
  await button(page, texts.invite).first().click();
  const dialog = page.getByRole("dialog", { name: texts.inviteTitle });
  await expect(field(dialog, texts.addresses)).toBeFocused();
  const start = network.seen.length;
  await field(dialog, texts.addresses).fill(
    `Bob <${bob.email}>, ${stranger.email}\nnobody\n${bob.email.toUpperCase()}; ${ann.person.email}`,
  );
  await dialog.getByRole("radio", { name: permissions.names.write }).check({ force: true });
  await button(dialog, texts.send(4)).click();
  await expect(dialog.getByRole("alert")).toContainText(texts.someFailed(2, 4));
  const line = (who: string) => dialog.getByRole("listitem").filter({ hasText: who });
  await expect(line(bob.email)).toContainText(texts.lineDone);
  await expect(line(stranger.email)).toContainText(texts.lineDone);
  await expect(line("nobody")).toContainText(texts.noAddress);
  await expect(line(ann.person.email)).not.toContainText(texts.lineDone);
  await expect(field(dialog, texts.addresses)).toHaveValue(`nobody\n${ann.person.email}`);
  expect(network.since(start).api.filter(({ method }) => method === "POST")).toHaveLength(1);

  // Esc asks first, because a field has text.
  await page.keyboard.press("Escape");
  await page.getByRole("alertdialog").getByRole("button", { name: common.leaveGo }).click();
  await expect(dialog).toBeHidden();
  await expect(button(page, texts.invite).first()).toBeFocused();
  await expect(rowOf(page, bob.email)).toContainText(texts.invited);
  await expect(rowOf(page, stranger.email)).toContainText(permissions.names.write);
  expect(await membersOf(ann)).toEqual([`${bob.email} invited`, `${stranger.email} invited`]);

  const mail = await lastMail(stranger.email, /invite/i);
  expect(mail.text, "who has no account is told how to get one").toMatch(/sign-up|account/i);
});

test("an invitation whose mail comes back is shown as undeliverable, with what to do", async ({ open }) => {
  const ann = await withPlan("Eve");
  const nobody = "bounce+team@simulator.example";
  await done("POST", `/profile/${ann.profile}/team`, { email: nobody, permission: "read" }, ann.token);
  await expect.poll(async () => (await teamOf(ann)).map(({ returned }) => returned?.invalid)).toEqual([true]);
  const page = await open(ann.person, teamPage(ann));
  await expect(rowOf(page, nobody)).toContainText(texts.returned);
  await expect(rowOf(page, nobody)).toContainText(texts.returnedInvalid);
});

test("an invitation is accepted under the bell, and leads into the profile", async ({ open }) => {
  const ann = await withPlan("Ida");
  const bob = await signedUp("Ben");
  await done("POST", `/profile/${ann.profile}/team`, { email: bob.email, permission: "full" }, ann.token);
  const page = await open(bob, "/console/profiles");
  await page.getByRole("button", { name: /^Notifications, / }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Accept" }).click();
  await expect(page).toHaveURL(new RegExp(`/console/p/${ann.profile}$`));
  await expect(page.getByRole("dialog")).toBeHidden();
  expect(await membersOf(ann)).toEqual([`${bob.email} full`]);
});

test("an invitation is accepted by its mail, and leads into the profile", async ({ open }) => {
  const ann = await withPlan("Pam");
  const bob = await signedUp("Gil");
  const before = (await mailsTo(bob.email)).length;
  await done("POST", `/profile/${ann.profile}/team`, { email: bob.email, permission: "read" }, ann.token);
  const page = await open(bob, "/console/profiles");
  await follow(page, linkOf(await lastMail(bob.email, /invite/i, before), /#\/profile\/team\/accept\//));
  await button(page, mailTexts.pages["profile/team/accept"].button).click();
  await expect(page).toHaveURL(new RegExp(`/console/p/${ann.profile}$`));
  expect(await membersOf(ann)).toEqual([`${bob.email} read`]);
});

test("an invitation is declined under the bell, and leaves everything as it was", async ({ open }) => {
  const ann = await withPlan("Kit");
  const bob = await signedUp("Lou");
  await done("POST", `/profile/${ann.profile}/team`, { email: bob.email, permission: "full" }, ann.token);
  const page = await open(bob, "/console/profiles");
  await page.getByRole("button", { name: /^Notifications, / }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: /Refuse|Decline/ })
    .click();
  await expect.poll(() => membersOf(ann)).toEqual([]);
  await expect(page).toHaveURL(/\/console\/profiles$/);
  expect(await profilesOf(bob)).toHaveLength(1);
});

test("an invitation is sent anew, which ends the link before, and is withdrawn", async ({ open, guard }) => {
  const ann = await withPlan("Fay");
  const bob = await signedUp("Hal");
  await done("POST", `/profile/${ann.profile}/team`, { email: bob.email, permission: "write" }, ann.token);
  const mail = await lastMail(bob.email, /invite/i);
  const page = await open(ann.person, teamPage(ann));
  // An address gets one mail a minute.
  guard.expects("POST", /\/team$/, 429);
  await chooseFrom(page, bob.email, texts.renew);
  await expect(page.getByRole("alertdialog").filter({ hasText: /minute/ })).toBeVisible();
  expect(await membersOf(ann)).toEqual([`${bob.email} invited`]);

  await chooseFrom(page, bob.email, texts.withdraw);
  const ask = page.getByRole("alertdialog", { name: texts.withdrawTitle(bob.email) });
  await expect(button(ask, common.cancel)).toBeFocused();
  await button(ask, common.cancel).click();
  await expect(ask).toBeHidden();
  expect(await membersOf(ann)).toHaveLength(1);
  await chooseFrom(page, bob.email, texts.withdraw);
  await button(ask, texts.withdraw).click();
  await expect(rowOf(page, bob.email)).toHaveCount(0);
  expect(await membersOf(ann)).toEqual([]);
  const link = linkOf(mail, /#\/profile\/team\/accept\//);
  const { status } = await call("GET", `/profile/team/accept/${link.slice(link.lastIndexOf("/") + 1)}`);
  expect(status, "the link of the mail").toBeGreaterThanOrEqual(400);
});

test("a permission is changed, and taken back; tokens are revoked; a member is removed, and restored", async ({
  open,
}) => {
  const ann = await withPlan("Sue");
  const bob = await signedUp("Ray");
  await share(ann, bob, "write");
  const minted = await done<{ token: string }>("POST", "/account/profile/token", {
    profile_id: ann.profile,
    ...{ email: bob.email, password: bob.password },
    name: "of the member",
    expire_time: "1 day",
  });
  const token = typeof minted === "string" ? minted : minted.token;
  const works = async () => (await call("GET", "/info", undefined, token)).status;
  expect(await works()).toBe(200);
  const page = await open(ann.person, teamPage(ann));

  await chooseFrom(page, bob.name, texts.changePermission);
  const dialog = page.getByRole("dialog", { name: texts.permissionTitle(bob.name) });
  await dialog.getByRole("radio", { name: permissions.names.read }).check({ force: true });
  await button(dialog, texts.saveGoes).click();
  await expect(dialog).toBeHidden();
  expect(await membersOf(ann)).toEqual([`${bob.email} read`]);
  await button(page, common.undo).click();
  await expect.poll(() => membersOf(ann)).toEqual([`${bob.email} write`]);
  await expect(rowOf(page, bob.name)).toContainText(permissions.names.write);

  await chooseFrom(page, bob.name, texts.changePermission);
  await dialog.getByLabel(texts.lastDay).fill("2077-03-14");
  await button(dialog, texts.saveGoes).click();
  await expect(rowOf(page, bob.name)).toContainText(texts.memberUntil);
  const ends = async () => (await teamOf(ann)).map(({ ends_at }) => ends_at?.slice(0, 7));
  expect(await ends()).toEqual(["2077-03"]);
  await button(page, common.undo).last().click();
  await expect(rowOf(page, bob.name)).not.toContainText(texts.memberUntil);
  expect(await ends()).toEqual([undefined]);

  await chooseFrom(page, bob.name, texts.revoke);
  await button(page.getByRole("alertdialog"), texts.revoke).click();
  await expect(page.getByRole("alertdialog", { name: texts.revokeTitle(bob.name) })).toBeHidden();
  expect(await works()).toBe(401);
  expect(await membersOf(ann)).toEqual([`${bob.email} write`]);

  await chooseFrom(page, bob.name, texts.remove);
  const ask = page.getByRole("alertdialog", { name: texts.removeTitle(bob.name) });
  await button(ask, texts.remove).dblclick();
  await expect(rowOf(page, bob.name)).toHaveCount(0);
  expect(await membersOf(ann)).toEqual([]);

  await button(page, common.undo).last().click();
  await expect(rowOf(page, bob.name)).toContainText(permissions.names.write);
  expect(await membersOf(ann)).toEqual([`${bob.email} write`]);
});

test("a member leaves by the keyboard alone", async ({ open }) => {
  const ann = await withPlan("Una");
  const bob = await signedUp("Val");
  await share(ann, bob, "read");
  const page = await open(bob, teamPage(ann));
  const menu = rowOf(page, bob.name).getByRole("button", { name: common.actions(bob.name) });
  await menu.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: texts.leave })).toBeFocused();
  await page.keyboard.press("Enter");
  const [profile] = (await profilesOf(ann.person)).map(({ name }) => name);
  const ask = page.getByRole("alertdialog", { name: texts.leaveTitle(profile ?? "") });
  await expect(button(ask, common.cancel)).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(ask).toBeHidden();
  await expect(menu).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await expect(button(ask, common.cancel)).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/console\/profiles$/);
  expect(await membersOf(ann)).toEqual([]);
  expect(await profilesOf(bob)).toHaveLength(1);
});

test("a plan without places says so, and a full team refuses more", async ({ open }) => {
  const person = await signedUp("Joy");
  const [profile] = await profilesOf(person);
  const page = await open(person, `/console/p/${profile?.id}/team`);
  await expect(page.getByText(texts.noPlaces("Free"))).toBeVisible();
  await expect(button(page, texts.invite)).toHaveCount(0);

  const ann = await withPlan("Liv", "starter");
  const others = [somebody("a").email, somebody("b").email];
  const full = await open(ann.person, teamPage(ann));
  await button(full, texts.invite).first().click();
  const dialog = full.getByRole("dialog", { name: texts.inviteTitle });
  await field(dialog, texts.addresses).fill(others.join("\n"));
  await expect(dialog.getByText(texts.tooMany)).toBeVisible();
  await button(dialog, texts.send(2)).click();
  await expect(dialog.getByRole("alert")).toContainText(texts.someFailed(1, 2));
  await expect(field(dialog, texts.addresses)).toHaveValue(others[1] ?? "");
  await page.keyboard.press("Escape");
  expect(await membersOf(ann)).toEqual([`${others[0]} invited`]);
});
