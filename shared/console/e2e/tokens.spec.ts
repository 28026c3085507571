import type { Page } from "@playwright/test";
import { common } from "../src/messages/en/common.ts";
import { more } from "../src/messages/en/more.ts";
import { permissions } from "../src/messages/en/permissions.ts";
import { proof } from "../src/messages/en/proof.ts";
import { tokens as texts } from "../src/messages/en/tokens.ts";
import { pinOf, withAuthenticator } from "./lib/factors.ts";
import { type Owner, withPlan } from "./lib/people.ts";
import { call, done, here } from "./lib/stack.ts";
import { button, chooseFrom, field, rowOf } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";

const owner = (name: string) => withPlan(name, "free");

type Row = { token: string; name: string; permission: string; scope: string; allow_list: string[]; disabled: boolean };

const listOf = ({ token, profile }: Owner) =>
  done<Row[]>("GET", `/profile/${profile}/token?amount=100`, undefined, token);
const named = async (of: Owner, name: string) => (await listOf(of)).filter((one) => one.name === name);
const works = async (token: string) => (await call("GET", "/info", undefined, token)).status;
const tokensPage = ({ profile }: Owner) => `/console/p/${profile}/tokens`;
const secretOf = (page: Page) => field(page, texts.secret).inputValue();

/** Makes a token without the screens that these tests are about. */
async function minted({ token, profile, person }: Owner, name: string, more: object = {}): Promise<string> {
  const made = await done<{ token: string }>(
    "POST",
    `/profile/${profile}/token`,
    { name, email: person.email, password: person.password, expire_time: "30 days", permission: "read", ...more },
    token,
  );
  return made.token;
}

/** Confirms that the token is stored, once the page accepts it. */
async function stored(page: Page): Promise<void> {
  await expect(button(page, texts.stored)).toBeEnabled();
  await button(page, texts.stored).click();
  await expect(field(page, texts.secret)).toHaveCount(0);
}

test("a token is made in six steps, shown once, and works", async ({ open }) => {
  const ann = await owner("Ann");
  const page = await open(ann.person, tokensPage(ann));
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("link", { name: texts.make }).click();
  await field(page, texts.name).fill("Dashboard");
  await page.getByRole("radio", { name: permissions.names.write }).check({ force: true });
  await button(page, texts.generate).click();
  await expect(field(page, proof.password)).toBeFocused();
  await field(page, proof.password).fill(ann.person.password);
  await button(page, texts.generateMine).dblclick();

  await expect(page.getByRole("heading", { name: texts.secretTitle })).toBeVisible();
  await expect(field(page, texts.secret)).toBeFocused();
  const secret = await secretOf(page);
  expect(await works(secret)).toBe(200);
  expect(await named(ann, "Dashboard"), "a double click makes one").toHaveLength(1);
  await button(page, common.copyName(texts.secret)).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  await page.evaluate(() => navigator.clipboard.writeText(""));

  const [file] = await Promise.all([page.waitForEvent("download"), button(page, texts.download).click()]);
  expect(file.suggestedFilename()).toBe("dashboard.env");
  const stream = await file.createReadStream();
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  expect(Buffer.concat(parts).toString()).toContain(`PROFILES_TOKEN=${secret}\n`);

  // Leaving the page asks first, by a link and by going back. Staying keeps the
  // token.
  await page.getByRole("link", { name: "General" }).click();
  const ask = page.getByRole("alertdialog", { name: texts.leaveTitle });
  await button(ask, common.leaveStay).click();
  expect(await secretOf(page)).toBe(secret);
  await page.goBack();
  await button(ask, common.leaveStay).click();
  expect(await secretOf(page)).toBe(secret);

  await stored(page);
  await expect(page).toHaveURL(new RegExp(`${tokensPage(ann)}$`));
  await expect(rowOf(page, "Dashboard")).toContainText(permissions.names.write);
  expect(await page.content()).not.toContain(secret);
  // Neither going back nor going forward leads to it again.
  for (const go of [() => page.goBack(), () => page.goForward()]) {
    await go();
    await page.waitForLoadState("networkidle");
    expect(await page.content()).not.toContain(secret);
    await expect(field(page, texts.secret)).toHaveCount(0);
  }
  const [made] = await named(ann, "Dashboard");
  expect(made).toMatchObject({ permission: "write", scope: "profile", allow_list: [], disabled: false });
});

test("where the browser does not copy, the token is selected and the keys are said", async ({ open }) => {
  const ann = await owner("Amy");
  const page = await open(ann.person, `${tokensPage(ann)}/new`);
  await page.evaluate(() => {
    Object.defineProperty(navigator, "clipboard", { value: { writeText: () => Promise.reject(new Error("no")) } });
    document.execCommand = () => false;
  });
  await field(page, texts.name).fill("Script");
  await button(page, texts.generate).click();
  await field(page, proof.password).fill(ann.person.password);
  await page.keyboard.press("Enter");
  const secret = await secretOf(page);
  await button(page, common.copyName(texts.secret)).click();
  await expect(page.getByText(common.copyFailed)).toBeVisible();
  await expect(button(page, common.copied)).toHaveCount(0);
  const selected = await page.evaluate(() => {
    const input = document.activeElement as HTMLInputElement;
    return input.value.slice(input.selectionStart ?? 0, input.selectionEnd ?? 0);
  });
  expect(selected).toBe(secret);
  await stored(page);
});

test("a wrong network and a wrong password are said at their fields, and nothing typed is lost", async ({
  open,
  guard,
}) => {
  const ann = await owner("Eda");
  const page = await open(ann.person, `${tokensPage(ann)}/new`);
  guard.expects("POST", /\/token$/, 400);
  guard.expects("POST", /\/token$/, 401);
  guard.expects("POST", /\/token$/, 403);
  const networks = page.getByRole("textbox", { name: texts.networks });
  await button(page, texts.generate).click();
  await expect(field(page, texts.name)).toBeFocused();
  await field(page, texts.name).fill("Limited");
  await page.locator("summary").click();
  await networks.fill("192.0.2.0/24\nnowhere");
  await page.locator("summary").click();
  await expect(networks).toBeHidden();
  await button(page, texts.generate).click();
  await field(page, proof.password).fill("not the password");
  await button(page, texts.generateMine).click();
  await expect(page.getByText(texts.networkWrong("nowhere"))).toBeVisible();
  await networks.fill("192.0.2.0/24, 2001:db8::/32");
  await button(page, texts.generateMine).click();
  await expect(page.getByText("The password is wrong.")).toBeVisible();
  await expect(field(page, proof.password)).toBeFocused();
  await expect(field(page, texts.name)).toHaveValue("Limited");
  await field(page, proof.password).fill(ann.person.password);
  await button(page, texts.generateMine).click();
  await expect(page.getByText(texts.tryItFrom)).toBeVisible();
  await stored(page);
  const [made] = await named(ann, "Limited");
  expect(made?.allow_list).toEqual(["192.0.2.0/24", "2001:db8::/32"]);
});

test("an account with an authenticator is asked for its code, too", async ({ open }) => {
  const ann = await owner("Ada");
  const page = await open(ann.person, tokensPage(ann));
  const { secret } = await withAuthenticator(ann.person, ann.token);
  await page.goto(`${tokensPage(ann)}/new`);
  await field(page, texts.name).fill("Guarded");
  await button(page, texts.generate).click();
  await field(page, proof.password).fill(ann.person.password);
  await field(page, proof.pin.authenticator).fill(pinOf(secret));
  await button(page, texts.generateMine).click();
  expect(await works(await secretOf(page))).toBe(200);
  await stored(page);
});

test("a token is rotated with a grace, and the page says who still uses the old one", async ({ open }) => {
  const ann = await owner("Sue");
  const old = await minted(ann, "Gateway", { allow_list: ["127.0.0.0/8", "::1"] });
  expect(await works(old)).toBe(200);
  const page = await open(ann.person, tokensPage(ann));
  await chooseFrom(page, "Gateway", texts.rotate);
  await page.getByRole("radio", { name: texts.graces["1 hour"] }).check({ force: true });
  await field(page, proof.password).fill(ann.person.password);
  await button(page, texts.rotateIt).click();
  await expect(page.getByText(texts.oldUntil)).toBeVisible();
  const next = await secretOf(page);
  expect(next).not.toBe(old);
  expect([await works(old), await works(next)]).toEqual([200, 200]);
  await stored(page);
  await expect(page).toHaveURL(new RegExp(`/tokens/${next.slice(2, 10)}$`));
  const before = page.getByRole("region", { name: texts.beforeTitle });
  await expect(before).toContainText(old.slice(2, 10));
  await expect(before).toContainText(here().localAddress ?? "127.0.0.1");
  await before.getByRole("link", { name: old.slice(2, 10) }).click();
  await expect(page.getByText(texts.replacedThen)).toBeVisible();
  await page.getByRole("link", { name: texts.toNext }).click();
  await expect(page).toHaveURL(new RegExp(`/tokens/${next.slice(2, 10)}$`));
  await page.goto(`${tokensPage(ann)}/${old.slice(2, 10)}/rotate`);
  await expect(page.getByText(texts.alreadyRotated)).toBeVisible();
});

test("a token is rotated without a grace, and the old one stops", async ({ open }) => {
  const ann = await owner("Joe");
  const old = await minted(ann, "Leaked");
  const page = await open(ann.person, `${tokensPage(ann)}/${old.slice(2, 10)}/rotate`);
  await page.getByRole("radio", { name: texts.graces["0"] }).check({ force: true });
  await expect(page.getByText(texts.graceNow)).toBeVisible();
  await field(page, proof.password).fill(ann.person.password);
  await button(page, texts.rotateIt).click();
  await expect(page.getByText(texts.oldStopped)).toBeVisible();
  expect(await works(old)).toBe(401);
  expect(await works(await secretOf(page))).toBe(200);
  await stored(page);
});

test("a token is renamed, limited, and widened with the password", async ({ open, guard }) => {
  const ann = await owner("Max");
  const text = await minted(ann, "Before");
  const page = await open(ann.person, `${tokensPage(ann)}/${text.slice(2, 10)}`);
  const form = page.getByRole("region", { name: texts.nameAndLimits });
  await field(form, texts.name).fill("After");
  await form.getByRole("textbox", { name: texts.networks }).fill("192.0.2.1");
  await button(form, texts.save).click();
  await expect(page.getByText(texts.saved)).toBeVisible();
  await expect(page.getByRole("heading", { name: "After", level: 1 })).toBeVisible();
  expect((await named(ann, "After"))[0]?.allow_list).toEqual(["192.0.2.1"]);
  expect(await works(text)).toBe(403);

  guard.expects("PUT", /\/token\//, 400);
  await form.getByRole("textbox", { name: texts.networks }).fill("");
  await button(form, texts.save).click();
  await expect(form.getByText(texts.needsProof)).toBeVisible();
  expect(await works(text)).toBe(403);
  await field(form, proof.password).fill(ann.person.password);
  await button(form, texts.save).click();
  await expect(field(form, proof.password)).toHaveCount(0);
  await expect.poll(() => works(text)).toBe(200);

  // A typed text that is not saved is not lost without a question.
  await field(form, texts.name).fill("Lost");
  await page.getByRole("link", { name: "Team", exact: true }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: common.leaveStay }).click();
  await expect(field(form, texts.name)).toHaveValue("Lost");
  await field(form, texts.name).fill("After");
  await page.getByRole("link", { name: "Team", exact: true }).click();
  await expect(page).toHaveURL(/\/team$/);
});

test("a token is disabled, enabled with the password, and deleted", async ({ open }) => {
  const ann = await owner("Kim");
  const text = await minted(ann, "Sensor");
  const page = await open(ann.person, tokensPage(ann));
  await chooseFrom(page, "Sensor", texts.disable);
  const ask = page.getByRole("alertdialog", { name: texts.disableTitle("Sensor") });
  await expect(ask).toContainText(texts.disableText);
  await button(ask, texts.disable).click();
  await expect(rowOf(page, "Sensor")).toContainText(texts.disabled);
  expect(await works(text)).toBe(401);

  await chooseFrom(page, "Sensor", texts.enable);
  const dialog = page.getByRole("dialog", { name: texts.enableTitle("Sensor") });
  await field(dialog, proof.password).fill(ann.person.password);
  await button(dialog, texts.enable).click();
  await expect(dialog).toBeHidden();
  expect(await works(text)).toBe(200);

  await chooseFrom(page, "Sensor", texts.remove);
  await button(page.getByRole("alertdialog"), texts.remove).dblclick();
  await expect(rowOf(page, "Sensor")).toHaveCount(0);
  expect(await works(text)).toBe(401);
});

test("tokens are found, filtered by the address, and ended together", async ({ open, guard, network }) => {
  const ann = await owner("Tom");
  await minted(ann, "Alpha", { expire_time: "never" });
  await minted(ann, "Beta", { expire_time: "never" });
  await minted(ann, "Gamma", { expire_time: "5 days" });
  const page = await open(ann.person, `${tokensPage(ann)}?filter=never&order=name`);
  const names = () => page.getByRole("row").getByRole("link").allInnerTexts();
  await expect.poll(names).toEqual(["Alpha", "Beta"]);
  await page.getByRole("columnheader", { name: texts.name }).getByRole("button").click();
  await expect.poll(names).toEqual(["Beta", "Alpha"]);
  await page.reload();
  await expect.poll(names).toEqual(["Beta", "Alpha"]);
  await page.getByRole("searchbox", { name: texts.find }).fill("alp");
  await expect.poll(names).toEqual(["Alpha"]);
  await page.getByRole("searchbox", { name: texts.find }).fill("zzz");
  await expect(page.getByRole("heading", { name: texts.noMatchTitle })).toBeVisible();
  await button(page, texts.showAll).click();
  await expect(page).not.toHaveURL(/find|filter/);

  for (const name of ["Alpha", "Beta"])
    await page.getByText(texts.select(name)).locator("xpath=ancestor::label").click();
  await expect(page.getByText(texts.selected(2))).toBeVisible();
  await button(page, texts.disable).click();
  await button(page.getByRole("alertdialog"), texts.disable).click();
  await expect(rowOf(page, "Alpha")).toContainText(texts.disabled);
  await expect(rowOf(page, "Beta")).toContainText(texts.disabled);

  // One of two fails, and only that one is tried again.
  for (const name of ["Alpha", "Beta"])
    await page.getByText(texts.select(name)).locator("xpath=ancestor::label").click();
  await button(page, texts.remove).click();
  const ask = page.getByRole("alertdialog", { name: texts.removeMany(2) });
  guard.expects("DELETE", /\/token\//, 500);
  network.fail("DELETE", /\/token\//, { status: 500 }, 3);
  await button(ask, texts.remove).click();
  await expect(ask.getByRole("alert")).toContainText("1 of 2");
  await button(ask, texts.remove).click();
  await expect(ask).toBeHidden();
  expect((await listOf(ann)).map(({ name }) => name).filter((name) => /Alpha|Beta/.test(name))).toEqual([]);
  await expect(rowOf(page, "Gamma")).toBeVisible();
});

test("the policy bounds what is offered, and asks for the password to be looser", async ({ open, guard }) => {
  const ann = await owner("Uwe");
  const page = await open(ann.person, `/console/p/${ann.profile}/more`);
  const policy = page.getByRole("region", { name: texts.policy });
  await policy.getByRole("textbox").fill("45");
  await policy.getByText(texts.never, { exact: true }).click();
  await policy.getByText(texts.disableUnused).click();
  await button(policy, texts.policySave).click();
  await expect(page.getByText(texts.policySaved)).toBeVisible();
  await page.goto(tokensPage(ann));
  await expect(page.getByText(texts.policyNow("45", false))).toBeVisible();
  await page.getByRole("link", { name: texts.make }).click();
  const ends = page.getByRole("radiogroup", { name: texts.end }).getByRole("radio");
  await expect(ends).toHaveCount(4);
  await expect(page.getByRole("radio", { name: texts.endIn(45) })).toBeChecked();
  await expect(page.getByText(texts.policyNever)).toBeVisible();

  await page.goto(tokensPage(ann));
  await page.getByRole("link", { name: texts.policyMore }).click();
  guard.expects("PUT", /\/token_policy$/, 400);
  await policy.getByRole("textbox").fill("400");
  await button(policy, texts.policySave).click();
  await field(policy, proof.password).fill(ann.person.password);
  await button(policy, texts.policySave).click();
  await expect(field(policy, proof.password)).toHaveCount(0);
  await page.reload();
  await expect(policy.getByRole("textbox")).toHaveValue("400");
  await expect(policy.getByRole("checkbox", { name: texts.disableUnused })).toBeChecked();
  await expect(policy.getByRole("checkbox", { name: texts.notifyNewNetwork })).toBeChecked();
});

test("all tokens are revoked, after the name of the profile is typed", async ({ open }) => {
  const ann = await owner("Zed");
  const text = await minted(ann, "One");
  const page = await open(ann.person, `/console/p/${ann.profile}/more`);
  await button(page, more.revokeGo).click();
  const dialog = page.getByRole("dialog", { name: texts.revokeAllTitle });
  const typed = dialog.getByRole("textbox");
  await typed.fill("another");
  await button(dialog, texts.revokeAll).click();
  await expect(dialog.getByText(common.typeMismatch(ann.name)).first()).toBeVisible();
  expect(await works(text)).toBe(200);
  await typed.fill(ann.name);
  await button(dialog, texts.revokeAll).click();
  await expect(page.getByText(texts.revokeNone)).toBeVisible();
  expect(await works(text)).toBe(401);
});
