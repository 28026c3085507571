import { type Client, createClient } from "./client.ts";
import { policy } from "./policy.ts";

const here = globalThis.location.origin;

/** The API for the person who is signed in. */
export const api: Client = createClient({ baseUrl: here, fetch: policy });

/** The API with the code of a mail instead of a session. */
export function apiWithCode(code: string): Client {
  return createClient({ baseUrl: here, token: code, fetch: policy });
}
