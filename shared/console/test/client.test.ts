import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { createClient, type RateLimit } from "../src/api/client.ts";
import { ApiError, ConnectionError, type Sent } from "../src/api/errors.ts";

type Seen = { method: string; url: string; headers: IncomingHttpHeaders; body: string };

// listen starts a server, which notes each request when all of it has arrived.
// The nth answer is for the nth request.
async function listen(t: TestContext, answer: (response: ServerResponse, n: number) => void) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method!, url: request.url!, headers: request.headers, body });
    answer(response, seen.length);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function say(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
const succeed = (response: ServerResponse, result: unknown = "done") => say(response, 200, { status: true, result });
const refuse = (response: ServerResponse, status: number, code: string, details?: object, headers?: Record<string, string>) =>
  say(response, status, { status: false, message: `because ${code}`, code, details, docs: `/docs/errors#${code}` }, headers);

const keys = (seen: Seen[]) => seen.map(({ headers }) => headers["idempotency-key"]);
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const waits = [0, 0];

async function thrown<E extends Error>(call: Promise<unknown>, type: abstract new (...args: never[]) => E): Promise<E> {
  const error = await call.then((value) => assert.fail(`expected a ${type.name}, came ${JSON.stringify(value)}`), (reason: unknown) => reason);
  assert.ok(error instanceof type, `expected a ${type.name}, came ${error}`);
  return error;
}

test("a page of a list comes with the position of the next one", async (t) => {
  const bodies = [{ status: true, result: [{ id: "1" }], nextToken: "7" }, { status: true, result: [], nextToken: null }];
  const { baseUrl, seen } = await listen(t, (response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(bodies.shift()));
  });
  const api = createClient({ baseUrl, token: "p-1" });
  assert.deepEqual(await api.page("/notification"), { rows: [{ id: "1" }], next: "7" });
  const last = await api.page("/notification", { params: { query: { nextToken: "7" } } });
  assert.deepEqual(last, { rows: [], next: undefined });
  assert.deepEqual(seen.map(({ url }) => url), ["/notification", "/notification?nextToken=7"]);
});

test("a request goes out as the document says, and its result comes back without the envelope", async (t) => {
  const { baseUrl, seen } = await listen(t, (response) => succeed(response, [{ token: "k" }]));
  const api = createClient({ baseUrl, token: "p-1" });
  const rows = await api.GET("/profile/{id}/token", {
    params: { path: { id: "a/b" }, query: { page: 2, fields: ["name", "token"], filter: { name: "zoë*" } } },
  });
  assert.deepEqual(rows, [{ token: "k" }]);
  await api.POST("/profile", { params: { query: { allocate_free_resources: true } }, body: { name: "Barn" } });
  const [get, post] = seen;
  assert.deepEqual([get!.method, get!.body, get!.headers["token"]], ["GET", "", "p-1"]);
  assert.equal(decodeURIComponent(get!.url), "/profile/a/b/token?page=2&fields=name,token&filter[name]=zoë*");
  assert.ok(get!.url.startsWith("/profile/a%2Fb/"));
  assert.deepEqual([post!.method, post!.url, post!.body], ["POST", "/profile?allocate_free_resources=true", '{"name":"Barn"}']);
  assert.equal(post!.headers["content-type"], "application/json");
});

test("without a token none is sent", async (t) => {
  const { baseUrl, seen } = await listen(t, (response) => succeed(response));
  await createClient({ baseUrl }).POST("/account/login", { body: { email: "ana@example.com" } });
  assert.ok(!("token" in seen[0]!.headers));
});

test("every write has a key of its own, unless it is given one, and no read has", async (t) => {
  const { baseUrl, seen } = await listen(t, (response) => succeed(response));
  const api = createClient({ baseUrl });
  const params = { path: { id: "current" } };
  await api.POST("/profile", { body: { name: "Barn" } });
  await api.PUT("/profile/{id}", { params, body: { name: "Shed" } });
  await api.DELETE("/profile/{id}", { params });
  await api.DELETE("/profile/{id}", { params: { ...params, header: { "Idempotency-Key": "mine" } } });
  await api.GET("/profile");
  const [post, put, del, given, get] = keys(seen);
  for (const key of [post, put, del]) assert.match(key as string, uuid);
  assert.equal(new Set([post, put, del]).size, 3);
  assert.deepEqual([given, get], ["mine", undefined]);
});

const faults: Record<string, (response: ServerResponse) => void> = {
  "the connection is cut when the request has arrived": (response) => response.destroy(),
  "the answer breaks off": (response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" }).write('{"status":true,', () => response.destroy());
  },
  "the answer is 503": (response) => refuse(response, 503, "unavailable"),
  "the answer is a proxy's 502": (response) => response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad Gateway</h1>"),
};
for (const [fault, cause] of Object.entries(faults)) {
  test(`${fault}: a write is repeated with the same key and body`, async (t) => {
    const { baseUrl, seen } = await listen(t, (response, n) => n === 1 ? cause(response) : succeed(response, { id: "1" }));
    assert.deepEqual(await createClient({ baseUrl, waits }).POST("/profile", { body: { name: "Barn" } }), { id: "1" });
    assert.equal(seen.length, 2);
    assert.match(keys(seen)[0] as string, uuid);
    assert.equal(keys(seen)[0], keys(seen)[1]);
    assert.deepEqual(seen.map(({ body }) => body), ['{"name":"Barn"}', '{"name":"Barn"}']);
  });

  test(`${fault}: a read is not repeated`, async (t) => {
    const { baseUrl, seen } = await listen(t, cause);
    const error = await thrown(createClient({ baseUrl, waits }).GET("/profile"), Error);
    assert.ok(error instanceof ApiError || error instanceof ConnectionError);
    assert.equal(seen.length, 1);
  });
}

test("repetitions of a 5xx have an end, which is its refusal", async (t) => {
  const { baseUrl, seen } = await listen(t, (response) => refuse(response, 500, "internal", undefined, { "x-request-id": "r1" }));
  const error = await thrown(createClient({ baseUrl, waits }).DELETE("/profile/{id}", { params: { path: { id: "current" } } }), ApiError);
  assert.deepEqual([error.status, error.code, seen.length], [500, "internal", 3]);
  assert.deepEqual(error.request, { method: "DELETE", path: "/profile/{id}", key: keys(seen)[2] as string, id: "r1" });
});

test("repetitions without an answer have an end, and the same request can be sent once more later", async (t) => {
  const { baseUrl, seen } = await listen(t, (response, n) => n < 4 ? response.destroy() : succeed(response));
  const api = createClient({ baseUrl, waits });
  const error = await thrown(api.POST("/profile", { body: { name: "Barn" } }), ConnectionError);
  assert.equal(seen.length, 3);
  assert.ok(error.cause instanceof TypeError);
  assert.deepEqual(error.request, { method: "POST", path: "/profile", key: keys(seen)[0] as string, id: undefined });
  await api.POST("/profile", { body: { name: "Barn" }, params: { header: { "Idempotency-Key": error.request.key! } } });
  assert.equal(new Set(keys(seen)).size, 1);
});

test("between repetitions it waits longer and longer, never quite the same", async (t) => {
  const waited: number[] = [];
  t.mock.method(globalThis, "setTimeout", (run: () => void, milliseconds: number) => {
    waited.push(milliseconds);
    queueMicrotask(run);
  });
  const fetch = async () => new Response("", { status: 503 });
  await thrown(createClient({ baseUrl: "http://example.com", fetch }).POST("/profile", { body: { name: "Barn" } }), ApiError);
  const [first, second, ...more] = waited;
  assert.ok(first! >= 150 && first! < 450 && second! >= 750 && second! < 2250 && more.length === 0, String(waited));
  assert.notEqual(first! * 5, second!);
});

const refusals: [status: number, code: string, details?: object][] = [
  [400, "invalid", { fields: [{ field: "email" }] }], [401, "token_invalid"], [403, "team_full", { limit: 1, used: 1, plan: "starter" }],
  [404, "not_found"], [409, "key_unanswered"], [409, "key_reused"], [413, "too_large", { limit: 1 }], [429, "mail_limit", { retry_after: 7 }],
];
for (const [status, code, details] of refusals) {
  test(`${status} ${code} is thrown as it is and never repeated`, async (t) => {
    const headers = { "x-request-id": "r2", ...(status === 429 && { "retry-after": "7" }) };
    const { baseUrl, seen } = await listen(t, (response) => refuse(response, status, code, details, headers));
    const api = createClient({ baseUrl, waits });
    const error = await thrown(api.POST("/profile/{id}/team", { params: { path: { id: "current" } }, body: { email: "x" } }), ApiError);
    assert.equal(seen.length, 1);
    const { message, docs, retryAfter, request } = error;
    assert.deepEqual([error.status, error.code, message, docs], [status, code, `because ${code}`, `/docs/errors#${code}`]);
    assert.deepEqual(error.details, details ?? {});
    assert.equal(retryAfter, status === 429 ? 7 : undefined);
    assert.deepEqual(request, { method: "POST", path: "/profile/{id}/team", key: keys(seen)[0] as string, id: "r2" });
  });
}

const foreign: [what: string, status: number, type: string, body: string, message: RegExp][] = [
  ["a gateway's refusal", 403, "application/json", '{"message":"Forbidden"}', /^Forbidden$/],
  ["a page", 413, "text/html", "<h1>Too large</h1>", /the answer 413 is none of the API/],
  ["a page with 200", 200, "text/html; charset=utf-8", "<h1>Sign in to this network</h1>", /the answer 200 is none of the API/],
  ["JSON that is no object", 404, "application/json", "null", /the answer 404 is none of the API/],
  ["half of a JSON", 400, "application/json", '{"message":', /the answer 400 is none of the API/],
  ["an empty body", 400, "", "", /the answer 400 is none of the API/],
];
for (const [what, status, type, body, message] of foreign) {
  test(`${what} in place of a refusal is an error without a reason`, async (t) => {
    const { baseUrl, seen } = await listen(t, (response) =>
      response.writeHead(status, { "apigw-requestid": "g1", ...(type && { "content-type": type }), "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }).end(body));
    const error = await thrown(createClient({ baseUrl, waits }).POST("/profile", { body: { name: "Barn" } }), ApiError);
    assert.match(error.message, message);
    assert.deepEqual([error.status, error.code, error.details, error.docs, error.retryAfter], [status, undefined, {}, undefined, undefined]);
    assert.deepEqual([error.request.id, seen.length], ["g1", 1]);
  });
}

test("limits of the rate are told, those of refusals and repetitions too", async (t) => {
  const left = (n: number) => ({ "ratelimit-limit": "60", "ratelimit-remaining": String(n), "ratelimit-reset": "12" });
  const { baseUrl } = await listen(t, (response, n) => {
    if (n === 1) refuse(response, 503, "unavailable", undefined, left(1));
    else if (n === 2) say(response, 200, { status: true, result: "done" }, left(0));
    else if (n === 3) refuse(response, 429, "too_many", { retry_after: 12 }, left(0));
    else if (n === 4) say(response, 200, { status: true, result: [] }, { "ratelimit-limit": "60" });
    else succeed(response, []);
  });
  const told: [RateLimit, Sent][] = [];
  const api = createClient({ baseUrl, waits, onRateLimit: (...args) => told.push(args) });
  await api.PUT("/notification/markallread");
  await thrown(api.GET("/notification"), ApiError);
  await api.GET("/notification");
  await api.GET("/notification");
  assert.deepEqual(told.map(([limit]) => limit), [1, 0, 0].map((remaining) => ({ limit: 60, remaining, reset: 12 })));
  assert.deepEqual(told.map(([, { method }]) => method), ["PUT", "PUT", "GET"]);
});

test("an error of whoever is told of limits is theirs, and repeats nothing", async (t) => {
  const limits = { "ratelimit-limit": "60", "ratelimit-remaining": "1", "ratelimit-reset": "12" };
  const { baseUrl, seen } = await listen(t, (response) => say(response, 200, { status: true, result: "done" }, limits));
  const defect = new RangeError("a defect");
  const api = createClient({ baseUrl, waits, onRateLimit: () => { throw defect; } });
  assert.equal(await thrown(api.PUT("/notification/markallread"), RangeError), defect);
  assert.equal(seen.length, 1);
});

test("a file comes as it is, and its refusal as any", async (t) => {
  const csv = "\uFEFFmonth,profile\r\n";
  const { baseUrl, seen } = await listen(t, (response, n) =>
    n === 1 ? response.writeHead(200, { "content-type": "text/csv; charset=utf-8" }).end(csv) : refuse(response, 403, "plan_lacks", { needs: ["scale"] }));
  const api = createClient({ baseUrl });
  const query = { format: "csv" } as const;
  const file = await api.file("/account/cost", { params: { query } });
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), Buffer.from(csv));
  assert.equal(seen[0]!.url, "/account/cost?format=csv");
  const error = await thrown(api.file("/profile/{id}/auditlog", { params: { path: { id: "current" }, query } }), ApiError);
  assert.deepEqual([error.code, error.details], ["plan_lacks", { needs: ["scale"] }]);
});

const left = new Error("left the screen");

test("a signal that is over sends nothing", async (t) => {
  const { baseUrl, seen } = await listen(t, (response) => succeed(response));
  const call = createClient({ baseUrl, waits }).POST("/profile", { body: { name: "Barn" }, signal: AbortSignal.abort(left) });
  assert.equal(await thrown(call, Error), left);
  assert.equal(seen.length, 0);
});

test("a signal ends a request that waits for its answer, which is not repeated", async (t) => {
  let controller = new AbortController();
  const { baseUrl, seen } = await listen(t, () => controller.abort(left));
  const api = createClient({ baseUrl, waits });
  assert.equal(await thrown(api.POST("/profile", { body: { name: "Barn" }, signal: controller.signal }), Error), left);
  controller = new AbortController();
  assert.equal(await thrown(api.GET("/profile", { signal: controller.signal }), Error), left);
  assert.deepEqual(seen.map(({ method }) => method), ["POST", "GET"]);
});

test("a signal ends the wait before a repetition", async (t) => {
  const hour = 3_600_000;
  const controller = new AbortController();
  const { setTimeout } = globalThis;
  t.mock.method(globalThis, "setTimeout", (run: () => void, milliseconds?: number) => {
    if (milliseconds! >= hour / 2) queueMicrotask(() => controller.abort(left));
    return setTimeout(run, milliseconds);
  });
  const { baseUrl, seen } = await listen(t, (response) => refuse(response, 503, "unavailable"));
  const call = createClient({ baseUrl, waits: [hour] }).POST("/profile", { body: { name: "Barn" }, signal: controller.signal });
  assert.equal(await thrown(call, Error), left);
  assert.equal(seen.length, 1);
});

test("a file without a line is an empty one", async (t) => {
  const { baseUrl } = await listen(t, (response) =>
    response.writeHead(200, { "content-type": "application/x-ndjson", "content-length": "0" }).end());
  const file = await createClient({ baseUrl }).file("/account/auditlog", { params: { query: { format: "ndjson" } } });
  assert.equal(file.size, 0);
});

test("what the client takes for granted holds of the whole document", async () => {
  type Parameter = { name: string; in: string; style?: string; explode?: boolean; schema: { type: string } };
  type Operation = { operationId: string; parameters?: Parameter[]; requestBody?: { content: object }; responses: Record<string, { content: object }> };
  const document = JSON.parse(await readFile(new URL("../../../../docs/openapi.json", import.meta.url), "utf8"));
  for (const methods of Object.values<Record<string, Operation>>(document.paths)) {
    for (const [method, { operationId, parameters = [], requestBody, responses }] of Object.entries(methods)) {
      assert.ok(["get", "post", "put", "delete"].includes(method), operationId);
      assert.equal(parameters.some(({ name }) => name === "Idempotency-Key"), method !== "get", operationId);
      assert.deepEqual(Object.keys(requestBody?.content ?? { "application/json": 0 }), ["application/json"], operationId);
      assert.deepEqual(Object.keys(responses).filter((status) => status < "400"), ["200"], operationId);
      for (const { name, schema: { type }, style, explode } of parameters.filter((parameter) => parameter.in === "query")) {
        const wanted = { array: ["form", false], object: ["deepObject", true] }[type] ?? [undefined, undefined];
        assert.deepEqual([style, explode], wanted, `${operationId} ${name}`);
      }
    }
  }
});
