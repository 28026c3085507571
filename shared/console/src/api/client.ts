// A typed client of the API: paths, parameters, bodies and results are those of docs/openapi.json, of which schema.d.ts is made.
//
//   const api = createClient({ baseUrl: "http://127.0.0.1:3000", token });
//   const team = await api.GET("/profile/{id}/team", { params: { path: { id: "current" } } });
import createFetchClient from "openapi-fetch";
import { ApiError, ConnectionError, wholeNumber, type Sent } from "./errors.ts";
import type { paths } from "./schema.d.ts";

/**
 * The rate limit of a route: the requests of a rate window, how many of them
 * are left, and the seconds until the window ends.
 */
export type RateLimit = { limit: number; remaining: number; reset: number };

export type Options = {
  baseUrl: string;
  token?: string;
  fetch?: (request: Request) => Promise<Response>;
  onRateLimit?: (limit: RateLimit, request: Sent) => void;
  /**
   * The milliseconds before each repetition of a write; their number is that of
   * the repetitions. Each varies by half of it.
   */
  waits?: readonly number[];
};

type Optional<T> = {} extends T ? true : false;
type Parameters<O> = O extends { parameters: infer P } ? (Optional<P> extends true ? { params?: P } : { params: P }) : never;
type Content<O> = O extends { requestBody?: never } ? never : O extends { requestBody?: { content: { "application/json": infer B } } } ? B : never;
// A body may be left out where it may be empty.
type Body<B> = [B] extends [never] ? { body?: never } : Optional<B> extends true ? { body?: B } : { body: B };
type Init<O> = Parameters<O> & Body<Content<O>> & { signal?: AbortSignal };
type Rest<I> = Optional<I> extends true ? [init?: I] : [init: I];

type Answer<O> = O extends { responses: { 200: { content: infer C } } } ? C : never;
type Result<O> = Answer<O> extends { "application/json": { result: infer R } } ? R : never;

type Verb = "get" | "post" | "put" | "delete";
type At<P extends keyof paths, V extends Verb> = NonNullable<paths[P][V]>;
type PathsOf<V extends Verb> = { [P in keyof paths]: paths[P] extends { [verb in V]: object } ? P : never }[keyof paths];
type PagePaths = { [P in PathsOf<"get">]: Answer<At<P, "get">> extends { "application/json": { nextToken: string | null } } ? P : never }[PathsOf<"get">];
type FilePaths = { [P in PathsOf<"get">]: Answer<At<P, "get">> extends { "text/csv": string } ? P : never }[PathsOf<"get">];
type Call<V extends Verb> = <P extends PathsOf<V>>(path: P, ...init: Rest<Init<At<P, V>>>) => Promise<Result<At<P, V>>>;

/** A page of a list, and the position from which the next one goes on. */
export type Page<R> = { rows: R; next: string | undefined };

export type Client = {
  GET: Call<"get">;
  /**
   * A page of a list. The query of the next one has its position in nextToken.
   * A page of a filter may have few rows, or none, and a position.
   */
  page<P extends PagePaths>(path: P, ...init: Rest<Init<At<P, "get">>>): Promise<Page<Result<At<P, "get">>>>;
  POST: Call<"post">;
  PUT: Call<"put">;
  DELETE: Call<"delete">;
  /** The file that a format in the query asks for. */
  file<P extends FilePaths>(path: P, init: Init<At<P, "get">>): Promise<Blob>;
};

const keyHeader = "idempotency-key";

/**
 * The calls return the result of an answer, and throw an ApiError, a
 * ConnectionError, or the reason of their signal.
 */
export function createClient({ baseUrl, token, fetch = globalThis.fetch, onRateLimit, waits = [300, 1500] }: Options): Client {
  // Writes have an Idempotency-Key, so that the API does a repeated one once.
  // Reads are not repeated, as some use up the link of a mail. Refusals are not
  // repeated either, and a person over a limit sees a message.
  async function send(path: string, request: Request): Promise<Response> {
    const { method, headers, signal } = request;
    const write = method !== "GET";
    if (write && !headers.has(keyHeader)) headers.set(keyHeader, crypto.randomUUID());
    for (let tries = 0; ; tries++) {
      const sent: Sent = { method, path, key: headers.get(keyHeader) ?? undefined, id: undefined };
      const answer = await whole(fetch(request.clone())).catch((error: unknown) => new ConnectionError(sent, error));
      signal.throwIfAborted();
      let failure: ApiError | ConnectionError;
      if (answer instanceof ConnectionError) {
        failure = answer;
      } else {
        const { response, body } = answer;
        // An answer of the gateway itself has another header for the id.
        sent.id = response.headers.get("x-request-id") ?? response.headers.get("apigw-requestid") ?? undefined;
        const limit = rateLimit(response.headers);
        if (limit) onRateLimit?.(limit, sent);
        if (isResult(response)) return new Response(body, response);
        failure = new ApiError(sent, response, await body.text());
        if (failure.status < 500) throw failure;
      }
      const wait = write ? waits[tries] : undefined;
      if (wait === undefined) throw failure;
      await pause(wait * (0.5 + Math.random()), signal);
    }
  }

  const core = createFetchClient<paths>({
    baseUrl,
    headers: { token },
    // The OpenAPI document has this form for all lists. Objects are
    // filter[key]=value.
    querySerializer: { array: { style: "form", explode: false } },
  });
  // Callers use the types of Client, with which the compiler finds unknown
  // keys. Those of openapi-fetch admit any key.
  const request = core.request as (method: Verb, path: string, init: object) => Promise<{ data?: unknown }>;
  const answer = async (method: Verb, path: string, init = {}, parseAs = "json") =>
    (await request(method, path, { ...init, parseAs, fetch: (request: Request) => send(path, request) })).data;
  const call = (method: Verb, parseAs: "json" | "blob" = "json") => async (path: string, init = {}) => {
    const data = await answer(method, path, init, parseAs);
    // A file may have no lines. An answer without a body becomes nothing.
    return parseAs === "json" ? (data as { result: unknown }).result : (data ?? new Blob());
  };
  const page = async (path: string, init = {}) => {
    const { result, nextToken } = (await answer("get", path, init)) as { result: unknown; nextToken: string | null };
    return { rows: result, next: nextToken ?? undefined };
  };
  return { GET: call("get"), page, POST: call("post"), PUT: call("put"), DELETE: call("delete"), file: call("get", "blob") } as Client;
}

// whole reads all of an answer. It throws if the answer breaks off.
async function whole(answer: Promise<Response>): Promise<{ response: Response; body: Blob }> {
  const response = await answer;
  return { response, body: await response.blob() };
}

// A success is always 200, with JSON or a file. Any other text is a page of a
// proxy in between.
function isResult(response: Response): boolean {
  return response.status === 200 && /^(application\/(json|x-ndjson)|text\/csv)(;|$)/.test(response.headers.get("content-type") ?? "");
}

function rateLimit(headers: Headers): RateLimit | undefined {
  const [limit, remaining, reset] = ["limit", "remaining", "reset"].map((part) => wholeNumber(headers, `ratelimit-${part}`));
  return limit === undefined || remaining === undefined || reset === undefined ? undefined : { limit, remaining, reset };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
