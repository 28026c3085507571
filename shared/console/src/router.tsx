import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { lastProfile } from "./lib/theme.ts";
import { type Filter, isFilter } from "./screens/desk/queue.ts";
import { Forgotten } from "./screens/forgotten/Forgotten.tsx";
import { Mail, MailDone } from "./screens/mail/Mail.tsx";
import { SignIn } from "./screens/sign-in/SignIn.tsx";
import { SignUp } from "./screens/sign-up/SignUp.tsx";
import { type CodeWord, codeWords, mailLink } from "./session/links.ts";
import { loadSession } from "./session/store.ts";
import { Outside } from "./shell/Outside.tsx";
import { ErrorPage, FramePending, NewVersion, Pending, Root, Stray } from "./shell/Root.tsx";

/** What a query in the address may hold before a screen has read it. */
export type Search = Record<string, unknown>;

type Module = Record<string, unknown>;

// A chunk that is not there any more belongs to an older version of the console: the person is told, and reloads when they want to.
const load = (module: () => Promise<unknown>) => (): Promise<Module> =>
  module().then(
    (loaded) => loaded as Module,
    (cause) => {
      throw new NewVersion(cause);
    },
  );

const root = createRootRoute({
  component: Root,
  pendingComponent: FramePending,
  notFoundComponent: Stray,
  errorComponent: ErrorPage,
});

// Pages for those who are not signed in.
const outside = createRoute({
  getParentRoute: () => root,
  id: "outside",
  component: Outside,
});

// Pages that ask for a session. The address that was asked for comes back after signing in.
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  pendingComponent: FramePending,
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

// Where a person begins: the page that the link of a mail names, or else the profile that was open last, or all of them.
const start = createRoute({
  getParentRoute: () => outside,
  path: "/",
  pendingComponent: FramePending,
  beforeLoad: async ({ location }) => {
    const link = mailLink(location.hash);
    if (link?.kind === "transfer") {
      const { ticket, word } = link;
      throw redirect({ to: "/transfers/$ticket", params: { ticket }, search: { step: word }, replace: true });
    }
    if (link?.kind === "desk") {
      const { ticket } = link;
      throw redirect(
        ticket ? { to: "/desk/$ticket", params: { ticket }, replace: true } : { to: "/desk", replace: true },
      );
    }
    if (link?.kind === "forgotten") throw redirect({ to: "/forgotten", replace: true });
    if (link || location.hash) return;
    if (!(await loadSession())) throw redirect({ to: "/sign-in", search: {}, replace: true });
    const last = lastProfile.get();
    throw redirect(
      last ? { to: "/p/$profile", params: { profile: last }, replace: true } : { to: "/profiles", replace: true },
    );
  },
  component: Mail,
});

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

// A screen is one line: where it hangs, its path, what its query may hold, its file and the name of its component there.

const signIn = createRoute({
  getParentRoute: () => outside,
  path: "/sign-in",
  validateSearch: (search: Search): { next?: string; email?: string } => ({
    next: text(search["next"]),
    email: text(search["email"]),
  }),
  component: SignIn,
});
const signUp = createRoute({ getParentRoute: () => outside, path: "/sign-up", component: SignUp });
const forgotten = createRoute({ getParentRoute: () => outside, path: "/forgotten", component: Forgotten });

const done = createRoute({
  getParentRoute: () => outside,
  path: "/done",
  validateSearch: (search: Search): { of: CodeWord } => ({
    of: codeWords.find((word) => word === search["of"]) ?? "account/confirm",
  }),
  component: MailDone,
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
const notifications = createRoute({
  getParentRoute: () => inside,
  path: "/notifications",
  component: lazyRouteComponent(
    load(() => import("./screens/notifications/Notifications.tsx")),
    "Notifications",
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
const general = createRoute({
  getParentRoute: () => profile,
  path: "/",
  component: lazyRouteComponent(
    load(() => import("./screens/general/General.tsx")),
    "General",
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
    notifications,
    transfers,
    transfer,
    desk,
    deskTicket,
    profile.addChildren([general, more, requestTransfer]),
  ]),
]);

export const router = createRouter({
  routeTree,
  basepath: "/console",
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
