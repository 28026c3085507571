import { createClient } from "./client.ts";
import { ApiError } from "./errors.ts";
import type { components } from "./schema.d.ts";

/** A person who is signed in. */
export type Session = components["schemas"]["SessionView"];

/** What a person signs in with. */
export type Credentials = { email: string; password: string; pin_code?: string; otp_type?: "authenticator" | "email" };

// Sessions are asked about without the policy of other requests: that one asks for a session.
const api = createClient({
  baseUrl: globalThis.location.origin,
  fetch: (request) => {
    request.headers.set("console", "1");
    return fetch(request);
  },
});

/** Signs in. */
export const createSession = (body: Credentials): Promise<Session> => api.POST("/console/session", { body });

/** Puts off the end of the session. */
export const extendSession = (): Promise<Session> => api.POST("/console/session/extend");

/** Ends the session. */
export const deleteSession = (): Promise<unknown> => api.DELETE("/console/session");

/** Returns who is signed in; undefined when nobody is. */
export async function getSession(): Promise<Session | undefined> {
  try {
    return await api.GET("/console/session");
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined;
    throw error;
  }
}
