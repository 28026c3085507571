import type { Locator, Page } from "@playwright/test";
import { account } from "../src/messages/en/account.ts";
import { allocation } from "../src/messages/en/allocation.ts";
import { common } from "../src/messages/en/common.ts";
import { desk } from "../src/messages/en/desk.ts";
import { home } from "../src/messages/en/home.ts";
import { more } from "../src/messages/en/more.ts";
import { security } from "../src/messages/en/security.ts";
import { plans } from "../src/messages/en/services.ts";
import { shell } from "../src/messages/en/shell.ts";
import { subscription } from "../src/messages/en/subscription.ts";
import { team } from "../src/messages/en/team.ts";
import { tokens } from "../src/messages/en/tokens.ts";
import { transfer } from "../src/messages/en/transfer.ts";
import { nora, sam } from "./lib/people.ts";
import type { Screen } from "./screens.ts";

type Row = Omit<Screen, "state" | "opener"> & {
  state: string;
  /** The button that opens it, to which the focus returns. */
  opener: string | RegExp | ((page: Page) => Locator);
  /** What is done before, or in place of pressing the button. */
  before?: (page: Page) => Promise<void>;
  /** The item of the menu that the button opens. */
  item?: string;
};

/** A row for a screen with a dialog open over it. */
function dialog({ opener, item, before, ...row }: Row): Screen {
  const at = (page: Page) =>
    typeof opener === "function"
      ? opener(page)
      : page.getByRole("button", { name: opener, exact: typeof opener === "string" }).first();
  return {
    ...row,
    opener: at,
    until: async (page) => {
      await before?.(page);
      await at(page).click();
      if (item !== undefined) await page.getByRole("menuitem", { name: new RegExp(`^${item}`) }).click();
      await page.locator("[role=dialog], [role=alertdialog]").last().waitFor();
    },
  };
}

const profile = (page: string) => (world: { profile: string }) => `/console/p/${world.profile}${page}`;
const menuOf = (name: string) => (page: Page) =>
  page.getByRole("main").getByRole("button", { name: common.actions(name) });

/** One row for each dialog: what it shows is judged as a screen is; Tab stays in it, and Esc takes it and the focus back. */
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
    state: "a factor",
    as: nora,
    path: () => "/console/account/security",
    opener: security.setUpName(security.factor.authenticator.name),
  }),
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
