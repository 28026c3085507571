// Checks, of which each prints one line.

import { describe, forget, kept } from "../compat/wire.mjs";

const count = { ok: 0, failed: 0, left: 0 };

let stopped = false;
// stop leaves out the checks that have not begun.
export const stop = () => {
  stopped = true;
};

// NotChecked ends a check that cannot be made here, and says why.
export class NotChecked extends Error {}

// check runs a check of a group and prints its result: ok, with the note that
// `run` returned; FAILED, with the expected result; or NOT CHECKED, with the
// reason. A check that needs a value of an earlier one learns from the bag of
// ../compat/steps.mjs when it is missing.
export async function check(group, name, run) {
  if (stopped) return;
  forget();
  const line = (text) => console.log(`${group.padEnd(8)}  ${name}  ${text}`);
  let noted;
  try {
    await run((text) => {
      noted = text;
    });
    count.ok++;
    line(noted ? `ok: ${noted}` : "ok");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof NotChecked || error?.missing) {
      count.left++;
      line(`NOT CHECKED: ${reason.replace(/^not run: /, "")}`);
      return;
    }
    count.failed++;
    const [first, ...rest] = reason.split("\n").filter(Boolean);
    line(`FAILED: ${first}`);
    const details = [...rest, ...kept().slice(-3).map(describe)];
    if (details.length > 0) console.log(details.join("\n").replace(/^/gm, "    "));
  }
}

// counted is the number of checks that passed, failed, and could not be made.
export const counted = () => count;
