import { createClient } from "./client.ts";
import { ApiError } from "./errors.ts";
import type { components } from "./schema.d.ts";

/** A person who is signed in. */
export type Session = components["schemas"]["SessionView"];

/** The credentials of a sign-in. */
export type Credentials = { email: string; password: string; pin_code?: string; otp_type?: "authenticator" | "email" };

// Requests about sessions do not use the policy of other requests, which itself
// asks for a session.
const api = createClient({
  baseUrl: globalThis.location.origin,
  fetch: (request) => {
    request.headers.set("console", "1");
    return fetch(request);
  },
});

/** Signs in. */
export const createSession = (body: Credentials): Promise<Session> => api.POST("/console/session", { body });

/** Extends the session. */
export const extendSession = (): Promise<Session> => api.POST("/console/session/extend");

/** Ends the session. */
export const deleteSession = (): Promise<unknown> => api.DELETE("/console/session");

/** Returns the person who is signed in, or undefined. */
export async function getSession(): Promise<Session | undefined> {
  try {
    return await api.GET("/console/session");
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  }
}
