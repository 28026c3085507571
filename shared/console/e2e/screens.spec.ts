import type { Page } from "@playwright/test";
import { type Part, violations } from "./lib/axe.ts";
import { withAuthenticator } from "./lib/factors.ts";
import type { Guard } from "./lib/guard.ts";
import { keyboardWalk, leaveDialog, noRoom, outline, sideways, smallTargets } from "./lib/measure.ts";
import { emptyPage, type Network } from "./lib/network.ts";
import { nora, omar, type Person, profilesOf, share, signedUp, somebody, tokenOf, withPlan } from "./lib/people.ts";
import { routes } from "./lib/routes.ts";
import { inPlace, settled } from "./lib/settled.ts";
import { done } from "./lib/stack.ts";
import { beginSession, expect, test } from "./lib/test.ts";
import { askedBack, stepLink } from "./lib/transfers.ts";
import { type Screen, screens, type World } from "./screens.ts";

// Each worker takes half of the rows.
test.describe.configure({ mode: "parallel" });

let world: World;

test.beforeAll(async ({ seat }) => {
  const ours = await profilesOf(nora);
  const named = (name: string) => ours.find((one) => one.name === name)?.id ?? "";
  const [transfer] = await done<{ ticket: string }[]>("GET", "/transfer", undefined, await tokenOf(nora));
  const greenhouse = named("Demo greenhouse");
  const [token] = await done<{ token: string }[]>(
    "GET",
    `/profile/${greenhouse}/token`,
    undefined,
    await tokenOf(nora),
  );
  const fresh = await signedUp("Fred");
  const [first] = await profilesOf(fresh);
  const sure = await signedUp("Vera");
  // The sign-in takes place before the account asks for codes.
  await seat(sure);
  const { secret } = await withAuthenticator(sure, await tokenOf(sure));
  const taker = await withPlan("Tom");
  await done(
    "POST",
    `/profile/${taker.profile}/team`,
    { email: somebody("Zoe").email, permission: "read" },
    taker.token,
  );
  const { id } = await done<{ id: string }>("POST", "/profile", { name: "Barn" }, taker.token);
  await done("DELETE", `/profile/${id}`, { password: taker.person.password }, taker.token);
  const payer = await signedUp("Pia");
  const paid = await withPlan("Tess");
  await share(paid, payer, "billing");
  world = {
    profile: greenhouse,
    token: token?.token.slice(2, 10) ?? "",
    orchard: named("Demo orchard"),
    ticket: transfer?.ticket ?? "",
    fresh,
    sure,
    secret,
    team: taker.profile,
    payer,
    paid: paid.profile,
    taker: taker.person,
    gone: await signedUp("Greg"),
    accept: await stepLink(omar, "accept", transfer?.ticket ?? ""),
    back: await askedBack(taker),
    freshProfile: first?.id ?? "",
  };
  expect(
    Object.entries(world).filter(([, value]) => !value),
    "the demo has all that screens need",
  ).toEqual([]);
});

test("every route of the console has a row in the table of screens", () => {
  const known = new Set(screens.map(({ route }) => route));
  const there = routes();
  expect(
    there.filter((route) => !known.has(route)),
    "routes without a row",
  ).toEqual([]);
  expect(
    [...known].filter((route) => !there.includes(route)),
    "rows without a route",
  ).toEqual([]);
});

/** Opens a screen, and returns the number of requests that were seen before. */
async function show(screen: Screen, page: Page, guard: Guard, network: Network): Promise<number> {
  const { refused } = screen;
  if (refused) guard.expects(refused.method, refused.path, refused.status);
  // The browser would not load a page that differs only by its fragment.
  await page.goto(emptyPage);
  // Requests of the earlier page do not count for this one.
  await expect.poll(() => network.pending).toBe(0);
  const start = network.seen.length;
  await page.goto(screen.path(world));
  await settled(page, network);
  await screen.until?.(page, world);
  return start;
}

const nameOf = ({ route, state, as }: Screen) =>
  `${route}${state ? `, ${state}` : ""}, ${typeof as === "string" ? `somebody ${as}` : (as?.name ?? "nobody")}`;
const fileOf = ({ route, state = "" }: Screen) =>
  `${route} ${state}`.replace(/[^A-Za-z]+/g, "-").replace(/^-|-$/g, "") || "start";

// The frame's requests on every screen, each once: the person, the profiles,
// for the navigation and the switcher, and the notifications.
const ofFrame = ["/console/session", "/account/overview", "/notification?amount=10"];

test("the first page asks for little", async ({ browserOf, network, guard }) => {
  const asked = async (person?: Person) => {
    const page = await (await browserOf()).newPage();
    if (person) guard.keeps(person.password);
    if (person) await beginSession(page, person);
    // The browser has never opened the console before.
    const debug = await page.context().newCDPSession(page);
    await debug.send("Network.clearBrowserCache");
    await page.goto(emptyPage);
    const start = network.seen.length;
    await page.goto(person ? "/console/profiles" : "/console/sign-in");
    await settled(page, network);
    const { api, files } = network.since(start);
    return { api: api.map(({ path }) => path), files: files.map(({ path }) => path) };
  };
  const [out, home] = [await asked(), await asked(nora)];
  // The document, a script, the styles, the picture and the font. The first
  // screen after signing in has one more script.
  expect(out.files.length, out.files.join(" ")).toBeLessThanOrEqual(5);
  expect(home.files.length, home.files.join(" ")).toBeLessThanOrEqual(6);
  expect(out.api.length, out.api.join(" ")).toBeLessThanOrEqual(1);
  expect(home.api.length, home.api.join(" ")).toBeLessThanOrEqual(4);
});

for (const screen of screens) {
  test(nameOf(screen), async ({ seat, guard, network }) => {
    const page = await seat(typeof screen.as === "string" ? world[screen.as] : screen.as);
    const wide = screen.narrow ? 320 : 1280;
    const wrong: string[] = [];
    const look = async (at: string, found: Promise<string[]>) =>
      wrong.push(...(await found).map((what) => `${at}: ${what}`));
    const judge = async (theme: "light" | "dark", width: number, parts: Part[]) => {
      await page.emulateMedia({ colorScheme: theme });
      await page.setViewportSize({ width, height: 900 });
      await page.evaluate(() => scrollTo(0, 0));
      await inPlace(page);
      for (const part of parts) await look(`${theme}, ${width} px`, violations(page, part));
    };
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await page.setViewportSize({ width: wide, height: 900 });
    if (screen.fails) {
      expect(screen.path(world), "the page itself does not fail").not.toMatch(screen.fails);
      guard.expects("GET", screen.fails, 500);
      network.fail("GET", screen.fails, { status: 500 }, 100);
    }
    const start = await show(screen, page, guard, network);
    if (screen.fails) await expect(page.getByRole("alert").first(), "the failure is said").toBeVisible();
    const { api } = network.since(start);
    const asked = api.filter(({ method }) => method === "GET").map(({ path }) => path);
    for (const path of ofFrame) if (asked.includes(path)) asked.splice(asked.indexOf(path), 1);
    const { refused } = screen;
    const isRefused = ({ method, path, status }: (typeof api)[number]) =>
      status === refused?.status && method === refused.method && refused.path.test(path.replace(/\?.*/, ""));
    if (refused) expect(api.some(isRefused), "the service refuses what the state is about").toBe(true);
    const most = screen.requests ?? 4;
    if (!screen.fails && !screen.until && asked.length > most)
      wrong.push(`it sends ${asked.length} requests, more than ${most}: ${asked.join(" ")}`);

    await judge("light", wide, ["rest", "colours"]);
    await look(`${wide} px`, smallTargets(page));
    const walk = await keyboardWalk(page);
    wrong.push(...walk.wrong.map((what) => `keyboard: ${what}`));
    await judge("dark", wide, ["colours"]);
    await judge("light", 320, ["rest"]);
    await look("320 px", sideways(page));
    await look("320 px", noRoom(page));
    await look("320 px", smallTargets(page));
    await page.setViewportSize({ width: wide, height: 900 });
    if (screen.forced) {
      // The colours are those of the system then, and shadows are not drawn. So
      // an outline must show the focus.
      await page.emulateMedia({ colorScheme: "light", forcedColors: "active" });
      await look("forced colours", violations(page, "rest"));
      const walk = await keyboardWalk(page);
      wrong.push(...walk.wrong.map((what) => `forced colours, keyboard: ${what}`));
      await page.emulateMedia({ forcedColors: "none" });
    }
    const seen = screen.unlike ? undefined : await outline(page, screen.opener !== undefined || screen.stays);
    if (screen.opener) wrong.push(...(await leaveDialog(page, screen.opener(page))));
    expect(wrong).toEqual([]);
    if (seen !== undefined) expect(seen).toMatchSnapshot(`${fileOf(screen)}.yml`);
  });
}
