// Asks two releases on one table for everything that people can read, and holds
// the present one to what the last one answers: it may say more, and nothing
// else. LAST and TAGOIO_API are where they are. `make upgrade-test` runs it.

import assert from "node:assert/strict";

import { demo } from "../compat/facts.mjs";
import { person } from "../compat/people.mjs";
import { tap } from "../compat/wire.mjs";

const { LAST, TAGOIO_API: PRESENT } = process.env;

const get = async (api, path, token) => {
  const response = await fetch(api + path, { headers: { token } });
  return { status: response.status, json: await response.json().catch(() => undefined) };
};

// within is an answer of the present release with no more than the last one
// says. New parts of an object are left out.
function within(last, present) {
  if (Array.isArray(last) && Array.isArray(present))
    return present.map((one, i) => (i < last.length ? within(last[i], one) : one));
  if (last && present && typeof last === "object" && typeof present === "object")
    return Object.fromEntries(
      Object.keys(last)
        .filter((name) => name in present)
        .map((name) => [name, within(last[name], present[name])]),
    );
  return present;
}

// Routes that answer the same only by chance: they say what time it is, or
// write.
const others = /^\/(account\/confirm|account\/resend|account\/passwordreset|profile\/team|status)/;

const { paths } = await (await fetch(`${LAST}/openapi.json`)).json();
let compared = 0;
try {
  for (const name of ["nora", "omar", "ana", "sam"]) {
    const { token } = name === "ana" ? demo : await person(name);
    const list = (await get(LAST, "/profile", token)).json.result;
    const { result: transfers } = (await get(LAST, "/transfer", token)).json;
    const { result: open } = (await get(LAST, "/desk/transfer", token)).json;
    const tickets = [...transfers, ...(open ?? [])].map((t) => t.ticket);
    for (const [route, { get: operation }] of Object.entries(paths)) {
      if (!operation || others.test(route)) continue;
      const fill = { id: list.map((p) => p.id), ticket: tickets, type: ["month"] };
      const [parameter, ...rest] = [...route.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
      if (rest.length || (parameter && !fill[parameter])) continue;
      for (const value of parameter ? fill[parameter] : [""]) {
        const path = route.replace(`{${parameter}}`, value);
        const last = await get(LAST, path, token);
        const present = await get(PRESENT, path, token);
        if (!last.json) continue;
        // A refusal keeps its code. Its sentence may say more.
        for (const { status, json } of [last, present]) if (status >= 400) delete json?.message;
        assert.ok(last.status < 500, `${path} of ${name}: the last release answers ${last.status}`);
        assert.deepEqual(
          [present.status, within(last.json, present.json)],
          [last.status, last.json],
          `${path} of ${name}`,
        );
        compared += last.status === 200;
      }
    }
  }
  assert.ok(compared > 100, `${compared} answers were compared`);
  console.log(`${compared} answers of both are the same`);
} catch (error) {
  console.error(error.stack);
  process.exitCode = 1;
}
tap.close();
