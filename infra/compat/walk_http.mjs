// Requests of browsers and other clients that no SDK sends.

import assert from "node:assert/strict";

import { accounts } from "./http_accounts.mjs";
import { people } from "./http_people.mjs";
import { browsers, requests } from "./http_requests.mjs";
import { usage } from "./http_usage.mjs";
import { restore, snapshot } from "./state.mjs";
import { bag, step } from "./steps.mjs";

export async function walkHTTP() {
  const go = (name, run) => step("http", name, run);
  const has = bag();

  await go("the demo account", async () => {
    has.before = await snapshot();
    [has.home, has.plant] = Object.keys(has.before.profiles);
  });
  for (const part of [browsers, accounts, requests, people, usage]) await part(go, has);
  await go("the demo account is as it was", async () => {
    try {
      assert.deepEqual(await snapshot(), has.before);
    } finally {
      await restore(has.before);
    }
  });
}
