// Walks a deployed stack as its clients do, and removes the things that it
// made. `make smoke` runs it; docs/operate.md describes its variables.

import { bag } from "../compat/steps.mjs";
import { tap } from "../compat/wire.mjs";
import { account, asBefore } from "./account.mjs";
import { check, counted, stop } from "./check.mjs";
import { flood, gateway, pages, slashes, throttle } from "./gateway.mjs";
import { removeAll } from "./made.mjs";
import { profile, rights } from "./rights.mjs";
import { sdks } from "./sdks.mjs";
import { usage } from "./usage.mjs";

// The first signal ends the walk, but not the removal of the things that it
// made.
let interrupted = 0;
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => {
    if (interrupted++) process.exit(130);
    console.log(`${signal}: what was made is removed; a second one leaves it there`);
    stop();
  });

const has = bag();
for (const part of [pages, gateway, slashes, account, profile, sdks, usage, rights, throttle, flood]) {
  try {
    await part(has);
  } catch (error) {
    await check("smoke", part.name, () => Promise.reject(error));
  }
}
const gone = await removeAll();
await asBefore(has);
tap.close();
tap.closeAllConnections();
const { ok, failed, left } = counted();
console.log(`${ok} ok, ${failed} failed, ${left} not checked`);
process.exitCode = interrupted ? 130 : failed || !gone ? 1 : 0;
