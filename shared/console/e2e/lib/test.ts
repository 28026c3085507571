import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  expect,
  type Page,
} from "@playwright/test";
import { Guard } from "./guard.ts";
import { emptyPage, Network } from "./network.ts";
import type { Person } from "./people.ts";
import { api, moveOn } from "./stack.ts";

export { expect };

type Fixtures = {
  judged: undefined;
  /** Opens a new browser for a person, who is not signed in. */
  browserOf: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** A page of a person who is not signed in. */
  stranger: Page;
  /**
   * Signs a person in, in a browser of their own, and opens a page of the
   * console there.
   */
  open: (person: Person, path: string) => Promise<Page>;
};

type Shared = {
  network: Network;
  guard: Guard;
  /**
   * The browser of a person that stays signed in from test to test, with one
   * page. Without a person nobody is signed in.
   */
  seat: (person?: Person) => Promise<Page>;
};

const settings: BrowserContextOptions = {
  locale: "en-US",
  timezoneId: "Europe/Berlin",
  viewport: { width: 1280, height: 900 },
};

async function newContext(browser: Browser, guard: Guard, network: Network, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ ...settings, baseURL: network.origin, ...options });
  await guard.watch(context);
  return context;
}

export const test = base.extend<Fixtures, Shared>({
  network: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern which fixtures are needed.
    async ({}, use) => {
      const network = await Network.before(api());
      await use(network);
      await network.close();
    },
    { scope: "worker" },
  ],
  guard: [async ({ network }, use) => use(new Guard(network.origin)), { scope: "worker" }],
  seat: [
    async ({ browser, guard, network }, use) => {
      const seats = new Map<string, Promise<Page>>();
      const take = async (person?: Person) => {
        const page = await (await newContext(browser, guard, network)).newPage();
        if (person) await beginSession(page, person);
        return page;
      };
      let last: Page | undefined;
      await use(async (person) => {
        const name = person?.email ?? "";
        const seat = seats.get(name) ?? take(person);
        seats.set(name, seat);
        const page = await seat;
        // The page must not poll for news during the next test.
        if (last !== page) await last?.goto(emptyPage);
        last = page;
        return page;
      });
      for (const seat of seats.values()) await (await seat).context().close();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ network }, use) => use(network.origin),
  judged: [
    async ({ guard, network }, use) => {
      guard.begin();
      moveOn();
      await use(undefined);
      network.heal();
      expect(await guard.end(), "what is true of every screen").toEqual([]);
    },
    { auto: true },
  ],
  browserOf: async ({ browser, guard, network, judged: _ }, use) => {
    const all: BrowserContext[] = [];
    await use(async (options) => {
      const context = await newContext(browser, guard, network, options);
      all.push(context);
      return context;
    });
    await guard.look();
    await Promise.all(all.map((context) => context.close()));
  },
  stranger: async ({ browserOf }, use) => use(await (await browserOf()).newPage()),
  open: async ({ browserOf, guard }, use) => {
    await use(async (person, path) => {
      guard.keeps(person.password);
      const page = await (await browserOf()).newPage();
      await beginSession(page, person);
      await page.goto(path);
      return page;
    });
  },
});

/**
 * Signs in from a page of the console's origin without the form, which has
 * tests of its own.
 */
export async function beginSession(page: Page, { email, password }: Person): Promise<void> {
  await page.goto(emptyPage);
  const status = await page.evaluate(
    async (body) => {
      const headers = { console: "1", "content-type": "application/json" };
      return (await fetch("/console/session", { method: "POST", headers, body: JSON.stringify(body) })).status;
    },
    { email, password },
  );
  expect(status, `${email} signs in`).toBe(200);
}
