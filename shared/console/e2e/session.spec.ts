import type { BrowserContext } from "@playwright/test";
import { account as accountTexts } from "../src/messages/en/account.ts";
import { common } from "../src/messages/en/common.ts";
import { mail as mailTexts } from "../src/messages/en/mail.ts";
import { session as texts } from "../src/messages/en/session.ts";
import { playedId } from "./lib/network.ts";
import { type Person, profilesOf, signedUp, somebody, tokenOf } from "./lib/people.ts";
import { call, done, lastMail, linkOf, mailsTo } from "./lib/stack.ts";
import { arrived, atHome, button, field, fill, fillSignUp, follow, signIn, signInOver } from "./lib/steps.ts";
import { ageSessions, items } from "./lib/table.ts";
import { beginSession, expect, test } from "./lib/test.ts";

test("a person signs up, confirms the address, signs in and is at home", async ({ stranger, guard }) => {
  const person = somebody("Zoe");
  guard.keeps(person.password);
  await fillSignUp(stranger, person);
  await button(stranger, texts.create).click();
  await expect.soft(stranger.getByRole("heading", { name: texts.checkMail })).toBeFocused();

  const link = linkOf(await lastMail(person.email), /#\/account\/confirm\//);
  await follow(stranger, link);
  await field(stranger, mailTexts.password).fill(person.password);
  await field(stranger, mailTexts.again).fill(person.password);
  await button(stranger, mailTexts.pages["account/confirm"].button).click();
  await expect(stranger.getByText(mailTexts.pages["account/confirm"].done)).toBeVisible();
  expect(new URL(stranger.url()).hash, "the code is gone from the address").toBe("");

  await stranger.getByRole("link", { name: texts.signIn }).click();
  await signIn(stranger, person);
  await atHome(stranger);
  await expect.soft(stranger.locator("main h1")).toBeFocused();
  expect((await profilesOf(person)).map(({ name }) => name)).toEqual([person.name]);
});

test("who asks for a page signs in and gets it; an address elsewhere is not followed", async ({ stranger, guard }) => {
  const person = await signedUp("Ike");
  guard.keeps(person.password);
  await stranger.goto("/console/account");
  await expect(stranger).toHaveURL(/\/console\/sign-in\?next=/);
  await signIn(stranger, person);
  await expect(stranger).toHaveURL(/\/console\/account$/);

  for (const next of [
    "https://example.com/",
    "//example.com/",
    "/console//example.com/",
    "javascript:alert(1)",
    "/account/login",
  ]) {
    await stranger.goto(`/console/sign-in?next=${encodeURIComponent(next)}`);
    await atHome(stranger);
  }
});

test("a wrong password is said, and the address stays", async ({ stranger, guard }) => {
  const person = await signedUp("Uma");
  guard.keeps(person.password);
  guard.expects("POST", /^\/console\/session$/, 401);
  await stranger.goto("/console/sign-in");
  await signIn(stranger, { ...person, password: "something else" });
  await expect(stranger.getByRole("alert")).toContainText("wrong");
  await expect(field(stranger, texts.email)).toHaveValue(person.email);
  await signIn(stranger, person);
  await atHome(stranger);
});

test("a forgotten password is replaced by the link of a mail, once", async ({ stranger, guard }) => {
  const person = await signedUp("Lea");
  const before = (await mailsTo(person.email)).length;
  await stranger.goto("/console/forgotten");
  await field(stranger, texts.email).fill(person.email);
  await button(stranger, texts.sendMail).click();
  await expect(stranger.getByRole("status").filter({ hasText: person.email })).toBeVisible();

  const link = linkOf(await lastMail(person.email, /password/i, before), /#\/account\/password\//);
  const changed = { ...person, password: "velvet granite harbour" };
  guard.keeps(changed.password);
  const choose = async () => {
    await follow(stranger, link);
    await field(stranger, mailTexts.password).fill(changed.password);
    await field(stranger, mailTexts.again).fill(changed.password);
    await button(stranger, mailTexts.pages["account/password"].button).click();
  };
  await choose();
  await expect(stranger.getByText(mailTexts.pages["account/password"].done)).toBeVisible();
  guard.expects("POST", /^\/account\/passwordreset$/, 400);
  guard.expects("POST", /^\/account\/passwordreset$/, 401);
  await choose();
  await expect(stranger.getByRole("alert").first()).toBeVisible();

  await stranger.goto("/console/sign-in");
  await signIn(stranger, changed);
  await atHome(stranger);
  expect((await call("POST", "/account/login", person)).status, "the old password").toBe(401);
});

test("a link that a program opens does nothing", async ({ stranger }) => {
  const person = somebody("Pia");
  await fillSignUp(stranger, person);
  await button(stranger, texts.create).click();
  const mail = await lastMail(person.email);
  const links = mail.text.match(/https?:\/\/\S+/g) ?? [];
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) for (const method of ["HEAD", "GET"]) await fetch(link, { method });
  // A scanner that runs scripts does this, too.
  await follow(stranger, linkOf(mail, /#\/account\/confirm\//));
  await stranger.waitForLoadState("networkidle");
  const { status, code } = await call("POST", "/account/login", { email: person.email, password: person.password });
  expect([status, code]).toEqual([403, "address_unconfirmed"]);
});

test("a press counts, although what was wrong with the fields goes away below the pointer", async ({
  stranger,
  guard,
}) => {
  const person = somebody("Pia");
  guard.keeps(person.password);
  await stranger.goto("/console/sign-up");
  const create = button(stranger, texts.create);
  await create.click();
  await expect(field(stranger, texts.name)).toBeFocused();
  await fill(stranger, person);
  const { height } = (await create.boundingBox()) ?? { height: 0 };
  // The press is near the lower edge of the button. It would miss the button if
  // three lines above it disappeared.
  await create.click({ position: { x: 20, y: height - 4 } });
  await expect(stranger.getByRole("heading", { name: texts.checkMail })).toBeVisible();
});

test("a double click signs up once", async ({ stranger, network }) => {
  const person = somebody("Max");
  await fillSignUp(stranger, person);
  const start = network.seen.length;
  network.fail("POST", /^\/account$/, { delay: 400 });
  await button(stranger, texts.create).dblclick();
  await expect(stranger.getByRole("heading", { name: texts.checkMail })).toBeVisible();
  expect(network.since(start).api.filter(({ method, path }) => method === "POST" && path === "/account")).toHaveLength(
    1,
  );
});

test("an answer that is lost makes one account", async ({ stranger, network }) => {
  const person = somebody("Kai");
  await fillSignUp(stranger, person);
  const left = network.fail("POST", /^\/account$/, { cut: "after" });
  await button(stranger, texts.create).click();
  await expect(stranger.getByRole("heading", { name: texts.checkMail })).toBeVisible();
  expect(left()).toBe(0);
  await lastMail(person.email);
  expect(await mailsTo(person.email)).toHaveLength(1);
});

test("a service that fails is said, with the number of the request, and tried again", async ({
  stranger,
  network,
  guard,
}) => {
  const person = await signedUp("Ron");
  guard.expects("POST", /^\/console\/session$/, 500);
  network.fail("POST", /^\/console\/session$/, { status: 500 }, 3);
  await stranger.goto("/console/sign-in");
  await signIn(stranger, person);
  await expect(stranger.getByRole("alert")).toContainText(playedId);
  network.heal();
  await button(stranger, texts.signIn).click();
  await atHome(stranger);
});

test("signing out ends the session in every tab, and neither shows anything when it is opened again", async ({
  open,
  guard,
}) => {
  const person = await signedUp("Eva");
  const first = await open(person, "/console/account");
  const second = await first.context().newPage();
  await second.goto("/console/profiles");
  await arrived(second);
  await first.getByRole("button", { name: new RegExp(person.name) }).click();
  await first.getByRole("menuitem", { name: "Sign out" }).click();
  for (const page of [first, second]) await expect(page).toHaveURL(/\/console\/sign-in/);
  guard.expects("GET", /./, 401);
  await first.goBack();
  await expect(first).toHaveURL(/\/console\/sign-in/);
  for (const page of [first, second]) {
    await page.goto("/console/profiles");
    await page.reload();
    await expect(page).toHaveURL(/\/console\/sign-in/);
    await expect(field(page, texts.password)).toBeVisible();
  }
});

test("a session that ends elsewhere is asked for over the page, and what was typed is saved", async ({
  open,
  guard,
}) => {
  const person = await signedUp("Ina");
  const page = await open(person, "/console/account");
  const company = page.getByLabel(new RegExp(`^${accountTexts.company}`));
  await company.fill("Greenhouse & Sons");
  await endSessions(person);
  guard.expects("PUT", /^\/account$/, 401);
  guard.expects("GET", /./, 401);
  await button(page, common.save).first().click();
  await signInOver(page, person);
  await expect(company).toHaveValue("Greenhouse & Sons");
  await page.reload();
  await expect(company).toHaveValue("Greenhouse & Sons");
});

const minute = 60_000;

/**
 * A signed-in person, with a clock that the test moves, and the id of the
 * account.
 */
async function atWork(browserOf: () => Promise<BrowserContext>, name: string) {
  const person = await signedUp(name);
  const { id } = await done<{ id: string }>("GET", "/account", undefined, await tokenOf(person));
  const page = await (await browserOf()).newPage();
  await page.clock.install();
  await beginSession(page, person);
  await page.goto("/console/profiles");
  await arrived(page);
  return { person, id, page };
}

test("a session that nobody uses for an hour ends over the page, by itself", async ({ browserOf, guard }) => {
  const { person, id, page } = await atWork(browserOf, "Jon");
  await ageSessions(id, 61 * minute);
  guard.expects("GET", /./, 401);
  await page.clock.fastForward(61 * minute);
  await signInOver(page, person);
});

test("a session is put off by a person at work, to a day in all", async ({ browserOf, network }) => {
  const { id, page } = await atWork(browserOf, "Ned");
  // Somebody used the session meanwhile.
  await ageSessions(id, (23 * 60 + 30) * minute, 20 * minute);
  const [session] = await items(`A#${id}`, "S#");
  if (!session?.["created"] || !("N" in session["created"])) throw new Error("there is no session");
  const began = Number(session["created"].N);
  const start = network.seen.length;
  await page.clock.fastForward(11 * minute);
  await page.locator("main").click({ position: { x: 5, y: 5 } });
  await page.keyboard.press("Tab");
  const extensions = () => network.since(start).api.filter(({ path }) => path === "/console/session/extend");
  await expect.poll(() => extensions().map(({ status }) => status)).toEqual([200]);
  const [after] = await items(`A#${id}`, "S#");
  expect(after?.["expires"], "it ends a day after it began").toEqual({ N: String(began + 24 * 60 * minute) });
});

/** Ends all sessions of a person, as another browser of theirs does. */
async function endSessions(person: Person): Promise<void> {
  const { email, password } = person;
  const [first] = await profilesOf(person);
  const made = await call<string | { token: string }>("POST", "/account/profile/token", {
    profile_id: first?.id,
    email,
    password,
    name: "other",
  });
  const token = typeof made.result === "string" ? made.result : made.result.token;
  const { status, message } = await call("DELETE", "/account/session", undefined, token);
  expect(status, message).toBe(200);
}
