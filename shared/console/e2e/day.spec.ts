import type { BrowserContextOptions, Locator, Page } from "@playwright/test";
import { allocation } from "../src/messages/en/allocation.ts";
import { common } from "../src/messages/en/common.ts";
import { desk } from "../src/messages/en/desk.ts";
import { home } from "../src/messages/en/home.ts";
import { mail as mailTexts } from "../src/messages/en/mail.ts";
import { more, requesting } from "../src/messages/en/more.ts";
import { permissions } from "../src/messages/en/permissions.ts";
import { proof } from "../src/messages/en/proof.ts";
import { security } from "../src/messages/en/security.ts";
import { plans, services } from "../src/messages/en/services.ts";
import { session as sessionTexts } from "../src/messages/en/session.ts";
import { shell } from "../src/messages/en/shell.ts";
import { subscription } from "../src/messages/en/subscription.ts";
import { team } from "../src/messages/en/team.ts";
import { tokens } from "../src/messages/en/tokens.ts";
import { transfer } from "../src/messages/en/transfer.ts";
import { pinOf } from "./lib/factors.ts";
import { finger, type Hands, keys, mouse } from "./lib/hands.ts";
import { type Person, plane, profilesOf, sam, somebody, tokenOf } from "./lib/people.ts";
import { call, done, lastMail, linkOf } from "./lib/stack.ts";
import { arrived, atHome, button, field, follow } from "./lib/steps.ts";
import { expect, test } from "./lib/test.ts";
import { stepLink } from "./lib/transfers.ts";

type Way = { name: string; hands: Hands; screen?: BrowserContextOptions; slow?: true };

const ways: Way[] = [
  { name: "with the keyboard alone", hands: keys },
  {
    name: "with a finger on a phone",
    hands: finger,
    screen: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  },
  { name: "over a slow network", hands: mouse, slow: true },
];

const link = (page: Page | Locator, name: string | RegExp) =>
  page.getByRole("link", typeof name === "string" ? { name, exact: true } : { name });

/**
 * A person at a browser of their own. Only the first page and the links of
 * mails are opened by their addresses.
 */
class Desk {
  readonly page: Page;
  readonly person: Person;
  private readonly hands: Hands;

  constructor(page: Page, person: Person, hands: Hands) {
    this.page = page;
    this.person = person;
    this.hands = hands;
  }

  press = (target: Locator) => this.hands.press(target);
  type = (target: Locator, text: string) => this.hands.type(target, text);
  pick = (target: Locator) => this.hands.pick(target);
  choose = (list: Locator, choice: string) => this.hands.choose(list, choice);

  /** Goes to a page by the navigation, which a narrow screen hides. */
  async go(navigation: string, name: string): Promise<void> {
    const opens = button(this.page, shell.openNavigation);
    if (await opens.isVisible()) await this.press(opens);
    await this.press(link(this.page.getByRole("navigation", { name: navigation }).last(), name));
    await expect(this.page.getByRole("heading", { level: 1 })).toContainText(name);
    await arrived(this.page);
  }

  async signUp(): Promise<void> {
    const { page, person } = this;
    await page.goto("/console/sign-up");
    await this.type(field(page, sessionTexts.name), person.name);
    await this.type(field(page, sessionTexts.email), person.email);
    await this.type(field(page, sessionTexts.password), person.password);
    await this.press(button(page, sessionTexts.create));
    await expect(page.getByRole("heading", { name: sessionTexts.checkMail })).toBeVisible();
    await follow(page, linkOf(await lastMail(person.email), /#\/account\/confirm\//));
    await this.type(field(page, mailTexts.password), person.password);
    await this.type(field(page, mailTexts.again), person.password);
    await this.press(button(page, mailTexts.pages["account/confirm"].button));
    await this.press(link(page, sessionTexts.signIn));
    await this.signIn();
    await atHome(page);
  }

  async signIn(): Promise<void> {
    await this.type(field(this.page, sessionTexts.email), this.person.email);
    await this.type(field(this.page, sessionTexts.password), this.person.password);
    await this.press(button(this.page, sessionTexts.signIn));
  }

  async signOut(): Promise<void> {
    await this.press(button(this.page, shell.person(this.person.name)));
    await this.press(this.page.getByRole("menuitem", { name: shell.signOut }));
    await expect(this.page).toHaveURL(/\/console\/sign-in/);
  }

  async buys(plan: string, price: string): Promise<void> {
    await this.go(shell.accountNavigation, shell.pages.subscription);
    await this.press(button(this.page, subscription.choose(plan)));
    await this.press(button(this.page.getByRole("dialog"), subscription.confirmNow(price)));
    await expect(this.page.getByText(subscription.changed).first()).toBeVisible();
  }
}

for (const { name, hands, screen, slow } of ways) {
  test(`a day of a new owner, ${name}`, async ({ browserOf, guard }) => {
    test.slow();
    const at = async (person: Person) => {
      guard.keeps(person.password);
      const context = await browserOf(screen);
      const page = await context.newPage();
      if (slow) {
        const network = await context.newCDPSession(page);
        await network.send("Network.enable");
        const rate = (400 * 1024) / 8;
        await network.send("Network.emulateNetworkConditions", {
          offline: false,
          latency: 400,
          downloadThroughput: rate,
          uploadThroughput: rate,
        });
      }
      return new Desk(page, person, hands);
    };
    const [ann, bob] = [await at(somebody("Ann")), await at(somebody("Bob"))];
    await ann.signUp();
    await bob.signUp();
    await ann.buys(plans.scale, "$199.00");
    await bob.buys(plans.starter, "$49.00");
    const plant = await addProfile(ann, "Plant");
    await useToken(ann);
    await shareWith(ann, bob);
    await hitLimit(ann, plant);
    await handOver(ann, bob, await at(sam), plant);
    await loseFactor(ann, guard.expects.bind(guard));
  });
}

/** Adds a profile, which is open then. Returns its id. */
async function addProfile(ann: Desk, name: string): Promise<string> {
  const { page } = ann;
  await ann.go(shell.accountNavigation, shell.pages.profiles);
  await ann.press(button(page, home.add).first());
  const dialog = page.getByRole("dialog", { name: home.addTitle });
  await ann.type(field(dialog, home.addName), name);
  await ann.press(button(dialog, home.create));
  await expect(page).toHaveURL(/\/console\/p\/[0-9a-f]{24}$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
  return page.url().slice(-24);
}

async function useToken(ann: Desk): Promise<void> {
  const { page } = ann;
  await ann.go(shell.profileNavigation("Plant"), shell.profile.tokens);
  await ann.press(link(page, tokens.make).first());
  await ann.type(field(page, tokens.name), "Script");
  // The sentences of other permissions have this word, too.
  const read = page.getByRole("radio", { name: new RegExp(`^${permissions.names.read}`) });
  await ann.pick(read);
  await ann.press(button(page, tokens.generate));
  await ann.type(field(page, proof.password), ann.person.password);
  await ann.press(button(page, tokens.generateMine));
  const token = await field(page, tokens.secret).inputValue();
  expect((await call("GET", "/info", undefined, token)).status, "the token works").toBe(200);
  await expect(button(page, tokens.stored)).toBeEnabled();
  await ann.press(button(page, tokens.stored));
  await expect(field(page, tokens.secret)).toHaveCount(0);
}

async function shareWith(ann: Desk, bob: Desk): Promise<void> {
  const { page } = ann;
  await ann.go(shell.profileNavigation("Plant"), shell.profile.team);
  await ann.press(button(page, team.invite).first());
  const dialog = page.getByRole("dialog", { name: team.inviteTitle });
  await ann.type(field(dialog, team.addresses), bob.person.email);
  await ann.pick(dialog.getByRole("radio", { name: permissions.names.write }));
  await ann.press(button(dialog, team.send(1)));
  await expect(dialog).toBeHidden();
  await follow(bob.page, linkOf(await lastMail(bob.person.email, /invite/i), /#\/profile\/team\/accept\//));
  await bob.press(button(bob.page, mailTexts.pages["profile/team/accept"].button));
  await expect(bob.page).toHaveURL(/\/console\/p\/[0-9a-f]{24}$/);
  await expect(bob.page.getByRole("heading", { level: 1 })).toContainText("Plant");
}

/**
 * A data plane reports as much as the profile has of a service, and the owner
 * gives it more.
 */
async function hitLimit(ann: Desk, plant: string): Promise<void> {
  const { page } = ann;
  const token = await tokenOf(ann.person);
  const rows = await done<Record<string, number>[]>("GET", "/account/allocation", undefined, token);
  const limit = Number(rows.find(({ profile }) => String(profile) === plant)?.["email"]);
  const [first] = await profilesOf(ann.person);
  const lines = [{ service: "email", amount: limit, event: "all of it" }];
  if (limit > 0) await done("POST", `/usage/${plant}`, { lines }, plane);
  await ann.go(shell.accountNavigation, shell.pages.allocation);
  const cell = (profile: string) => page.getByLabel(allocation.cell(services.email.name, profile), { exact: true });
  const has = Number((await cell(first?.name ?? "").inputValue()).replaceAll(",", ""));
  await ann.type(cell(first?.name ?? ""), String(has - 5));
  await ann.type(cell("Plant"), String(limit + 5));
  await ann.press(button(page, allocation.review));
  await ann.press(button(page.getByRole("alertdialog"), allocation.save));
  await expect(page.getByText(allocation.saved).first()).toBeVisible();
}

/** A transfer, in three browsers. */
async function handOver(ann: Desk, bob: Desk, agent: Desk, plant: string): Promise<void> {
  const { page } = ann;
  await ann.go(shell.accountNavigation, shell.pages.profiles);
  await ann.press(link(page.getByRole("main"), "Plant"));
  await ann.go(shell.profileNavigation("Plant"), shell.profile.more);
  await ann.press(link(page, more.transferGo));
  await ann.type(field(page, requesting.email), bob.person.email);
  await ann.type(field(page, common.typeToConfirm("Plant")), "Plant");
  await ann.type(field(page, proof.password), ann.person.password);
  await ann.press(button(page, requesting.submit));
  await expect(page).toHaveURL(/\/console\/transfers\/TR-/);
  const ticket = page.url().slice(page.url().lastIndexOf("/") + 1);
  await follow(page, await stepLink(ann.person, "confirm", ticket));
  await ann.type(field(page, proof.password), ann.person.password);
  await ann.press(button(page, transfer.confirm));
  await expect(page).toHaveURL(new RegExp(`/console/transfers/${ticket}$`));

  const theirs = bob.page;
  await follow(theirs, await stepLink(bob.person, "accept", ticket));
  const list = (label: string) => theirs.getByRole("button").and(theirs.getByLabel(label));
  await bob.choose(list(transfer.choose.previousOwner(ann.person.name)), transfer.choose.rights.none);
  await bob.press(button(theirs, transfer.choose.review));
  await expect(theirs.getByRole("heading", { name: transfer.choose.summary })).toBeVisible();
  await bob.type(field(theirs, proof.password), bob.person.password);
  await bob.press(button(theirs, transfer.choose.sign));
  await expect(theirs.getByRole("definition").filter({ hasText: transfer.leaves }).first()).toBeVisible();

  await agent.page.goto("/console/sign-in");
  await agent.signIn();
  await atHome(agent.page);
  await agent.go(shell.accountNavigation, shell.pages.desk);
  await agent.press(link(agent.page, ticket));
  await agent.press(button(agent.page, desk.approve));
  await agent.press(button(agent.page.getByRole("alertdialog"), desk.approve));
  await expect(agent.page.getByText(desk.approved)).toBeVisible();
  await expect.poll(async () => (await profilesOf(bob.person)).map(({ id }) => id)).toContain(plant);
}

/** Enables an authenticator, loses it, and comes back with a recovery code. */
async function loseFactor(ann: Desk, expects: (method: string, path: RegExp, status: number) => void): Promise<void> {
  const { page } = ann;
  await ann.go(shell.accountNavigation, shell.pages.account);
  await ann.press(link(page.getByRole("main"), security.title).first());
  await ann.press(button(page, security.setUpName(security.factor.authenticator.name)));
  const dialog = page.getByRole("dialog", { name: security.enrolTitle.authenticator });
  await ann.type(field(dialog, proof.password), ann.person.password);
  await ann.press(button(dialog, security.goOn));
  const key = (await field(dialog, security.key).inputValue()).replaceAll(" ", "");
  await ann.type(field(dialog, security.pin), pinOf(key));
  await ann.press(button(dialog, security.turnOn));
  const kept = page.getByRole("dialog", { name: security.codesTitle });
  const items = kept.getByRole("list", { name: security.codes }).getByRole("listitem");
  await expect(items).toHaveCount(10);
  const codes = await items.allInnerTexts();
  await ann.type(field(kept, security.third), codes[2] ?? "");
  await ann.press(button(kept, security.finish));
  await expect(kept).toBeHidden();

  expects("POST", /^\/console\/session$/, 401);
  await ann.signOut();
  await ann.signIn();
  await ann.press(button(page, proof.useRecovery));
  await ann.type(field(page, proof.recovery), codes[0] ?? "");
  await ann.press(button(page, sessionTexts.goOn));
  await atHome(page);
}
