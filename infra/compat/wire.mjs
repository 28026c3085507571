// Requests on the wire: those of the walks, and those of the SDKs. The latter
// go through a tap, because the SDKs hide statuses, content types and bodies.

import assert from "node:assert/strict";
import http from "node:http";
import https from "node:https";
import { inspect } from "node:util";

import { api } from "./stack.mjs";

const { request: open } = api.protocol === "https:" ? https : http;

// A client waits for an answer as long as API Gateway does.
const timeout = 30_000;

// send sends a request at a level below fetch, which would change the spelling
// of header names and refuse some of them.
export function send(method, path, { headers = {}, body } = {}) {
  if (body !== undefined && !Array.isArray(headers))
    headers = { "content-length": Buffer.byteLength(body), ...headers };
  return new Promise((resolve, reject) => {
    const request = open(
      { host: api.hostname, port: api.port, method, path, headers, timeout },
      (response) => {
        const chunks = [];
        response.on("error", reject);
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            method,
            path,
            body,
            status: response.statusCode,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            bytes: Buffer.concat(chunks),
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on("error", reject);
    request.on("timeout", () =>
      request.destroy(new Error(`${method} ${path} has no answer after ${timeout / 1000} s`)),
    );
    request.end(body);
  });
}

let exchanges = []; // of the step that runs

// kept are the exchanges of the running step. forget empties the list.
export const kept = () => exchanges;
export const forget = () => {
  exchanges = [];
};

// ask is send with a JSON body, kept for the report. The answer comes with its
// parsed body.
export async function ask(method, path, { token, json, headers, body } = {}) {
  if (json !== undefined) body = JSON.stringify(json);
  headers = {
    ...(token && { token }),
    ...(json !== undefined && { "content-type": "application/json" }),
    ...headers,
  };
  const x = await send(method, path, { headers, body });
  exchanges.push(x);
  return wellFormed(x);
}

// sendBytes is send for an answer that is a file.
export async function sendBytes(method, path) {
  const x = await send(method, path);
  exchanges.push({ ...x, text: `${x.bytes.length} bytes` });
  return x;
}

// The SDKs send their requests through this tap, because they hide the parts
// that the wire rules are about: statuses, content types and bodies.
export const tap = http.createServer(async (request, response) => {
  try {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
    // The tap's own host is not a host of the stack.
    const headers = request.rawHeaders.map((text, i, all) =>
      i % 2 === 1 && /^host$/i.test(all[i - 1]) ? api.host : text,
    );
    const x = await send(request.method, request.url, { headers, body });
    exchanges.push({ ...x, body: body?.toString() ?? "", sent: request.headers });
    response.writeHead(x.status, x.rawHeaders).end(x.text);
  } catch (error) {
    console.error("the tap:", error.message);
    response.destroy();
  }
});
await new Promise((ready) => tap.listen(0, "127.0.0.1", ready));
process.env.TAGOIO_API = `http://127.0.0.1:${tap.address().port}`;

export const describe = (x) =>
  `${x.method} ${x.path.slice(0, 120)} -> ${x.status} ${x.headers["content-type"]} ${x.text.slice(0, 400).trim()}`;

// wellFormed checks the properties of an answer that all clients need, and
// returns it with its parsed body.
export function wellFormed(x) {
  const must = (is, wanted) => assert.ok(is, `expected ${wanted}, came ${describe(x)}`);
  must(
    x.status === 200 || (x.status >= 400 && x.status < 500),
    "200 or 4xx, as clients send again after 5xx and 3xx turns POST into GET",
  );
  must(/^application\/json(;|$)/.test(x.headers["content-type"]), "content-type application/json");
  let json;
  try {
    json = JSON.parse(x.text);
  } catch {
    must(false, "JSON");
  }
  if (x.status === 200) {
    must(
      json.status === true && json.result,
      "status true and a result that is true enough for JavaScript",
    );
    must(
      Object.keys(json.result).join() !== "error",
      "no result whose only key is error, which SDK 12 takes for a failure",
    );
  } else {
    must(
      json.status !== true && typeof json.message === "string" && json.message !== "",
      "a message",
    );
    // If a request reaches no function, the gateway answers it, without the
    // fields status and code.
    must(
      !("status" in json) ||
        (/^[a-z]+(_[a-z]+)*$/.test(json.code) && json.docs === `/docs/errors#${json.code}`),
      "a code, and where it is described",
    );
    must(!("result" in json), "no result, which SDKs could take for the message");
  }
  return { ...x, json, result: json.result, message: json.message };
}

export function answers(x, status, message = /./) {
  assert.equal(x.status, status, `expected ${status}, came ${describe(x)}`);
  if (status !== 200) assert.match(x.message, message);
  return x.result;
}

// refused expects an SDK call to be rejected with the message of a 4xx answer,
// as a text. It returns the rest of the answer that programs read.
export async function refused(call, message) {
  const reason = await call.then(
    (value) => assert.fail(`expected a refusal, came ${inspect(value)}`),
    (reason) => reason,
  );
  assert.equal(
    typeof reason,
    "string",
    `expected the SDK to reject with a text, came ${inspect(reason)}`,
  );
  const { status, text } = exchanges.at(-1);
  assert.ok(status >= 400 && status < 500, `expected a 4xx, came ${status}`);
  assert.equal(reason, JSON.parse(text).message);
  if (typeof message === "string") assert.equal(reason, message);
  else assert.match(reason, message);
  const { code, details } = JSON.parse(text);
  return { code, ...(details && { details }) };
}
