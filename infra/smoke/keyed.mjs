// Requests with an Idempotency-Key. A function needs some rights only for the
// idempotency record.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { answers, ask, describe } from "../compat/wire.mjs";
import { check } from "./check.mjs";
import { operationOf, roleOf } from "./template.mjs";

// tried are the roles of the operations that were sent such a request.
export const tried = new Set();

// keyed sends a request with an Idempotency-Key twice. The second one must get
// the first answer. `request` returns [method, path, json, more]; more is
// token, headers, and the status of an operation that always refuses. It
// returns the first answer if that was a success, even when the second one is
// wrong, because the thing that was made must be removed.
export async function keyed(operation, request) {
  let first;
  const role = roleOf(operation);
  tried.add(role);
  await check("rights", `${operation} (${role})`, async () => {
    const [method, path, json, { token, headers, status = 200 } = {}] = request();
    assert.equal(operationOf(method, path), operation, `the operation of ${method} ${path}`);
    const all = { token, json, headers: { ...headers, "idempotency-key": randomUUID() } };
    first = await ask(method, path, all);
    answers(first, status);
    if (status !== 200) return; // a refusal is not remembered
    const again = await ask(method, path, all);
    assert.deepEqual(
      [again.status, again.text, again.headers["idempotency-replayed"]],
      [200, first.text, "true"],
      `expected the first answer with Idempotency-Replayed, came ${describe(again)}`,
    );
  });
  return first?.status === 200 ? first : undefined;
}
