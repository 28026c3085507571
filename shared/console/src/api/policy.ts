import type { Reason } from "./errors.ts";

/** The hooks of every request. */
type Policy = {
  /**
   * Asks the person to sign in again, and says whether they did. Without one,
   * as on pages that have no place to ask, a refusal is final.
   */
  signIn: ((signal: AbortSignal) => Promise<boolean>) | undefined;
  /**
   * Gets the time until which a request waits for its rate limit, and undefined
   * when it continues.
   */
  waiting: ((until: number | undefined) => void) | undefined;
};

export const hooks: Policy = { signIn: undefined, waiting: undefined };

// These refusals mean that nobody is signed in. Others with 401 are about a
// password or a code that was sent with the request.
const ended: readonly string[] = ["no_token", "no_session", "session_ended", "unauthenticated"];
const longest = 70;

/**
 * Sends a request of the console. When the session has ended it asks the person
 * to sign in and sends the same request again; when it meets a rate limit it
 * waits for as long as the answer says and sends it again, once. A request that
 * is sent again keeps its idempotency key.
 */
export async function policy(request: Request): Promise<Response> {
  request.headers.set("console", "1");
  let response = await fetch(request.clone());
  if (response.status === 401 && hooks.signIn && ended.includes(await codeOf(response))) {
    if (!(await hooks.signIn(request.signal))) return response;
    response = await fetch(request.clone());
  }
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  if (response.status === 429 && seconds <= longest && (await codeOf(response)) === "too_many") {
    await wait(seconds, request.signal);
    response = await fetch(request.clone());
  }
  return response;
}

async function codeOf(response: Response): Promise<Reason | ""> {
  try {
    return ((await response.clone().json()) as { code?: Reason }).code ?? "";
  } catch {
    return "";
  }
}

// Several requests may wait at the same time: the last one that continues
// removes the notice.
let waits = 0;

async function wait(seconds: number, signal: AbortSignal): Promise<void> {
  waits++;
  hooks.waiting?.(Date.now() + seconds * 1000);
  try {
    await new Promise<void>((resolve, reject) => {
      signal.throwIfAborted();
      const timer = setTimeout(resolve, seconds * 1000);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });
  } finally {
    if (--waits === 0) hooks.waiting?.(undefined);
  }
}
