import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import { common } from "../src/messages/en/common.ts";
import { mail as mailTexts } from "../src/messages/en/mail.ts";
import { proof } from "../src/messages/en/proof.ts";
import { security as texts } from "../src/messages/en/security.ts";
import { session as sessionTexts } from "../src/messages/en/session.ts";
import { lastPin, pinOf, withAuthenticator } from "./lib/factors.ts";
import { type Person, profilesOf, signedUp, somebody, tokenOf } from "./lib/people.ts";
import { call, done, lastMail, linkOf, mailsTo } from "./lib/stack.ts";
import { atHome, button, field, follow, signIn } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

const path = "/console/account/security";
const app = texts.factor.authenticator.name;

/** Opens the dialog that sets up a factor, and gives the password. */
async function begin(page: Page, name: string, title: string, person: Person): Promise<Locator> {
  await button(page, texts.setUpName(name)).click();
  const dialog = page.getByRole("dialog", { name: title });
  await field(dialog, proof.password).fill(person.password);
  await button(dialog, texts.goOn).click();
  return dialog;
}

/** The ten codes that a dialog shows once. */
async function shown(dialog: Locator): Promise<string[]> {
  const items = dialog.getByRole("list", { name: texts.codes }).getByRole("listitem");
  await expect(items).toHaveCount(10);
  return items.allInnerTexts();
}

test("an authenticator is set up: its key, its first code, and recovery codes that cannot be lost by Esc", async ({
  open,
  browserOf,
  guard,
}) => {
  const person = await signedUp("Tea");
  const page = await open(person, path);
  const dialog = await begin(page, app, texts.enrolTitle.authenticator, person);
  await expect(dialog.getByRole("img", { name: texts.qr })).toBeVisible();
  const key = (await field(dialog, texts.key).inputValue()).replaceAll(" ", "");
  guard.keeps(key);
  const pin = field(dialog, texts.pin);
  await expect(pin).toBeFocused();
  guard.expects("POST", /\/otp\/authenticator\/confirm$/, 400);
  guard.expects("POST", /\/otp\/authenticator\/confirm$/, 401);
  await pin.fill("000000");
  await button(dialog, texts.turnOn).click();
  await expect(pin).toHaveAccessibleDescription(/wrong/);
  await pin.fill(pinOf(key, 0));
  await button(dialog, texts.turnOn).click();

  const kept = page.getByRole("dialog", { name: texts.codesTitle });
  const codes = await shown(kept);
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) guard.keeps(code);
  await page.keyboard.press("Escape");
  const ask = page.getByRole("alertdialog", { name: texts.leaveCodesTitle });
  await button(ask, common.leaveStay).click();
  const third = field(kept, texts.third);
  await third.fill(codes[0] ?? "");
  await button(kept, texts.finish).click();
  await expect(kept.getByText(texts.thirdWrong).first()).toBeVisible();
  // A person who reads it from paper types it in this form.
  await third.fill((codes[2] ?? "").toLowerCase().replaceAll("-", " "));
  await button(kept, texts.finish).click();
  await expect(kept).toBeHidden();
  await expect(page.getByText(texts.codesLeft(10))).toBeVisible();

  guard.expects("POST", /^\/console\/session$/, 401);
  const elsewhere = await (await browserOf()).newPage();
  await elsewhere.goto("/console/sign-in");
  await signIn(elsewhere, person);
  await field(elsewhere, proof.pin.authenticator).fill(pinOf(key));
  await button(elsewhere, sessionTexts.goOn).click();
  await atHome(elsewhere);
});

test("recovery codes are made anew, and the factor is turned off", async ({ open, browserOf, guard }) => {
  const person = await signedUp("Ray");
  // The sign-in took place before the account had a factor.
  const page = await open(person, path);
  const { secret, recovery } = await withAuthenticator(person, await tokenOf(person));
  await page.reload();
  await button(page, texts.newCodes).click();
  const dialog = page.getByRole("dialog", { name: texts.newCodesTitle });
  await field(dialog, proof.password).fill(person.password);
  await field(dialog, proof.pin.authenticator).fill(pinOf(secret));
  await dialog.getByRole("button", { name: texts.newCodes }).click();
  const kept = page.getByRole("dialog", { name: texts.codesTitle });
  const codes = await shown(kept);
  expect(codes.filter((code) => recovery.includes(code))).toEqual([]);
  await field(kept, texts.third).fill(codes[2] ?? "");
  await button(kept, texts.finish).click();
  await expect(kept).toBeHidden();

  guard.expects("POST", /^\/console\/session$/, 401);
  const elsewhere = await (await browserOf()).newPage();
  await elsewhere.goto("/console/sign-in");
  await signIn(elsewhere, person);
  await button(elsewhere, proof.useRecovery).click();
  const code = field(elsewhere, proof.recovery);
  await code.fill(recovery[0] ?? "");
  await button(elsewhere, sessionTexts.goOn).click();
  await expect(code, "a code of before").toHaveAccessibleDescription(/wrong|used/);
  await code.fill(codes[0] ?? "");
  await button(elsewhere, sessionTexts.goOn).click();
  await atHome(elsewhere);

  await button(page, texts.turnOffName(app)).click();
  const off = page.getByRole("dialog", { name: texts.turnOffTitle(app) });
  await expect(off.getByText(texts.turnOffLast)).toBeVisible();
  await field(off, proof.password).fill(person.password);
  await button(off, proof.useRecovery).click();
  await field(off, proof.recovery).fill(codes[1] ?? "");
  await button(off, texts.turnOff).click();
  await expect(off).toBeHidden();
  expect((await call("POST", "/account/login", person)).status, "the password alone opens the account").toBe(200);
});

test("codes by mail are a factor of paid plans", async ({ open }) => {
  const person = await signedUp("Moe");
  const page = await open(person, path);
  const name = texts.factor.email.name;
  await expect(page.getByText(texts.planLacks)).toBeVisible();
  await done("POST", "/account/plan", { plan: "starter" }, await tokenOf(person));
  await page.reload();
  const before = (await mailsTo(person.email)).length;
  const dialog = await begin(page, name, texts.enrolTitle.email, person);
  await field(dialog, texts.pinMail).fill(await lastPin(person.email, before));
  await button(dialog, texts.turnOn).click();
  await expect(page.getByRole("dialog", { name: texts.codesTitle })).toBeVisible();
});

test("other browsers are seen and signed out", async ({ open, guard }) => {
  const person = await signedUp("Sue");
  const here = await open(person, path);
  const there = await open(person, "/console/account");
  await here.reload();
  const sessions = here.getByRole("table", { name: texts.sessions });
  await expect(sessions.getByRole("row")).toHaveCount(3);
  await expect(sessions.getByRole("row").nth(1)).toContainText(texts.current);
  guard.expects("GET", /./, 401);
  await sessions.getByRole("button", { name: /^Sign out/ }).click();
  await expect(sessions.getByRole("row")).toHaveCount(2);
  await there.reload();
  await expect(there).toHaveURL(/\/console\/sign-in/);

  const third = await open(person, "/console/account");
  await here.reload();
  await button(here, texts.endOthers).click();
  await button(here.getByRole("alertdialog", { name: texts.endOthersTitle }), texts.endOthers).click();
  await expect(sessions.getByRole("row")).toHaveCount(2);
  await third.reload();
  await expect(third).toHaveURL(/\/console\/sign-in/);
});

test("a new password signs out everybody else, and stays nowhere in the page", async ({ open, guard }) => {
  const person = await signedUp("Pam");
  const page = await open(person, path);
  const there = await open(person, "/console/account");
  const changed = { ...person, password: "velvet granite harbour" };
  guard.keeps(changed.password);
  const send = async (current: string, again = changed.password) => {
    await field(page, texts.newPassword).fill(changed.password);
    await field(page, texts.again).fill(again);
    await field(page, proof.password).fill(current);
    await button(page, texts.setPassword).click();
  };
  await send(person.password, "velvet granite harbor");
  await expect(page.getByText(texts.different)).toBeVisible();
  guard.expects("POST", /^\/account\/passwordreset$/, 401);
  guard.expects("POST", /^\/account\/passwordreset$/, 403);
  await send("not the password");
  await expect(page.getByRole("alert").first()).toBeVisible();
  guard.expects("GET", /./, 401);
  await send(person.password);
  await expect(page.getByText(texts.passwordSet)).toBeVisible();
  for (const label of [texts.newPassword, texts.again, proof.password])
    await expect(field(page, label)).toHaveValue("");
  await there.reload();
  await expect(there).toHaveURL(/\/console\/sign-in/);
  expect((await call("POST", "/account/login", person)).status, "the old password").toBe(401);
  expect((await call("POST", "/account/login", changed)).status, "the new password").toBe(200);
});

test("a new address is asked for, shown while it waits, and the old one can undo it", async ({ open, browserOf }) => {
  const person = await signedUp("Nea");
  const { email: next } = somebody("Nea");
  const page = await open(person, path);
  await button(page, texts.emailChange).click();
  const dialog = page.getByRole("dialog", { name: texts.emailChange });
  await expect(dialog.getByText(texts.emailConsequence(person.email))).toBeVisible();
  await field(dialog, texts.emailNew).fill(next);
  await field(dialog, proof.password).fill(person.password);
  await button(dialog, texts.emailAsk).click();
  await expect(page.getByText(texts.pendingEmail(next))).toBeVisible();

  const elsewhere = await (await browserOf()).newPage();
  await follow(elsewhere, linkOf(await lastMail(next), /#\/account\/email\//));
  await button(elsewhere, mailTexts.pages["account/email"].button).click();
  await expect(elsewhere.getByText(mailTexts.pages["account/email"].done)).toBeVisible();
  await elsewhere.goto("/console/sign-in");
  await signIn(elsewhere, { ...person, email: next });
  await atHome(elsewhere);
  await elsewhere.goto(path);
  await expect(elsewhere.getByText(texts.formerEmail(person.email))).toBeVisible();
});

test("everything about the account becomes a file, after the password, and a mail tells of it", async ({
  open,
  guard,
}) => {
  const person = await signedUp("Exa");
  const [profile] = await profilesOf(person);
  const page = await open(person, path);
  await button(page, texts.exportButton).click();
  const dialog = page.getByRole("dialog", { name: texts.exportTitle });
  await expect(dialog.getByText(texts.exportMail(person.email))).toBeVisible();
  guard.expects("POST", /\/account\/export$/, 401);
  await field(dialog, proof.password).fill("not the password");
  await button(dialog, texts.exportButton).click();
  await expect(field(dialog, proof.password)).toHaveAccessibleDescription(/wrong/);
  await field(dialog, proof.password).fill(person.password);
  const [file] = await Promise.all([page.waitForEvent("download"), button(dialog, texts.exportButton).click()]);
  expect(file.suggestedFilename()).toMatch(/^profiles-export-\d{4}-\d\d-\d\d\.json$/);
  const all = JSON.parse(await readFile(await file.path(), "utf8"));
  expect(all.account.email).toBe(person.email);
  expect(all.profiles.map((one: { profile: { info: { id: string } } }) => one.profile.info.id)).toEqual([profile?.id]);
  expect(all.more).toEqual([]);
  expect(JSON.stringify(all)).not.toContain(person.password);
  await expect(page.getByText(texts.exported)).toBeVisible();
  await expect(dialog).toBeHidden();
  await expect
    .poll(async () => (await mailsTo(person.email)).some(({ subject }) => /exported/.test(subject)))
    .toBe(true);
});

test("an account is deleted after its address is typed, and what goes is named before", async ({ open, guard }) => {
  const person = await signedUp("Del");
  const [profile] = await profilesOf(person);
  const page = await open(person, path);
  await button(page, texts.removeButton).click();
  const dialog = page.getByRole("dialog", { name: texts.removeTitle });
  await expect(
    dialog
      .getByRole("listitem")
      .filter({ hasText: profile?.name ?? "" })
      .first(),
  ).toBeVisible();
  const typed = field(dialog, common.typeToConfirm(person.email));
  await typed.fill("somebody@example.com");
  await field(dialog, proof.password).fill(person.password);
  await button(dialog, texts.removeButton).click();
  await expect(dialog.getByText(common.typeMismatch(person.email)).first()).toBeVisible();
  expect((await call("POST", "/account/login", person)).status).toBe(200);
  guard.expects("GET", /./, 401);
  await typed.fill(person.email);
  await button(dialog, texts.removeButton).click();
  await expect(page).toHaveURL(/\/console\/sign-in/);
  await expect.poll(async () => (await call("POST", "/account/login", person)).status).toBe(401);
});
