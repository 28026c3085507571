import type { Locator, Page } from "@playwright/test";
import { account } from "../src/messages/en/account.ts";
import { alerts } from "../src/messages/en/alerts.ts";
import { allocation } from "../src/messages/en/allocation.ts";
import { common } from "../src/messages/en/common.ts";
import { desk } from "../src/messages/en/desk.ts";
import { home } from "../src/messages/en/home.ts";
import { more } from "../src/messages/en/more.ts";
import { proof } from "../src/messages/en/proof.ts";
import { security } from "../src/messages/en/security.ts";
import { plans } from "../src/messages/en/services.ts";
import { session } from "../src/messages/en/session.ts";
import { shell } from "../src/messages/en/shell.ts";
import { subscription } from "../src/messages/en/subscription.ts";
import { team } from "../src/messages/en/team.ts";
import { tokens } from "../src/messages/en/tokens.ts";
import { transfer } from "../src/messages/en/transfer.ts";
import { webhooks } from "../src/messages/en/webhooks.ts";
import { pinOf } from "./lib/factors.ts";
import { nora, omar, type Person, sam } from "./lib/people.ts";
import { button, field } from "./lib/steps.ts";
import type { Screen, World } from "./screens.ts";

type Row = Omit<Screen, "state" | "opener"> & {
  state: string;
  /** The button that opens it, to which the focus returns. */
  opener: string | RegExp | ((page: Page) => Locator);
  /** Done before the button is pressed, or instead of it. */
  before?: (page: Page) => Promise<void>;
  /** Done in the dialog until the state is shown. */
  within?: (page: Page, world: World) => Promise<void>;
  /** The item of the menu that the button opens. */
  item?: string;
};

/** A row for a screen with a dialog open over it. */
function dialog({ opener, item, before, within, ...row }: Row): Screen {
  const at = (page: Page) =>
    typeof opener === "function"
      ? opener(page)
      : page.getByRole("button", { name: opener, exact: typeof opener === "string" }).first();
  return {
    ...row,
    opener: at,
    until: async (page, world) => {
      await before?.(page);
      await at(page).click();
      if (item !== undefined) await page.getByRole("menuitem", { name: new RegExp(`^${item}`) }).click();
      await page.locator("[role=dialog], [role=alertdialog]").last().waitFor();
      await within?.(page, world);
    },
  };
}

const profile = (page: string) => (world: { profile: string }) => `/console/p/${world.profile}${page}`;
const menuOf = (name: string) => (page: Page) =>
  page.getByRole("main").getByRole("button", { name: common.actions(name) });

/**
 * Gives the password in the dialog that is open, and a code of the
 * authenticator where there is one.
 */
async function proveIn(page: Page, { password }: Person, action: string, secret?: string): Promise<void> {
  const at = page.getByRole("dialog");
  await field(at, proof.password).fill(password);
  if (secret !== undefined) await field(at, proof.pin.authenticator).fill(pinOf(secret));
  await button(at, action).click();
}

/**
 * One row for each dialog. Its contents are judged as a screen is. Tab stays in
 * it, and Esc closes it and returns the focus.
 */
export const dialogs: Screen[] = [
  dialog({
    route: "/profiles",
    state: "switching",
    as: nora,
    path: () => "/console/profiles",
    opener: shell.switchProfile(shell.allProfiles),
  }),
  dialog({ route: "/profiles", state: "searching", as: nora, path: () => "/console/profiles", opener: shell.search }),
  dialog({
    route: "/profiles",
    state: "the bell",
    as: nora,
    path: () => "/console/profiles",
    opener: /^Notifications/,
    unlike: true,
  }),
  dialog({ route: "/profiles", state: "adding", as: nora, path: () => "/console/profiles", opener: home.add }),
  dialog({ route: "/profiles", state: "full", as: "fresh", path: () => "/console/profiles", opener: home.add }),
  dialog({ route: "/p/$profile/team", state: "inviting", as: nora, path: profile("/team"), opener: team.invite }),
  dialog({
    route: "/p/$profile/team",
    state: "another permission",
    as: nora,
    path: profile("/team"),
    opener: menuOf("Omar"),
    item: team.changePermission,
  }),
  dialog({
    route: "/p/$profile/team",
    state: "removing",
    as: nora,
    path: profile("/team"),
    opener: menuOf("Omar"),
    item: team.remove,
  }),
  dialog({
    route: "/p/$profile/team",
    state: "revoking",
    as: nora,
    path: profile("/team"),
    opener: menuOf("Omar"),
    item: team.revoke,
  }),
  dialog({
    route: "/p/$profile/team",
    state: "withdrawing",
    as: "taker",
    path: ({ team }) => `/console/p/${team}/team`,
    opener: (page) => menuOf("")(page).first(),
    item: team.withdraw,
  }),
  dialog({
    route: "/p/$profile/team",
    state: "leaving",
    as: omar,
    path: profile("/team"),
    opener: menuOf("Omar"),
    item: team.leave,
  }),
  dialog({
    route: "/p/$profile/tokens",
    state: "disabling",
    as: nora,
    path: profile("/tokens"),
    opener: menuOf("Gateways"),
    item: tokens.disable,
    unlike: true,
  }),
  dialog({
    route: "/p/$profile/tokens",
    state: "deleting",
    as: nora,
    path: profile("/tokens"),
    opener: menuOf("Contractor"),
    item: tokens.remove,
  }),
  dialog({
    route: "/p/$profile/tokens",
    state: "enabling",
    as: nora,
    path: profile("/tokens"),
    opener: menuOf("Old script"),
    item: tokens.enable,
  }),
  dialog({
    route: "/p/$profile/alerts",
    state: "adding",
    as: nora,
    path: profile("/alerts"),
    opener: alerts.add,
  }),
  dialog({
    route: "/p/$profile/webhooks",
    state: "adding",
    as: nora,
    path: profile("/webhooks"),
    opener: webhooks.add,
  }),
  {
    ...dialog({
      route: "/account/webhooks",
      state: "choosing events",
      as: nora,
      path: () => "/console/account/webhooks",
      opener: webhooks.add,
      within: async (page) => {
        const at = page.getByRole("dialog");
        await at.getByRole("radio", { name: webhooks.choices.some.name }).check({ force: true });
        await at.getByText(/^Single types of subscription/).click();
        await at.getByText("subscription.renewed", { exact: true }).click();
      },
    }),
    // Esc asks before what was chosen is lost.
    opener: undefined,
    stays: true,
  },
  dialog({ route: "/p/$profile/more", state: "revoking all", as: nora, path: profile("/more"), opener: more.revokeGo }),
  dialog({
    route: "/allocation",
    state: "reviewing",
    as: nora,
    path: () => "/console/allocation",
    opener: allocation.review,
    unlike: true,
    before: async (page) => page.getByRole("main").getByRole("textbox", { name: /^SMS/ }).last().fill("5"),
  }),
  dialog({
    route: "/subscription",
    state: "reviewing",
    as: "fresh",
    path: () => "/console/subscription",
    opener: subscription.choose(plans.starter),
    requests: 5,
  }),
  dialog({
    route: "/account",
    state: "leaving",
    as: nora,
    path: () => "/console/account",
    opener: (page) => page.getByRole("link", { name: account.security, exact: true }),
    before: (page) => page.getByLabel(account.company).fill("Another"),
  }),
  dialog({
    route: "/account/security",
    state: "another address",
    as: nora,
    path: () => "/console/account/security",
    opener: security.emailChange,
  }),
  dialog({
    route: "/account/security",
    state: "exporting",
    as: nora,
    path: () => "/console/account/security",
    opener: security.exportButton,
  }),
  dialog({
    route: "/account/security",
    state: "a factor",
    as: nora,
    path: () => "/console/account/security",
    opener: security.setUpName(security.factor.authenticator.name),
  }),
  {
    ...dialog({
      route: "/account/security",
      state: "the key of a factor",
      as: "fresh",
      path: () => "/console/account/security",
      opener: security.setUpName(security.factor.authenticator.name),
      within: async (page, { fresh }) => {
        await proveIn(page, fresh, security.goOn);
        await page.getByRole("img", { name: security.qr }).waitFor();
      },
      unlike: true,
    }),
    // Esc asks first, because the key would be another one the next time.
    opener: undefined,
    stays: true,
  },
  dialog({
    route: "/account/security",
    state: "new recovery codes",
    as: "sure",
    path: () => "/console/account/security",
    opener: security.newCodes,
  }),
  {
    ...dialog({
      route: "/account/security",
      state: "recovery codes",
      as: "sure",
      path: () => "/console/account/security",
      opener: security.newCodes,
      within: async (page, { sure, secret }) => {
        await proveIn(page, sure, security.newCodes, secret);
        await page.getByRole("list", { name: security.codes }).waitFor();
      },
      unlike: true,
    }),
    // Esc asks before the codes disappear.
    opener: undefined,
    stays: true,
  },
  {
    route: "/profiles",
    state: "session ended",
    as: "gone",
    path: () => "/console/profiles",
    refused: { method: "GET", path: /^\/(account|notification)\b/, status: 401 },
    until: async (page) => {
      // The reads of the page itself must not be refused.
      await page.waitForLoadState("networkidle");
      await page.evaluate(() => fetch("/console/session", { method: "DELETE", headers: { console: "1" } }));
      await page.getByRole("link", { name: shell.pages.allocation }).first().click();
      await page.getByRole("alertdialog", { name: session.endedTitle }).waitFor();
    },
    stays: true,
  },
  {
    ...dialog({
      route: "/profiles",
      state: "navigation",
      as: nora,
      path: () => "/console/profiles",
      opener: shell.openNavigation,
    }),
    narrow: true,
  },
  dialog({
    route: "/account/security",
    state: "deleting",
    as: "fresh",
    path: () => "/console/account/security",
    opener: security.removeButton,
  }),
  dialog({
    route: "/transfers/$ticket",
    state: "taking back",
    as: nora,
    path: ({ ticket }) => `/console/transfers/${ticket}`,
    opener: transfer.cancel,
  }),
  dialog({
    route: "/transfers/$ticket",
    state: "declining",
    as: omar,
    path: ({ accept }) => accept,
    opener: transfer.decline,
  }),
  dialog({
    route: "/transfers/$ticket",
    state: "agreeing",
    as: "taker",
    path: ({ back }) => `/console/transfers/${back}`,
    opener: transfer.agree,
  }),
  dialog({
    route: "/desk/$ticket",
    state: "rejecting",
    as: sam,
    path: ({ ticket }) => `/console/desk/${ticket}`,
    opener: desk.reject,
  }),
  dialog({
    route: "/desk/$ticket",
    state: "approving",
    as: sam,
    path: ({ ticket }) => `/console/desk/${ticket}`,
    opener: desk.approve,
  }),
  dialog({
    route: "/statistics",
    state: "charges of a number",
    as: nora,
    path: () => "/console/statistics",
    opener: (page) => page.getByRole("table").getByRole("button").first(),
    unlike: true,
  }),
];
