// Steps of a walk, each on its own.

import assert from "node:assert/strict";
import { inspect } from "node:util";

import { describe, forget, kept, wellFormed } from "./wire.mjs";

let passed = 0,
  failed = 0;

// Each step is independent. A value that one step makes for later ones goes
// through a bag, which reports when it is missing.
export async function step(who, name, run) {
  forget();
  try {
    await run();
    kept().forEach((x) => x.sent && wellFormed(x));
    passed++;
    console.log(`${who}  ${name}  ok`);
  } catch (error) {
    failed++;
    const at = /(?:walk|http)\w*\.mjs:\d+/g;
    const lines = [
      error instanceof Error ? error.message : `the SDK rejected with ${inspect(error)}`,
    ];
    if (error instanceof Error && !error.missing)
      lines.push(`at ${[...new Set(error.stack.match(at))].join(" < ")}`);
    if (!error?.missing) lines.push(...kept().slice(-3).map(describe));
    console.log(`${who}  ${name}  FAILED\n${lines.join("\n").replace(/^/gm, "    ")}`);
  }
}

export function bag() {
  return new Proxy(
    {},
    {
      get(made, name) {
        if (name in made) return made[name];
        throw Object.assign(new Error(`not run: no earlier step left ${String(name)}`), {
          missing: true,
        });
      },
    },
  );
}

export function isDate(value, what) {
  assert.ok(
    value instanceof Date && !Number.isNaN(value.getTime()),
    `expected ${what} to be a Date, came ${inspect(value)}`,
  );
}

export function near(value, wanted, what) {
  isDate(value, what);
  assert.ok(
    Math.abs(value - wanted) < 60_000,
    `expected ${what} to be about ${new Date(wanted).toISOString()}, came ${value.toISOString()}`,
  );
}

// result is the number of steps that passed and that failed.
export const result = () => ({ passed, failed });
