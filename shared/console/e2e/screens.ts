import type { Locator, Page } from "@playwright/test";
import { logo } from "../src/messages/en/general.ts";
import { home } from "../src/messages/en/home.ts";
import { more } from "../src/messages/en/more.ts";
import { session as sessionTexts } from "../src/messages/en/session.ts";
import { dialogs } from "./dialogs.ts";
import { nora, omar, type Person, sam } from "./lib/people.ts";
import { widePicture } from "./lib/pictures.ts";

/** The values from which the paths of screens are made. */
export type World = {
  profile: string;
  token: string;
  orchard: string;
  ticket: string;
  freshProfile: string;
  /**
   * The link of the mail with which the receiving side of the ticket answers.
   */
  accept: string;
  /**
   * The ticket that takes a transfer back, which needs the agreement of the
   * taker.
   */
  back: string;
  /** A profile of the taker, whose team has an invitation. */
  team: string;
  /** A profile for which the payer decides what it has. */
  paid: string;
  /**
   * The secret from which the codes of the sure one's authenticator are made.
   */
  secret: string;
} & Record<Own, Person>;

/**
 * People who are made for the screens: a new one, one whose session ends, one
 * who has received a profile and deleted another, one who has an authenticator,
 * one who has the permission billing on a shared profile.
 */
export type Own = "fresh" | "gone" | "taker" | "sure" | "payer";

/** The way to a screen. Without a person nobody is signed in. */
export type Screen = {
  /** The path, as the router writes it. */
  route: string;
  /** The contents of the state, when they are not the usual ones. */
  state?: string;
  as?: Person | Own;
  path: (world: World) => string;
  /** The actions of a person until the state is shown. */
  until?: (page: Page, world: World) => Promise<void>;
  /** It exists only on small screens, and is judged there. */
  narrow?: true;
  /** It is a dialog that Esc does not close. */
  stays?: true;
  /**
   * The element that a person pressed to open a dialog. The focus returns to
   * it.
   */
  opener?: ((page: Page) => Locator) | undefined;
  /** The screen is also judged with forced colours. */
  forced?: true;
  /** The requests that fail. The screen must report it. */
  fails?: RegExp;
  /**
   * A request that the service refuses, because the state is about the refusal.
   */
  refused?: { method: string; path: RegExp; status: number };
  /**
   * Requests to the API until the screen is complete, without those of the
   * frame: 4, unless the screen has a reason for more.
   */
  requests?: number;
  /** The state has no snapshot, because its contents depend on the time. */
  unlike?: true;
};

const profile = (page: string) => (world: World) => `/console/p/${world.profile}${page}`;

/**
 * One row for each screen and state. A route of the console without a row
 * fails.
 */
export const screens: Screen[] = [
  { route: "/sign-in", path: () => "/console/sign-in", forced: true },
  {
    route: "/sign-in",
    state: "wrong password",
    path: () => "/console/sign-in",
    refused: { method: "POST", path: /^\/console\/session$/, status: 401 },
    until: async (page) => {
      await page.getByLabel(sessionTexts.email).fill("nobody@example.com");
      await page.getByLabel(sessionTexts.password, { exact: true }).fill("not the password");
      await page.getByRole("button", { name: sessionTexts.signIn }).click();
      await page.getByRole("alert").first().waitFor();
    },
  },
  { route: "/sign-up", path: () => "/console/sign-up" },
  { route: "/forgotten", path: () => "/console/forgotten" },
  { route: "/", state: "confirm", path: () => "/console#/account/confirm/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
  { route: "/", state: "new password", path: () => "/console#/account/password/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
  { route: "/", state: "invitation", path: () => "/console#/profile/team/accept/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
  { route: "/", state: "fewer mails", path: () => "/console#/account/unsubscribe/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
  { route: "/", state: "a link that was cut", path: () => "/console#/account/conf" },
  { route: "/done", path: () => "/console/done?of=account%2Fconfirm" },
  { route: "/done", state: "invitation", as: nora, path: () => "/console/done?of=profile%2Fteam%2Faccept" },

  { route: "/profiles", as: nora, path: () => "/console/profiles", forced: true },
  { route: "/profiles", state: "first day", as: "fresh", path: () => "/console/profiles" },
  {
    route: "/profiles",
    state: "deleted",
    as: "taker",
    path: () => "/console/profiles",
    until: (page) => page.getByRole("region", { name: home.deleted }).waitFor(),
    unlike: true,
  },
  {
    route: "/profiles",
    state: "error",
    as: nora,
    path: () => "/console/profiles",
    fails: /^\/(profile|account\/overview)$/,
  },
  // Sums, the matrix and the statement are one request. The account has the
  // list of months.
  { route: "/statistics", as: nora, path: () => "/console/statistics", unlike: true },
  { route: "/statistics", state: "nothing charged", as: "fresh", path: () => "/console/statistics" },
  { route: "/statistics", state: "error", as: nora, path: () => "/console/statistics", fails: /^\/account\/cost$/ },
  { route: "/allocation", as: nora, path: () => "/console/allocation", unlike: true, forced: true },
  { route: "/allocation", state: "only profile", as: "fresh", path: () => "/console/allocation" },
  {
    route: "/allocation",
    state: "error",
    as: nora,
    path: () => "/console/allocation",
    fails: /^\/account\/allocation$/,
  },
  { route: "/subscription", as: nora, path: () => "/console/subscription" },
  { route: "/subscription", state: "free", as: "fresh", path: () => "/console/subscription" },
  {
    route: "/subscription",
    state: "error",
    as: nora,
    path: () => "/console/subscription",
    fails: /^\/account\/subscription$/,
  },
  {
    route: "/subscription",
    state: "payments",
    as: nora,
    path: () => "/console/subscription?view=payments",
    unlike: true,
  },
  { route: "/subscription", state: "address", as: nora, path: () => "/console/subscription?view=address" },
  { route: "/account", as: nora, path: () => "/console/account", forced: true },
  { route: "/notifications", as: nora, path: () => "/console/notifications", unlike: true },
  { route: "/notifications", state: "empty", as: "fresh", path: () => "/console/notifications" },
  { route: "/notifications", state: "error", as: nora, path: () => "/console/notifications", fails: /^\/notification/ },
  { route: "/transfers", as: nora, path: () => "/console/transfers" },
  { route: "/transfers", state: "empty", as: "fresh", path: () => "/console/transfers" },
  { route: "/transfers", state: "error", as: nora, path: () => "/console/transfers", fails: /^\/transfer/ },
  { route: "/transfers/$ticket", state: "source", as: nora, path: ({ ticket }) => `/console/transfers/${ticket}` },
  { route: "/transfers/$ticket", state: "accepting", as: omar, path: ({ accept }) => accept },
  { route: "/transfers/$ticket", state: "destination", as: omar, path: ({ ticket }) => `/console/transfers/${ticket}` },
  {
    route: "/transfers/$ticket",
    state: "not found",
    as: "fresh",
    path: ({ ticket }) => `/console/transfers/${ticket}`,
    refused: { method: "GET", path: /^\/transfer\/TR-[0-9A-Z-]+$/, status: 404 },
  },
  { route: "/desk", as: sam, path: () => "/console/desk", unlike: true },
  { route: "/desk", state: "error", as: sam, path: () => "/console/desk", fails: /^\/desk/ },
  { route: "/desk/$ticket", as: sam, path: ({ ticket }) => `/console/desk/${ticket}` },
  { route: "/p/$profile", as: nora, path: profile(""), forced: true },
  { route: "/p/$profile/statistics", as: nora, path: profile("/statistics"), unlike: true, forced: true },
  {
    route: "/p/$profile/statistics",
    state: "read only",
    as: nora,
    path: ({ orchard }) => `/console/p/${orchard}/statistics?service=sms&by=hour`,
    unlike: true,
  },
  {
    route: "/p/$profile/statistics",
    state: "nothing used",
    as: "fresh",
    path: ({ freshProfile }) => `/console/p/${freshProfile}/statistics`,
  },
  {
    route: "/p/$profile/statistics",
    state: "error",
    as: nora,
    path: profile("/statistics"),
    fails: /^\/profile\/[^/]+\/statistics$/,
  },
  {
    route: "/p/$profile",
    state: "a logo chosen",
    as: nora,
    path: profile(""),
    until: async (page) => {
      await page.locator("input[type=file]").setInputFiles(widePicture);
      await page.getByRole("img", { name: logo.preview }).waitFor();
    },
  },
  { route: "/p/$profile", state: "read only", as: nora, path: ({ orchard }) => `/console/p/${orchard}` },
  { route: "/p/$profile", state: "to pay for", as: "payer", path: ({ paid }) => `/console/p/${paid}` },
  { route: "/p/$profile", state: "not found", as: nora, path: () => "/console/p/0123456789abcdef01234567" },
  { route: "/p/$profile", state: "error", as: nora, path: profile(""), fails: /^\/profile\/[0-9a-f]{24}/ },
  { route: "/desk", state: "late ones", as: sam, path: () => "/console/desk?show=late", unlike: true },
  { route: "/p/$profile/more", as: nora, path: profile("/more") },
  { route: "/p/$profile/more", state: "read only", as: nora, path: ({ orchard }) => `/console/p/${orchard}/more` },
  {
    route: "/p/$profile/more",
    state: "deleting",
    as: nora,
    path: profile("/more"),
    until: async (page) => {
      await page.getByRole("button", { name: more.removeGo, exact: true }).click();
      await page.getByText(more.dies.tokens).waitFor();
    },
  },
  { route: "/p/$profile/more/transfer", as: nora, path: profile("/more/transfer") },
  {
    route: "/p/$profile/more/transfer",
    state: "missing",
    as: "fresh",
    path: ({ freshProfile }) => `/console/p/${freshProfile}/more/transfer`,
  },
  { route: "/account/security", as: nora, path: () => "/console/account/security", unlike: true },
  { route: "/account/tokens", as: nora, path: () => "/console/account/tokens", unlike: true },
  {
    route: "/account/tokens",
    state: "error",
    as: nora,
    path: () => "/console/account/tokens",
    fails: /^\/account\/token/,
  },
  { route: "/account/audit", as: nora, path: () => "/console/account/audit", unlike: true },
  { route: "/account/webhooks", as: nora, path: () => "/console/account/webhooks" },
  {
    route: "/account/webhooks",
    state: "error",
    as: nora,
    path: () => "/console/account/webhooks",
    fails: /^\/account\/webhook/,
  },
  {
    route: "/account/webhooks/$webhook",
    as: nora,
    path: () => "/console/account/webhooks/0123456789abcdef01234567",
    refused: { method: "GET", path: /^\/account\/webhook\/[0-9a-f]{24}\/delivery$/, status: 404 },
  },
  { route: "/p/$profile/team", as: nora, path: profile("/team"), unlike: true },
  {
    route: "/p/$profile/team",
    state: "read only",
    as: nora,
    path: ({ orchard }) => `/console/p/${orchard}/team`,
    unlike: true,
  },
  { route: "/p/$profile/team", state: "error", as: nora, path: profile("/team"), fails: /^\/profile\/[^/]+\/team/ },
  { route: "/p/$profile/tokens", as: nora, path: profile("/tokens"), unlike: true },
  {
    route: "/p/$profile/tokens",
    state: "error",
    as: nora,
    path: profile("/tokens"),
    fails: /^\/profile\/[^/]+\/token/,
  },
  { route: "/p/$profile/tokens/new", as: nora, path: profile("/tokens/new"), unlike: true, forced: true },
  {
    route: "/p/$profile/tokens/$token",
    as: nora,
    path: ({ profile, token }) => `/console/p/${profile}/tokens/${token}`,
    unlike: true,
  },
  {
    route: "/p/$profile/tokens/$token/rotate",
    as: nora,
    path: ({ profile, token }) => `/console/p/${profile}/tokens/${token}/rotate`,
    unlike: true,
  },
  { route: "/p/$profile/alerts", as: nora, path: profile("/alerts") },
  {
    route: "/p/$profile/alerts",
    state: "read only",
    as: nora,
    path: ({ orchard }) => `/console/p/${orchard}/alerts`,
  },
  {
    route: "/p/$profile/alerts",
    state: "error",
    as: nora,
    path: profile("/alerts"),
    fails: /^\/profile\/[^/]+\/alert/,
  },
  { route: "/p/$profile/backups", as: nora, path: profile("/backups") },
  {
    route: "/p/$profile/backups",
    state: "error",
    as: nora,
    path: profile("/backups"),
    fails: /^\/profile\/[^/]+\/backup/,
  },
  { route: "/account/backups", as: nora, path: () => "/console/account/backups" },
  {
    route: "/account/backups",
    state: "error",
    as: nora,
    path: () => "/console/account/backups",
    fails: /^\/account\/backup/,
  },
  { route: "/p/$profile/webhooks", as: nora, path: profile("/webhooks") },
  {
    route: "/p/$profile/webhooks",
    state: "error",
    as: nora,
    path: profile("/webhooks"),
    fails: /^\/profile\/[^/]+\/webhook/,
  },
  {
    route: "/p/$profile/webhooks/$webhook",
    as: nora,
    path: profile("/webhooks/0123456789abcdef01234567"),
    refused: { method: "GET", path: /\/webhook\/[0-9a-f]{24}\/delivery$/, status: 404 },
  },
  { route: "/p/$profile/audit", as: nora, path: profile("/audit"), unlike: true },
  {
    route: "/p/$profile/audit",
    state: "read only",
    as: nora,
    path: ({ orchard }) => `/console/p/${orchard}/audit`,
    refused: { method: "GET", path: /^\/profile\/[0-9a-f]{24}\/auditlog$/, status: 403 },
    unlike: true,
  },
  ...dialogs,
];
