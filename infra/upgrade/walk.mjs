// Walks through a stack in two halves, which two releases may serve:
// `walk.mjs before` leaves things half done, and `walk.mjs after` ends them.
// STATE names the file that the first half leaves for the second; TAGOIO_API
// and MAILBOX say where the stack is. `make upgrade-test` runs it.

import { readFileSync, writeFileSync } from "node:fs";

import { tap } from "../compat/wire.mjs";
import { after } from "./after.mjs";
import { before } from "./before.mjs";

const [, , half] = process.argv;
const { STATE } = process.env;
const has = half === "after" ? JSON.parse(readFileSync(STATE, "utf8")) : {};
let at = "";
try {
  for (const part of half === "after" ? after : before) {
    at = part.name;
    await part(has);
  }
  writeFileSync(STATE, JSON.stringify(has), { mode: 0o600 });
} catch (error) {
  console.error(`${half}, ${at}: ${error.stack}`);
  process.exitCode = 1;
}
tap.close();
