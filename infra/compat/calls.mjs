// Runs every call that the reference pages show against a fresh local stack: in
// curl on the command line, and in TagoIO's SDK 12. The sample codes and ids do
// not exist, so a refusal by the service also counts as an answer. A call fails
// if it does not reach the service. `make compat` runs it.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import * as sdk from "sdk12";

const { TAGOIO_API } = process.env;
process.env.TAGOIO_REQUEST_ATTEMPTS = "1";
const { Account, Authorization, Resources } = sdk;
const run = promisify(execFile);
const AsyncFunction = (async () => {}).constructor;

const document = JSON.parse(await readFile(new URL("../../docs/openapi.json", import.meta.url), "utf8"));
const preamble = 'const token = "p-DemoAna0OnlyForTheLocalStack000KBP"; const resources = new Resources({ token });';
const entities = { "&#39;": "'", "&#34;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">", "&#43;": "+" };
const shown = {};
for (const { name } of document.tags) {
  const page = await readFile(new URL(`../../docs/reference/${name.toLowerCase().replaceAll(" ", "-")}.html`, import.meta.url), "utf8");
  for (const [, code] of page.matchAll(/<pre[^>]*><code[^>]*>(curl .*?)<\/code>/gs)) {
    const command = code.replace(/<[^>]*>/g, "").replace(/&(#\d+|\w+);/g, (entity) => entities[entity] ?? entity);
    shown[command] = name;
  }
}

let failed = 0;
const check = (what, problem) => {
  if (!problem) return;
  failed++;
  console.log(`${what}  FAILED: ${problem}`);
};

let calls = 0;
for (const item of Object.values(document.paths)) {
  for (const operation of Object.values(item)) {
    const call = operation["x-sdk"]?.javascript;
    if (!call) continue;
    calls++;
    try {
      await new AsyncFunction("Account", "Authorization", "Resources", `${preamble} return ${call}`)(Account, Authorization, Resources);
    } catch (problem) {
      // The SDK rejects with the message of a refusal, which is a text. A
      // mistake in the call is an Error.
      check(`${operation.operationId} in JavaScript`, typeof problem !== "string" || problem.startsWith("Route Not Found") ? problem : "");
    }
  }
}

for (const [command, chapter] of Object.entries(shown)) {
  const script = command.replace(/^curl /, "curl --silent --show-error ");
  const { stdout } = await run("sh", ["-c", script], { env: { ...process.env, API: TAGOIO_API.replace(/\/$/, ""), TOKEN: "p-DemoAna0OnlyForTheLocalStack000KBP" } });
  const answer = stdout.startsWith("{") ? JSON.parse(stdout) : {};
  check(`${chapter}: ${command}`, typeof answer.status !== "boolean" || String(answer.message).startsWith("Route Not Found") ? stdout.slice(0, 200) : "");
}
if (calls < 50 || Object.keys(shown).length < 90) check("the pages", `only ${calls} calls and ${Object.keys(shown).length} commands were found`);
console.log(`${calls} calls in JavaScript and ${Object.keys(shown).length} with curl ran as the reference pages show them, ${failed} failed`);
process.exit(failed ? 1 : 0);
