// Requests of data planes, and of the analysis that scales services.

import assert from "node:assert/strict";

import { plane } from "./facts.mjs";
import { answers, ask } from "./wire.mjs";

// report sends a report as a data plane does. No SDK has this request.
let reported = 0;

export async function report(profile, ...lines) {
  const json = {
    lines: lines.map((line) => ({ event: `walk-${Date.now()}-${reported++}`, ...line })),
  };
  return {
    json,
    ...answers(await ask("POST", `/usage/${profile}`, { token: plane.token, json }), 200),
  };
}

// autoScale does the same as TagoIO's analysis of that name
// (tago-io/analysis-autoscaling-profiles-limits), without its pause of 2 s
// between the purchase and the allocation. Here a purchase takes effect at
// once.
export async function autoScale({ profiles, billing }, token, environment) {
  assert.equal(token.length, 36);
  let id;
  for (const profile of await profiles.list()) {
    const [some] = await profiles.tokenList(profile.id, { token });
    if (some) {
      id = profile.id;
      break;
    }
  }
  const { services: limits } = await billing.getSubscription();
  const { limit, limit_used } = await profiles.summary(id);
  const prices = await billing.getPrices();
  const scaled = {};
  for (const service in limit) {
    const percent = Number(environment[service]);
    if (!percent || !limit[service] || limit[service] * percent * 0.01 > limit_used[service])
      continue;
    const next = prices[service]
      .sort((a, b) => a.amount - b.amount)
      .find(({ amount }) => amount > limits[service].limit);
    if (next) scaled[service] = { limit: next.amount };
  }
  if (Object.keys(scaled).length === 0) return { id, scaled };
  assert.ok(
    await billing.editSubscription({ services: scaled }),
    "expected an answer that is true enough for the analysis to go on",
  );
  if ((await profiles.list()).length > 1) {
    const more = {};
    for (const service in scaled)
      more[service] = scaled[service].limit - limits[service].limit + limit[service];
    assert.ok(await billing.editAllocation([{ profile: id, ...more }]));
  }
  return { id, scaled };
}
