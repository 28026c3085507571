import type { components } from "./schema.d.ts";

type Refusal = components["schemas"]["Refusal"];

/** Why a request was refused. The API may be newer than this list. */
export type Reason = Refusal["code"];

/** The facts of a reason. */
export type Details = NonNullable<Refusal["details"]>;

/** A request, for logs too: without what stood in its path or body. Sent again with the key, it is done once; support finds it by the id. */
export type Sent = { method: string; path: string; key: string | undefined; id: string | undefined };

/** An answer that is no result. What refuses in the API's place, such as a gateway, gives neither code nor docs. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly request: Sent;
  readonly status: number;
  readonly code: Reason | undefined;
  readonly details: Details;
  /** Where the reason is described, relative to the API. */
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

/** No answer came: whether the request was done is not known. */
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
