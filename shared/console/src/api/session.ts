import { createClient } from "./client.ts";
import { ApiError } from "./errors.ts";

/** A person who is signed in. */
export type Session = {
  account: string;
  name: string;
  email: string;
  roles: string[];
  /** When it ends unless it is extended, and when it ends in any case. */
  expires_at: string;
  ends_at: string;
  timezone?: string;
  language?: string;
};

type Calls = {
  GET(path: string): Promise<Session>;
  POST(path: string, init?: { body: object }): Promise<Session>;
  DELETE(path: string): Promise<unknown>;
};

// Sessions are asked about without the policy of other requests: that one asks for a session.
const calls = createClient({
  baseUrl: globalThis.location.origin,
  fetch: (request) => {
    request.headers.set("console", "1");
    return fetch(request);
  },
}) as unknown as Calls;

const path = "/console/session";

/** Signs in. */
export const createSession = (body: object): Promise<Session> => calls.POST(path, { body });

/** Puts off the end of the session. */
export const extendSession = (): Promise<Session> => calls.POST(`${path}/extend`);

/** Ends the session. */
export const deleteSession = (): Promise<unknown> => calls.DELETE(path);

/** Returns who is signed in; undefined when nobody is. */
export async function getSession(): Promise<Session | undefined> {
  try {
    return await calls.GET(path);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  }
}
