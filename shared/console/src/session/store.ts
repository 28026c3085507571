import { useSyncExternalStore } from "react";
import { hooks } from "../api/policy.ts";
import { queryClient } from "../api/queries.ts";
import {
  type Credentials,
  createSession,
  deleteSession,
  extendSession,
  getSession,
  type Session,
} from "../api/session.ts";
import { recentProfiles } from "../lib/recent.ts";
import { applyTheme, lastProfile } from "../lib/theme.ts";

type State = {
  /**
   * The signed-in person; undefined before that is known, null when nobody is
   * signed in.
   */
  session: Session | null | undefined;
  /**
   * The session ended under the page: the person is asked to sign in again,
   * over it.
   */
  ended: boolean;
};

type Word = { kind: "in" | "extended"; session: Session } | { kind: "out" };

const extendAfter = 10 * 60_000;

let state: State = { session: undefined, ended: false };
// A page is there that asks the person to sign in again.
let asking = false;
let extended = Date.now();
let checking: Promise<Session | null> | undefined;
let endTimer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
const waiting = new Set<(signedIn: boolean) => void>();
const channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("session");
/** Why nobody is signed in any more, where the next page has to say so. */
export const leftReasons = ["deleted", "unanswered"] as const;
export type Left = (typeof leftReasons)[number];

/**
 * The actions when this person leaves, or another one signs in. The app sets
 * them, because it has the router.
 */
export const exits: { signedOut: (why?: Left) => void; otherPerson: () => void } = {
  signedOut: () => {},
  otherPerson: () => globalThis.location.assign("/console/"),
};

function change(next: Partial<State>) {
  state = { ...state, ...next };
  hooks.signIn = state.session && asking ? askAgain : undefined;
  for (const listener of listeners) listener();
}

function enter(session: Session) {
  extended = Date.now();
  clearTimeout(endTimer);
  // A little later than it says, as clocks differ: then the service is asked.
  endTimer = setTimeout(() => void checkEnd(), new Date(session.expires_at).getTime() - Date.now() + 2000);
  change({ session, ended: false });
  for (const resolve of waiting) resolve(true);
  waiting.clear();
}

function leave() {
  clearTimeout(endTimer);
  queryClient.clear();
  lastProfile.clear();
  recentProfiles.clear();
  change({ session: null, ended: false });
  for (const resolve of waiting) resolve(false);
  waiting.clear();
}

// replaced gives the page to another person, who has signed in with this
// browser. The pages of the first person close first, so that none of their
// forms is saved for the other.
function replaced() {
  leave();
  setTimeout(exits.otherPerson);
}

// askAgain has the person sign in again over the page, and resolves once they
// have or have left.
function askAgain(signal: AbortSignal): Promise<boolean> {
  change({ ended: true });
  return new Promise((resolve, reject) => {
    waiting.add(resolve);
    signal.addEventListener("abort", () => {
      waiting.delete(resolve);
      reject(signal.reason);
    });
  });
}

async function checkEnd() {
  if (!state.session || state.ended) return;
  const now = await getSession().catch(() => state.session);
  if (!now) change({ ended: true });
  else if (now.account === state.session?.account) enter(now);
  else replaced();
}

/**
 * asksAgain says that a page is there which shows that the session has ended,
 * and asks to sign in; what it returns takes that back.
 */
export function asksAgain(): () => void {
  asking = true;
  change({});
  return () => {
    asking = false;
    change({});
  };
}

/** loadSession returns who is signed in, and asks the service once. */
export function loadSession(): Promise<Session | null> {
  if (state.session !== undefined) return Promise.resolve(state.session);
  checking ??= getSession()
    .then((session) => {
      if (session) enter(session);
      else change({ session: null });
      return session ?? null;
    })
    .finally(() => {
      checking = undefined;
    });
  return checking;
}

/** signIn begins a session, in the other tabs too. */
export async function signIn(body: Credentials): Promise<Session> {
  const before = state.session;
  const session = await createSession(body);
  if (before && before.account !== session.account) queryClient.clear();
  enter(session);
  say({ kind: "in", session });
  return session;
}

/**
 * signOut ends the session, in the other tabs too. The page forgets the person
 * even if the service does not answer: the next one says then that the session
 * may still be there.
 */
export async function signOut(): Promise<void> {
  const theme = applyTheme();
  const answered = await deleteSession().then(
    () => true,
    () => false,
  );
  leave();
  say({ kind: "out" });
  // Signing out empties the storage of this site, and the theme is nobody's
  // secret.
  applyTheme(theme);
  exits.signedOut(answered ? undefined : "unanswered");
}

/**
 * accountDeleted leaves the page, and those of other tabs, after the account of
 * this person was deleted.
 */
export function accountDeleted(): void {
  leave();
  say({ kind: "out" });
  exits.signedOut("deleted");
}

/**
 * active notes that the person is at work, and has the session extended when
 * that was long ago.
 */
export function active(): void {
  if (!state.session || state.ended || Date.now() - extended < extendAfter) return;
  extended = Date.now();
  extendSession().then(
    (session) => {
      enter(session);
      say({ kind: "extended", session });
    },
    () => void checkEnd(),
  );
}

/**
 * refreshSession reads anew who is signed in, after a change of the account.
 */
export async function refreshSession(): Promise<void> {
  const session = await getSession();
  if (session) enter(session);
}

/**
 * recheck asks whether the session is still there, after the page came back
 * from the browser's memory.
 */
export async function recheck(): Promise<void> {
  if (!state.session) return;
  const now = await getSession().catch(() => state.session);
  if (now?.account === state.session?.account) return;
  if (now) return replaced();
  leave();
  exits.signedOut();
}

function say(word: Word) {
  channel?.postMessage(word);
}

if (channel) {
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data.kind === "out") {
      if (!state.session) return;
      leave();
      exits.signedOut();
    } else if (state.session && state.session.account !== data.session.account) {
      replaced();
    } else if (state.session || state.session === null) {
      enter(data.session);
    }
  };
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** useSessionState returns who is signed in, and whether that ended. */
export function useSessionState(): State {
  return useSyncExternalStore(subscribe, () => state);
}

/** useSession returns who is signed in, on pages that only they see. */
export function useSession(): Session {
  const { session } = useSessionState();
  if (!session) throw new Error("nobody is signed in");
  return session;
}
