// A report of usage, signed as a data plane signs it with its role of IAM.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { api } from "../compat/stack.mjs";
import { answers, ask } from "../compat/wire.mjs";
import { check, NotChecked } from "./check.mjs";
import { keyed } from "./keyed.mjs";
import { credentials, signed } from "./signature.mjs";

export async function usage(has) {
  // A profile that was just made has nothing of any service.
  const path = () => `/profile/${has.own ? has.home : has.second}/usage`;
  const sign = (method, body) => {
    const key = credentials(api.hostname);
    if (!key)
      throw new NotChecked(
        "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, of a role that may execute-api:Invoke",
      );
    return signed(method, api.host, path(), body, key);
  };
  const json = { lines: [{ service: "input", amount: 1, event: `smoke-${randomUUID()}` }] };
  const counted = await keyed("usage-report", () => [
    "POST",
    path(),
    json,
    { headers: sign("POST", JSON.stringify(json)) },
  ]);
  if (counted)
    await check("usage", "a report that IAM's signature admits counts", () => {
      const { lines } = answers(counted, 200);
      assert.deepEqual(
        lines.map(({ event, service, admitted }) => [event, service, admitted]),
        [[json.lines[0].event, "input", has.own]],
      );
    });
  await check("usage", "a question that IAM's signature admits is answered", async () => {
    const answer = await ask("GET", path(), { headers: sign("GET", "") });
    assert.equal(answers(answer, 200).services.input.used, has.own ? 1 : 0);
  });
}
