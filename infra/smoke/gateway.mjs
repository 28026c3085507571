// Checks without an account: pages, the gateway's own answers, slashes, and the
// limits of the gateway and of the service.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { api } from "../compat/stack.mjs";
import { answers, ask, describe, send } from "../compat/wire.mjs";
import { check, NotChecked } from "./check.mjs";
import { openLimit, slashed } from "./template.mjs";

const nobody = "0".repeat(24); // has the form of an id
// The code has the right checksum, because one with another is refused before
// it counts.
const unsent = `${"0".repeat(30)}8GjS`;

// byGateway checks that an answer is one of API Gateway's own, which is no
// envelope.
function byGateway(x, status, message = /./) {
  assert.equal(x.status, status, `expected ${status} of API Gateway, came ${describe(x)}`);
  const answer = JSON.parse(x.text);
  assert.deepEqual(Object.keys(answer), ["message"], `expected no envelope, came ${describe(x)}`);
  assert.match(answer.message, message);
}

export async function pages() {
  await check("page", "/status answers", async () => {
    const x = await ask("GET", "/status");
    answers(x, 200);
    assert.ok(x.headers["x-request-id"], "expected the header X-Request-Id");
  });
  for (const path of ["/console", "/docs"]) {
    await check("page", `${path} is a page`, async () => {
      const x = await send("GET", path);
      assert.equal(x.status, 200, `expected 200, came ${describe(x)}`);
      assert.match(x.headers["content-type"], /^text\/html/);
    });
  }
  await check("page", "/openapi.json is the document of this checkout", async () => {
    const wanted = await readFile(new URL("../../docs/openapi.json", import.meta.url), "utf8");
    const x = await send("GET", "/openapi.json");
    assert.equal(x.status, 200, `expected 200, came ${describe(x)}`);
    assert.ok(
      x.text === wanted,
      "expected the document of docs/openapi.json: another version is deployed, check that one out",
    );
  });
}

export async function gateway() {
  const unused = `/usage-${nobody}/none`;
  await check("gateway", "a path that is no route: 404", async () => {
    const x = await ask("GET", unused);
    answers(x, 404, /Route Not Found/);
    assert.equal(x.json.code, "not_found");
  });
  await check("gateway", "a method that the path does not have: 404", async () =>
    answers(await ask("PATCH", "/account"), 404, /Route Not Found/),
  );
  await check("gateway", "doubled slashes are one", async () =>
    answers(await ask("GET", "//status"), 200),
  );
  await check("gateway", "HEAD has no body", async () => {
    for (const [path, status] of [
      ["/status", 200],
      [unused, 404],
    ]) {
      const x = await send("HEAD", path);
      assert.deepEqual([x.status, x.text], [status, ""], `came ${describe(x)}`);
    }
  });
  await check("gateway", "a browser of another origin may send the header token", async () => {
    const headers = {
      origin: "https://console.example.net",
      "access-control-request-method": "PUT",
      "access-control-request-headers": "token,content-type,idempotency-key",
    };
    const x = await send("OPTIONS", "/account", { headers });
    assert.ok(x.status === 200 || x.status === 204, `expected 200 or 204, came ${describe(x)}`);
    const list = (name) =>
      (x.headers[`access-control-allow-${name}`] ?? "").toLowerCase().split(/\s*,\s*/);
    assert.deepEqual(list("origin"), ["*"]);
    assert.ok(list("methods").includes("put"), `expected PUT, came ${list("methods")}`);
    for (const name of headers["access-control-request-headers"].split(","))
      assert.ok(list("headers").includes(name), `expected ${name}, came ${list("headers")}`);
  });
  const path = `/profile/${nobody}/usage`;
  await check("gateway", "a report without a signature: 403", async () => {
    byGateway(await send("POST", path, { body: "{}" }), 403, /Forbidden/);
    byGateway(await send("GET", path), 403, /Forbidden/);
  });
  await check("gateway", "a report with a wrong signature: 403", async () => {
    const authorization =
      "AWS4-HMAC-SHA256 Credential=none/20300101/us-east-1/execute-api/aws4_request, " +
      `SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`;
    const headers = { authorization, "x-amz-date": "20300101T000000Z" };
    byGateway(await send("POST", path, { headers, body: "{}" }), 403, /Forbidden/);
  });
  await check("gateway", "a body of more than 10 MB: 413", async () =>
    byGateway(await send("POST", "/account/login", { body: "x".repeat(10_500_000) }), 413),
  );
  await check("gateway", "a body that the service finds too large: 413", async () => {
    const x = await ask("POST", "/account/login", { json: { email: "x".repeat(100_000) } });
    answers(x, 413);
    assert.equal(x.json.code, "too_large");
  });
}

export async function slashes() {
  await check("slash", "a path that SDKs do not send with a slash", async (note) => {
    const x = await ask("GET", "/status/");
    assert.ok(x.status === 200 || x.status === 404, `expected 200 or 404, came ${describe(x)}`);
    note(
      x.status === 200
        ? "this stack gives /status/ to the route /status"
        : "this stack has no route for /status/ beside /status",
    );
  });
  for (const { method, path } of slashed) {
    await check("slash", `${method} ${path} comes to its function`, async () => {
      const x = await ask(method, path);
      answers(x, 401);
      assert.equal(x.json.code, "no_token");
    });
  }
  await check("slash", "more than a slash is no route", async () => {
    for (const { method, path } of slashed)
      answers(await ask(method, `${path}a/b/c/d`), 404, /Route Not Found/);
  });
}

// flood sends more requests to a route that takes no credential than API
// Gateway admits, until it refuses one, and looks whether another route answers
// meanwhile. The limits are those of the template unless the stack has others,
// and API Gateway holds them roughly.
export async function flood() {
  await check("flood", "more requests than a route admits: 429, and others answer", async (note) => {
    const { rate, burst } = openLimit;
    const end = Date.now() + 10_000;
    let [sent, refused] = [0, null];
    const one = async () => {
      while (!refused && Date.now() < end) {
        sent++;
        const x = await send("GET", `/usage-${nobody}/flood`);
        if (x.status === 429) refused ??= x;
        else assert.equal(x.status, 404, `expected 404 or 429, came ${describe(x)}`);
      }
    };
    const began = Date.now();
    await Promise.all(Array.from({ length: 50 }, one));
    const second = (sent * 1000) / (Date.now() - began);
    if (!refused && second < 2 * rate)
      throw new NotChecked(`${sent} requests in 10 s are too few for the limit of ${rate} a second`);
    assert.ok(refused, `expected 429 of API Gateway, came none within ${sent} requests`);
    byGateway(refused, 429, /Too Many Requests/);
    const beside = await ask("GET", "/status");
    answers(beside, 200);
    note(`the request ${sent} was refused, with ${rate} a second and ${burst} at once`);
  });
}

// throttle uses up a limit of this network address. Nobody else's requests are
// counted with it, and no other check needs the route. A window may end
// meanwhile, so there are more requests than two windows admit.
export async function throttle() {
  await check("throttle", "more requests than a rate limit admits: 429", async (note) => {
    for (let n = 1; n <= 70; n++) {
      const x = await ask("GET", `/profile/team/decline/${unsent}`);
      if (x.status === 429) {
        assert.equal(x.json.code, "too_many");
        const wait = Number(x.headers["retry-after"]);
        assert.ok(wait >= 1 && wait <= 60, `expected Retry-After in a minute, came ${wait}`);
        assert.equal(x.json.details?.retry_after, wait);
        note(`${api.host} refused the request ${n}, for ${wait} s`);
        return;
      }
      answers(x, 400);
    }
    assert.fail("expected 429 within 70 requests, as the route admits 30 a minute");
  });
}
