import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { isDay, isMonth } from "./lib/days.ts";
import { lastProfile } from "./lib/theme.ts";
import { isService } from "./messages/en/services.ts";
import { readSearch } from "./screens/audit/search.ts";
import { type Filter, isFilter } from "./screens/desk/filter.ts";
import { SignIn } from "./screens/sign-in/SignIn.tsx";
import { isStep, type Search as Statistics } from "./screens/statistics/search.ts";
import { type CodeWord, codeWords, mailLink } from "./session/links.ts";
import { type Left, leftReasons, loadSession } from "./session/store.ts";
import { Coming, First } from "./shell/Coming.tsx";
import { Outside } from "./shell/Outside.tsx";
import { ErrorPage, NewVersion, Pending, Root, Stray } from "./shell/Root.tsx";

/** The query of an address before a screen has read it. */
export type Search = Record<string, unknown>;

type Module = Record<string, unknown>;

// A missing chunk belongs to an older version of the console. The person sees a
// message and can reload the page.
const load = (module: () => Promise<unknown>) => (): Promise<Module> =>
  module().then(
    (loaded) => loaded as Module,
    (cause) => {
      throw new NewVersion(cause);
    },
  );

const root = createRootRoute({
  component: Root,
  pendingComponent: Coming,
  notFoundComponent: Stray,
  errorComponent: ErrorPage,
});

// Pages for signed-out people.
const outside = createRoute({
  getParentRoute: () => root,
  id: "outside",
  component: Outside,
});

// Pages that need a session. After the sign-in, the person returns to the
// address that they opened.
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  pendingComponent: Coming,
  beforeLoad: async ({ location }) => {
    if (!(await loadSession())) throw redirect({ to: "/sign-in", search: { next: `/console${location.href}` } });
  },
  component: lazyRouteComponent(
    load(() => import("./shell/Shell.tsx")),
    "Shell",
  ),
});

// Pages of one profile.
const profile = createRoute({
  getParentRoute: () => inside,
  path: "/p/$profile",
  component: lazyRouteComponent(
    load(() => import("./shell/Profile.tsx")),
    "Profile",
  ),
});

// The first page: the one that the link of a mail names, or else the profile
// that was open last, or the list of profiles.
const start = createRoute({
  getParentRoute: () => outside,
  path: "/",
  // It usually leads to another page. Until then, the present page stays.
  pendingMs: Number.POSITIVE_INFINITY,
  beforeLoad: async ({ location }) => {
    const link = mailLink(location.hash);
    if (link?.kind === "transfer") {
      throw redirect({
        to: "/transfers/$ticket",
        params: { ticket: link.ticket },
        search: { step: link.word },
        replace: true,
      });
    }
    if (link?.kind === "desk") {
      throw redirect(link.ticket ? { to: "/desk/$ticket", params: { ticket: link.ticket } } : { to: "/desk" });
    }
    if (link?.kind === "forgotten") throw redirect({ to: "/forgotten", replace: true });
    if (link || location.hash) return;
    if (!(await loadSession())) throw redirect({ to: "/sign-in", search: {}, replace: true });
    const last = lastProfile.get();
    throw redirect(
      last ? { to: "/p/$profile", params: { profile: last }, replace: true } : { to: "/profiles", replace: true },
    );
  },
  component: lazyRouteComponent(
    load(() => import("./screens/mail/Mail.tsx")),
    "Mail",
  ),
});

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

// A screen is one line: its parent, its path, the reader of its query, its file
// and the name of its component.

const leftOf = (value: unknown): { left?: Left } => {
  const left = leftReasons.find((each) => each === value);
  return left ? { left } : {};
};
const signIn = createRoute({
  getParentRoute: () => outside,
  path: "/sign-in",
  validateSearch: (search: Search): { next?: string; email?: string; left?: Left } => ({
    next: text(search["next"]),
    email: text(search["email"]),
    ...leftOf(search["left"]),
  }),
  component: SignIn,
});
const signUp = createRoute({
  getParentRoute: () => outside,
  path: "/sign-up",
  component: lazyRouteComponent(
    load(() => import("./screens/sign-up/SignUp.tsx")),
    "SignUp",
  ),
});
const forgotten = createRoute({
  getParentRoute: () => outside,
  path: "/forgotten",
  component: lazyRouteComponent(
    load(() => import("./screens/forgotten/Forgotten.tsx")),
    "Forgotten",
  ),
});

const done = createRoute({
  getParentRoute: () => outside,
  path: "/done",
  validateSearch: (search: Search): { of: CodeWord } => ({
    of: codeWords.find((word) => word === search["of"]) ?? "account/confirm",
  }),
  component: lazyRouteComponent(
    load(() => import("./screens/mail/Mail.tsx")),
    "MailDone",
  ),
});

const home = createRoute({
  getParentRoute: () => inside,
  path: "/profiles",
  component: lazyRouteComponent(
    load(() => import("./screens/home/Home.tsx")),
    "Home",
  ),
});
const account = createRoute({
  getParentRoute: () => inside,
  path: "/account",
  component: lazyRouteComponent(
    load(() => import("./screens/account/Account.tsx")),
    "Account",
  ),
});
const security = createRoute({
  getParentRoute: () => inside,
  path: "/account/security",
  component: lazyRouteComponent(
    load(() => import("./screens/security/Security.tsx")),
    "Security",
  ),
});
const accountAudit = createRoute({
  getParentRoute: () => inside,
  path: "/account/audit",
  validateSearch: readSearch,
  component: lazyRouteComponent(
    load(() => import("./screens/audit/Audit.tsx")),
    "AccountAudit",
  ),
});
const inventory = createRoute({
  getParentRoute: () => inside,
  path: "/account/tokens",
  component: lazyRouteComponent(
    load(() => import("./screens/account/Inventory.tsx")),
    "Inventory",
  ),
});
const accountBackups = createRoute({
  getParentRoute: () => inside,
  path: "/account/backups",
  component: lazyRouteComponent(
    load(() => import("./screens/backups/Backups.tsx")),
    "AccountBackups",
  ),
});
const accountWebhooks = createRoute({
  getParentRoute: () => inside,
  path: "/account/webhooks",
  component: lazyRouteComponent(
    load(() => import("./screens/webhooks/Webhooks.tsx")),
    "AccountWebhooks",
  ),
});
const accountDeliveries = createRoute({
  getParentRoute: () => inside,
  path: "/account/webhooks/$webhook",
  component: lazyRouteComponent(
    load(() => import("./screens/webhooks/Deliveries.tsx")),
    "AccountDeliveries",
  ),
});
const notifications = createRoute({
  getParentRoute: () => inside,
  path: "/notifications",
  validateSearch: (search: Search): { read?: false | undefined } => ({
    read: search["read"] === false ? false : undefined,
  }),
  component: lazyRouteComponent(
    load(() => import("./screens/notifications/Notifications.tsx")),
    "Notifications",
  ),
});
const transfer = createRoute({
  getParentRoute: () => inside,
  path: "/transfers/$ticket",
  validateSearch: (search: Search): { step?: string } => ({ step: text(search["step"]) }),
  component: lazyRouteComponent(
    load(() => import("./screens/transfer/Transfer.tsx")),
    "Transfer",
  ),
});
const desk = createRoute({
  getParentRoute: () => inside,
  path: "/desk",
  validateSearch: (search: Search): { show?: Filter } => (isFilter(search["show"]) ? { show: search["show"] } : {}),
  component: lazyRouteComponent(
    load(() => import("./screens/desk/Desk.tsx")),
    "Desk",
  ),
});
const deskTicket = createRoute({
  getParentRoute: () => inside,
  path: "/desk/$ticket",
  component: lazyRouteComponent(
    load(() => import("./screens/desk/Ticket.tsx")),
    "Ticket",
  ),
});

const cost = createRoute({
  getParentRoute: () => inside,
  path: "/statistics",
  validateSearch: ({ month }: Search): { month?: string } => (isMonth(month) ? { month } : {}),
  component: lazyRouteComponent(
    load(() => import("./screens/cost/Cost.tsx")),
    "Cost",
  ),
});
const allocation = createRoute({
  getParentRoute: () => inside,
  path: "/allocation",
  component: lazyRouteComponent(
    load(() => import("./screens/allocation/Allocation.tsx")),
    "Allocation",
  ),
});
const subscription = createRoute({
  getParentRoute: () => inside,
  path: "/subscription",
  validateSearch: ({ view }: Search): { view?: "payments" | "address" } =>
    view === "payments" || view === "address" ? { view } : {},
  component: lazyRouteComponent(
    load(() => import("./screens/subscription/Subscription.tsx")),
    "Subscription",
  ),
});
const statistics = createRoute({
  getParentRoute: () => profile,
  path: "/statistics",
  validateSearch: ({ from, to, by, service }: Search): Statistics => ({
    ...(isDay(from) && { from }),
    ...(isDay(to) && { to }),
    ...(isStep(by) && { by }),
    ...(isService(service) && { service }),
  }),
  component: lazyRouteComponent(
    load(() => import("./screens/statistics/Statistics.tsx")),
    "Statistics",
  ),
});
const general = createRoute({
  getParentRoute: () => profile,
  path: "/",
  component: lazyRouteComponent(
    load(() => import("./screens/general/General.tsx")),
    "General",
  ),
});
const audit = createRoute({
  getParentRoute: () => profile,
  path: "/audit",
  validateSearch: readSearch,
  component: lazyRouteComponent(
    load(() => import("./screens/audit/Audit.tsx")),
    "ProfileAudit",
  ),
});

const team = createRoute({
  getParentRoute: () => profile,
  path: "/team",
  component: lazyRouteComponent(
    load(() => import("./screens/team/Team.tsx")),
    "Team",
  ),
});
const tokens = createRoute({
  getParentRoute: () => profile,
  path: "/tokens",
  validateSearch: (search: Search): { find?: string; filter?: string; order?: string } => ({
    find: text(search["find"]),
    filter: text(search["filter"]),
    order: text(search["order"]),
  }),
  component: lazyRouteComponent(
    load(() => import("./screens/tokens/Tokens.tsx")),
    "Tokens",
  ),
});
const newToken = createRoute({
  getParentRoute: () => profile,
  path: "/tokens/new",
  component: lazyRouteComponent(
    load(() => import("./screens/tokens/NewToken.tsx")),
    "NewToken",
  ),
});
const token = createRoute({
  getParentRoute: () => profile,
  path: "/tokens/$token",
  component: lazyRouteComponent(
    load(() => import("./screens/tokens/TokenPage.tsx")),
    "TokenPage",
  ),
});
const rotate = createRoute({
  getParentRoute: () => profile,
  path: "/tokens/$token/rotate",
  component: lazyRouteComponent(
    load(() => import("./screens/tokens/Rotate.tsx")),
    "Rotate",
  ),
});

const alerts = createRoute({
  getParentRoute: () => profile,
  path: "/alerts",
  component: lazyRouteComponent(
    load(() => import("./screens/alerts/Alerts.tsx")),
    "Alerts",
  ),
});
const backups = createRoute({
  getParentRoute: () => profile,
  path: "/backups",
  component: lazyRouteComponent(
    load(() => import("./screens/backups/Backups.tsx")),
    "Backups",
  ),
});
const webhooks = createRoute({
  getParentRoute: () => profile,
  path: "/webhooks",
  component: lazyRouteComponent(
    load(() => import("./screens/webhooks/Webhooks.tsx")),
    "Webhooks",
  ),
});
const deliveries = createRoute({
  getParentRoute: () => profile,
  path: "/webhooks/$webhook",
  component: lazyRouteComponent(
    load(() => import("./screens/webhooks/Deliveries.tsx")),
    "Deliveries",
  ),
});

const transfers = createRoute({
  getParentRoute: () => inside,
  path: "/transfers",
  component: lazyRouteComponent(
    load(() => import("./screens/transfer/Transfers.tsx")),
    "Transfers",
  ),
});
const more = createRoute({
  getParentRoute: () => profile,
  path: "/more",
  component: lazyRouteComponent(
    load(() => import("./screens/more/More.tsx")),
    "More",
  ),
});
const requestTransfer = createRoute({
  getParentRoute: () => profile,
  path: "/more/transfer",
  component: lazyRouteComponent(
    load(() => import("./screens/more/RequestTransfer.tsx")),
    "RequestTransfer",
  ),
});

const routeTree = root.addChildren([
  outside.addChildren([start, signIn, signUp, forgotten, done]),
  inside.addChildren([
    home,
    account,
    security,
    inventory,
    accountAudit,
    accountBackups,
    accountWebhooks,
    accountDeliveries,
    cost,
    allocation,
    subscription,
    notifications,
    transfer,
    desk,
    deskTicket,
    transfers,
    profile.addChildren([
      general,
      audit,
      statistics,
      team,
      tokens,
      newToken,
      token,
      rotate,
      alerts,
      backups,
      webhooks,
      deliveries,
      more,
      requestTransfer,
    ]),
  ]),
]);

export const router = createRouter({
  routeTree,
  basepath: "/console",
  InnerWrap: First,
  defaultPreload: "intent",
  defaultPendingComponent: Pending,
  defaultErrorComponent: ErrorPage,
  defaultNotFoundComponent: Stray,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
