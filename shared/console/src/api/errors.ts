import type { components } from "./schema.d.ts";

type Refusal = components["schemas"]["Refusal"];

/** Why a request was refused. The API may be newer than this list. */
export type Reason = Refusal["code"];

/** The facts of a reason. */
export type Details = NonNullable<Refusal["details"]>;

/**
 * A request without the values of its path and body, so that it can be logged.
 * The API does a request with the same key once. Support finds it by its id.
 */
export type Sent = { method: string; path: string; key: string | undefined; id: string | undefined };

/**
 * A refusal. An answer of a gateway in front of the API has neither code nor
 * docs.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly request: Sent;
  readonly status: number;
  readonly code: Reason | undefined;
  readonly details: Details;
  /** The address of the description of the reason, relative to the API. */
  readonly docs: string | undefined;
  /** The seconds to wait before the next try. */
  readonly retryAfter: number | undefined;

  constructor(request: Sent, { status, headers }: Response, body: string) {
    const refusal = read(body);
    super(refusal.message ?? `${request.method} ${request.path}: the answer ${status} is none of the API`);
    this.request = request;
    this.status = status;
    this.code = refusal.code;
    this.details = refusal.details ?? {};
    this.docs = refusal.docs;
    this.retryAfter = wholeNumber(headers, "retry-after");
  }
}

/** No answer came, so that it is not known whether the request was done. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly request: Sent;

  constructor(request: Sent, cause: unknown) {
    super(`${request.method} ${request.path}: no answer came`, { cause });
    this.request = request;
  }
}

function read(body: string): Partial<Refusal> {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}

export function wholeNumber(headers: Headers, name: string): number | undefined {
  const value = headers.get(name);
  return value !== null && /^\d+$/.test(value) ? Number(value) : undefined;
}
