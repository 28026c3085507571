// Walks three generations of TagoIO's official SDK, as npm installs them, through a fresh local stack, and then does what
// browsers and other clients do that no SDK does. `make compat` runs it; TAGOIO_API and MAILBOX say where the stack is.
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import http from "node:http";
import { createRequire } from "node:module";
import { inspect } from "node:util";

const { TAGOIO_API, MAILBOX } = process.env;
if (!TAGOIO_API || !MAILBOX) {
  console.error("TAGOIO_API and MAILBOX must be the addresses of a fresh stack: run this with `make compat`");
  process.exit(1);
}
const api = new URL(TAGOIO_API);

// One attempt: SDKs send a request again after a 5xx, and a walk must not pass because the second try went well.
process.env.TAGOIO_REQUEST_ATTEMPTS = "1";
// The older SDKs use axios, which would send even local requests to a proxy that the environment names.
process.env.NO_PROXY = process.env.no_proxy = api.hostname;

const demo = { email: "ana@example.com", password: "demo lantern otter", token: "p-DemoAna0OnlyForTheLocalStack000KBP" };
const plane = { token: "p-DemoPlneOnlyForTheLocalStack00rv5n" }; // of the demo's data plane
const password = "walk lantern otter";
const patience = 10_000;
const hour = 3_600_000, day = 24 * hour;

// What a new Free account has. Source: the first tier of each service in the prices that TagoIO publishes.
const freeAmounts = {
  input: 1_000_000, output: 3_000_000, analysis: 3_000, data_records: 800_000, sms: 10, email: 100, run_users: 10,
  push_notification: 100, file_storage: 200,
};
const services = Object.keys(freeAmounts).sort();
// Services of the original that there are none of here.
const elsewhere = { tcore: 0, tcore_cluster: 0, dashboard_output: 0 };
// owned is which add-ons a profile has, of those that there are here.
const owned = ({ custom_dns, mobile }) => ({ custom_dns, mobile });
const limitText = "You have exceeded the maximum limit of profiles (1). Please upgrade you plan or contact support.";

// pinOf is what an authenticator shows some steps from now.
function pinOf(secret, steps) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac("sha1", Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))).update(counter).digest();
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

// ---- requests

// send is a request below fetch, which would change the spelling of header names and refuse some of them.
function send(method, path, { headers = {}, body } = {}) {
  if (body !== undefined && !Array.isArray(headers)) headers = { "content-length": Buffer.byteLength(body), ...headers };
  return new Promise((resolve, reject) => {
    const request = http.request({ host: api.hostname, port: api.port, method, path, headers }, (response) => {
      const chunks = [];
      response.on("error", reject);
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({
        method, path, body, status: response.statusCode, headers: response.headers, rawHeaders: response.rawHeaders,
        text: Buffer.concat(chunks).toString(),
      }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

let exchanges = []; // of the step that runs

// ask is send with a JSON body, kept for the report; the answer comes with its parsed body.
async function ask(method, path, { token, json, headers, body } = {}) {
  if (json !== undefined) body = JSON.stringify(json);
  headers = { ...(token && { token }), ...(json !== undefined && { "content-type": "application/json" }), ...headers };
  const x = await send(method, path, { headers, body });
  exchanges.push(x);
  return wellFormed(x);
}

// The SDKs talk to the stack through this tap, because they hide what the wire rules are about: statuses, content types and
// the bodies that they do or do not send.
const tap = http.createServer(async (request, response) => {
  try {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
    const x = await send(request.method, request.url, { headers: request.rawHeaders, body });
    exchanges.push({ ...x, body: body?.toString() ?? "", sent: request.headers });
    response.writeHead(x.status, x.rawHeaders).end(x.text);
  } catch (error) {
    console.error("the tap:", error.message);
    response.destroy();
  }
});
await new Promise((ready) => tap.listen(0, "127.0.0.1", ready));
process.env.TAGOIO_API = `http://127.0.0.1:${tap.address().port}`;

const describe = (x) => `${x.method} ${x.path.slice(0, 120)} -> ${x.status} ${x.headers["content-type"]} ${x.text.slice(0, 400).trim()}`;

// wellFormed holds an answer to what all clients need of every answer, and returns it with its parsed body.
function wellFormed(x) {
  const must = (is, wanted) => assert.ok(is, `expected ${wanted}, came ${describe(x)}`);
  must(x.status === 200 || x.status >= 400 && x.status < 500, "200 or 4xx, as clients send again after 5xx and 3xx turns POST into GET");
  must(/^application\/json(;|$)/.test(x.headers["content-type"]), "content-type application/json");
  let json;
  try {
    json = JSON.parse(x.text);
  } catch {
    must(false, "JSON");
  }
  if (x.status === 200) {
    must(json.status === true && json.result, "status true and a result that is true enough for JavaScript");
    must(Object.keys(json.result).join() !== "error", "no result whose only key is error, which SDK 12 takes for a failure");
  } else {
    must(json.status !== true && typeof json.message === "string" && json.message !== "", "a message");
    // What never reaches a function is answered by the gateway, which knows neither status nor code.
    must(!("status" in json) || /^[a-z]+(_[a-z]+)*$/.test(json.code) && json.docs === `/docs/errors#${json.code}`, "a code, and where it is described");
    must(!("result" in json), "no result, which SDKs could take for the message");
  }
  return { ...x, json, result: json.result, message: json.message };
}

function answers(x, status, message = /./) {
  assert.equal(x.status, status, `expected ${status}, came ${describe(x)}`);
  if (status !== 200) assert.match(x.message, message);
  return x.result;
}

// refused expects an SDK call to be rejected with the message of a 4xx answer, as a text, and returns what else the answer says to programs.
async function refused(call, message) {
  const reason = await call.then((value) => assert.fail(`expected a refusal, came ${inspect(value)}`), (reason) => reason);
  assert.equal(typeof reason, "string", `expected the SDK to reject with a text, came ${inspect(reason)}`);
  const { status, text } = exchanges.at(-1);
  assert.ok(status >= 400 && status < 500, `expected a 4xx, came ${status}`);
  assert.equal(reason, JSON.parse(text).message);
  if (typeof message === "string") assert.equal(reason, message);
  else assert.match(reason, message);
  const { code, details } = JSON.parse(text);
  return { code, ...(details && { details }) };
}

// mail waits for the nth mail to an address, of those that have the text.
async function mail(address, n, text = "") {
  for (const deadline = Date.now() + patience; ; await new Promise((later) => setTimeout(later, 40))) {
    const { emails } = await (await fetch(`${MAILBOX}/store`)).json();
    const mine = emails.filter((m) => m.destination.to.includes(address) && m.body.text.includes(text));
    if (mine.length >= n) return mine[n - 1];
    assert.ok(Date.now() < deadline, `expected ${n} mails to ${address}${text && ` with ${text}`} within ${patience / 1000} s, came ${mine.length}`);
  }
}

// ---- steps

let passed = 0, failed = 0;

// Each step stands for itself: what one makes for later ones goes through a bag, which says so when it is missing.
async function step(who, name, run) {
  exchanges = [];
  try {
    await run();
    exchanges.forEach((x) => x.sent && wellFormed(x));
    passed++;
    console.log(`${who}  ${name}  ok`);
  } catch (error) {
    failed++;
    const at = /walk\.mjs:\d+/g;
    const lines = [error instanceof Error ? error.message : `the SDK rejected with ${inspect(error)}`];
    if (error instanceof Error && !error.missing) lines.push(`at ${[...new Set(error.stack.match(at))].join(" < ")}`);
    if (!error?.missing) lines.push(...exchanges.slice(-3).map(describe));
    console.log(`${who}  ${name}  FAILED\n${lines.join("\n").replace(/^/gm, "    ")}`);
  }
}

function bag() {
  return new Proxy({}, {
    get(made, name) {
      if (name in made) return made[name];
      throw Object.assign(new Error(`not run: no earlier step left ${String(name)}`), { missing: true });
    },
  });
}

function isDate(value, what) {
  assert.ok(value instanceof Date && !Number.isNaN(value.getTime()), `expected ${what} to be a Date, came ${inspect(value)}`);
}

function near(value, wanted, what) {
  isDate(value, what);
  assert.ok(Math.abs(value - wanted) < 60_000, `expected ${what} to be about ${new Date(wanted).toISOString()}, came ${value.toISOString()}`);
}

function inMonths(n) {
  const date = new Date();
  const month = date.getUTCMonth() + n;
  date.setUTCMonth(month);
  // A month that is too short ends on its last day.
  if (date.getUTCMonth() !== month % 12) date.setUTCDate(0);
  return date;
}

// The state of the demo account that a walk must leave as it was. Signing in and changing profiles date the account itself, changes of a
// profile its add-ons, and requests the token that they carry.
async function snapshot() {
  const get = async (path) => answers(await ask("GET", path, { token: demo.token }), 200);
  const { last_login, updated_at, ...account } = await get("/account");
  const profiles = {}, tokens = {}, teams = {};
  for (const { id } of await get("/profile")) {
    profiles[id] = await get(`/profile/${id}`);
    delete profiles[id].addons?.updated_at;
    tokens[id] = (await get(`/profile/${id}/token?amount=1000`)).map(({ last_authorization, last_address, last_agent, ...token }) => token);
    teams[id] = await get(`/profile/${id}/team`);
  }
  return { account, profiles, tokens, teams };
}

// restore removes what steps that failed have left, so that one walk does not disturb the next.
async function restore(before) {
  const after = await snapshot();
  for (const id of Object.keys(after.profiles)) {
    if (!before.profiles[id]) {
      answers(await ask("DELETE", `/profile/${id}`, { token: demo.token, json: { password: demo.password } }), 200);
      continue;
    }
    for (const { token } of after.tokens[id]) {
      if (!before.tokens[id].some((t) => t.token === token)) await ask("DELETE", `/profile/${id}/token/${token}`, { token: demo.token });
    }
    for (const member of after.teams[id]) {
      if (!before.teams[id].some((m) => m.id === member.id)) await ask("DELETE", `/profile/${id}/team/${member.id}`, { token: demo.token });
    }
    const { name } = before.profiles[id].info;
    if (after.profiles[id].info.name !== name) answers(await ask("PUT", `/profile/${id}`, { token: demo.token, json: { name } }), 200);
  }
}

// ---- the SDKs

async function load(alias, version) {
  const major = parseInt(version, 10);
  // Version 12 is an ES module, the older ones are CommonJS.
  const { Account, Authorization, Resources } = major >= 12 ? await import(alias) : createRequire(import.meta.url)(alias);
  const open = (token) => {
    if (Resources) return new Resources({ token });
    const account = new Account({ token });
    const { profiles, notifications, billing, plan, paymentMethods, paymentHistory } = account;
    return { account, profiles, notifications, billing, plan, paymentMethods, paymentHistory };
  };
  return {
    version, major, Account, Authorization, open,
    // SDK 10 names no profile, and sends no password.
    tokenDelete: (token, profile, target) => {
      const { profiles } = open(token);
      return major > 10 ? profiles.tokenDelete(profile, target) : profiles.tokenDelete(target);
    },
  };
}

async function walkFree({ version, major, Account, Authorization, open, tokenDelete }) {
  const go = (name, run) => step(version, name, run);
  const email = `walk+${version}.${randomBytes(4).toString("hex")}@example.com`;
  const signUp = {
    name: `Walk ${version}`, email, password, cpassword: password, timezone: "Europe/Lisbon", country: "PT", company: "Walkers",
    newsletter: false, developer: true,
  };
  const has = bag();

  await go("sign-up", async () => {
    assert.match(await Account.create(signUp), /^Account created successfully/);
  });
  await go("sign-up: a repeated password that differs is refused", () =>
    refused(Account.create({ ...signUp, cpassword: `${password}!` }), /cpassword/));
  await go("sign-up: the mail's link opens a page", async () => {
    const { body, subject } = await mail(email, 1);
    assert.match(subject, /confirm/i);
    const link = new URL(body.text.match(/https?:\/\/\S+/)?.[0] ?? assert.fail(`expected a link, came ${body.text}`));
    assert.equal(link.origin, api.origin);
    // Servers and their logs do not see what stands behind the #.
    assert.match(link.hash, /^#\/account\/confirm\/[0-9A-Za-z]+$/);
    assert.ok(body.html.includes(link.href), "expected the same link in the HTML part");
    has.page = link.pathname + link.search;
    has.code = link.hash.split("/").at(-1);
    const page = await send("GET", has.page);
    assert.equal(page.status, 200);
    assert.match(page.headers["content-type"], /^text\/html/);
  });
  await go("sign-up: opening the link confirms nothing", async () => {
    // What link scanners and previews of mail programs do.
    for (const path of [has.page, `/account/confirm/${has.code}`]) {
      for (const method of path === has.page ? ["GET", "HEAD", "OPTIONS"] : ["HEAD", "OPTIONS"]) {
        const x = await send(method, path);
        assert.ok(x.status < 500, `expected no 5xx, came ${describe(x)}`);
      }
    }
    await refused(Account.login({ email, password }), /confirm/i);
  });
  await go("sign-up: a code that was never sent is refused", () => refused(Account.confirmAccount("0".repeat(34)), /link/));
  await go("sign-up: the confirmation is sent again", async () => {
    assert.match(await Account.resendConfirmation(email), /^Confirmation email sent/);
    const { body } = await mail(email, 2);
    const second = body.text.match(/#\/account\/confirm\/(\w+)/)?.[1];
    assert.ok(second, "expected a code in the second mail");
    assert.notEqual(second, has.code);
    has.secondCode = second;
  });
  await go("sign-up: a confirmation that is sent again asks for a password", () => refused(Account.confirmAccount(has.secondCode), /asks for a password/));
  await go("sign-up: confirm", async () => {
    assert.equal(await Account.confirmAccount(has.code), "Account confirmed successfully");
  });
  await go("sign-up: a code works once, and none that is left works after it", async () => {
    await refused(Account.confirmAccount(has.code), /link/);
    const late = await ask("POST", "/account/passwordreset", { token: has.secondCode, json: { password } });
    assert.ok(late.status === 400 || late.status === 401, `expected a refusal, came ${describe(late)}`);
  });
  await go("sign-up: a confirmed address gets the same answer when it asks for the mail again", async () => {
    assert.match(await Account.resendConfirmation(email), /^Confirmation email sent/);
  });

  await go("login", async () => {
    const login = await Account.login({ email: ` ${email} `, password });
    const { id, profiles } = login;
    assert.match(id, /^[0-9a-f]{24}$/);
    assert.match(profiles[0]?.id, /^[0-9a-f]{24}$/);
    assert.deepEqual(login, {
      type: "user", id, email, company: "Walkers", name: signUp.name, phone: null,
      profiles: [{ id: profiles[0].id, name: signUp.name, logo_url: null, account: id, from_share: false }],
    });
    [has.account, has.profile] = [id, profiles[0].id];
  });
  await go("login: a wrong password is refused", async () => {
    const told = await refused(Account.login({ email, password: "not this one" }), /Invalid credentials/);
    assert.deepEqual(told, { code: "invalid_credentials" });
  });
  if (major > 10) {
    await go("login: the server named by a region object", async () => {
      const login = await Account.login({ email, password }, { api: process.env.TAGOIO_API, sse: `${process.env.TAGOIO_API}/sse` });
      assert.equal(login.email, email);
    });
  }
  await go("login: make a token", async () => {
    const made = await Account.tokenCreate({ profile_id: has.profile, email, password, name: "walk", expire_time: "3 month" });
    assert.match(made.token, /^p-[0-9A-Za-z]{34}$/);
    assert.deepEqual([made.name, made.permission, made.profile, made.created_by], ["walk", "full", has.profile, has.account]);
    near(new Date(made.expire_date), inMonths(3), "the end");
    has.token = made.token;
  });
  await go("login: no token for a profile of somebody else", async () => {
    const [theirs] = answers(await ask("GET", "/profile", { token: demo.token }), 200);
    has.theirs = theirs.id;
    await refused(Account.tokenCreate({ profile_id: theirs.id, email, password, name: "walk" }), "Profile Not Found");
  });

  await go("account: info", async () => {
    const account = await open(has.token).account.info();
    for (const field of ["created_at", "updated_at", "last_login"]) near(account[field], Date.now(), field);
    const wanted = {
      id: has.account, type: "user", active: true, blocked: false, name: signUp.name, email, plan: "free", timezone: "Europe/Lisbon",
      developer: true, phone: null, otp: { authenticator: false, sms: false, email: false },
    };
    assert.deepEqual({ ...account, ...wanted }, account);
  });
  await go("second factor: an authenticator", async () => {
    const { account } = open(has.token);
    const url = await account.enableOTP({ email, password }, "authenticator");
    assert.match(url, /^otpauth:\/\/totp\/Profiles:/);
    const secret = new URL(url).searchParams.get("secret");
    await refused(account.confirmOTP("12345", "authenticator"), /six digits/);
    const codes = (await account.confirmOTP(pinOf(secret, -1), "authenticator")).match(/[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){2}/g);
    assert.equal(codes.length, 10);
    assert.deepEqual((await account.info()).otp, { authenticator: true, sms: false, email: false });
    // As TagoIO's command line does: the refusal is JSON, and the pin goes with the sign-in and with the token that follows.
    const told = await refused(Account.login({ email, password }), JSON.stringify({ otp_enabled: ["authenticator"], otp_autosend: "authenticator" }));
    assert.deepEqual(told, { code: "second_factor_required", details: { factors: ["authenticator"], first: "authenticator" } });
    await refused(Account.requestLoginPINCode({ email, password }, "sms"), /sms is not offered/);
    const pin = { otp_type: "authenticator", pin_code: pinOf(secret, 0) };
    assert.equal((await Account.login({ email, password, ...pin })).email, email);
    const made = { profile_id: has.profile, email, password, name: "with a pin", ...pin };
    const { token } = await Account.tokenCreate(made);
    answers(await ask("DELETE", `/profile/current/token/${token}`, { token }), 200);
    // A wrong pin counts as an attempt to sign in, of which a walk has few.
    if (major === 12) await refused(Account.tokenCreate(made), /Invalid PIN/);
    await refused(account.disableOTP({ email, password }, "authenticator"), /otp_enabled/);
    assert.equal((await Account.login({ email, password, pin_code: codes[0] })).email, email);
    assert.match(await account.disableOTP({ email, password, otp_type: "authenticator", pin_code: pinOf(secret, 1) }, "authenticator"), /disabled/);
    assert.equal((await Account.login({ email, password })).email, email);
    if (major === 12) await refused(account.enableOTP({ email, password }, "email"), /starter and scale/);
  });
  await go("account: edit", async () => {
    const { account } = open(has.token);
    const edit = {
      name: "Wanda Walker", company: "Walks", phone: "+351 1", country: "BR", language: "pt", timezone: "America/Sao_Paulo", newsletter: true,
      options: { date_format: "DD-MM-YYYY", time_format: "24", decimal_separator: ",", thousand_separator: ".", show_last_updated_at: "menu" },
    };
    assert.equal(await account.edit(edit), "Account Successfully Updated");
    const now = await account.info();
    for (const [field, value] of Object.entries(edit)) {
      if (field === "options") assert.deepEqual({ ...now.options, ...value }, now.options);
      else assert.equal(now[field], value);
    }
    assert.equal(await account.edit({ phone: null }), "Account Successfully Updated");
    assert.equal((await account.info()).phone, null);
  });
  await go("account: an edit with a value that is none of the known ones is refused", () =>
    refused(open(has.token).account.edit({ options: { time_format: "13" } }), /time_format/));
  if (major > 10) {
    await go("account: the deprecated class of version 10", async () => {
      const account = new Account({ token: has.token });
      assert.equal((await account.info()).email, email);
      assert.equal((await account.profiles.list())[0].id, has.profile);
    });
  }

  await go("profile: list", async () => {
    assert.deepEqual(await open(has.token).profiles.list(), [{ id: has.profile, name: signUp.name, logo_url: null }]);
  });
  await go("profile: info, by id and as current", async () => {
    const { profiles } = open(has.token);
    const info = await profiles.info(has.profile);
    near(info.info.created_at, Date.now(), "created_at");
    near(info.info.updated_at, Date.now(), "updated_at");
    assert.deepEqual([info.info.id, info.info.account, info.info.name, info.account_plan], [has.profile, has.account, signUp.name, "free"]);
    assert.deepEqual(info.allocation, freeAmounts);
    assert.deepEqual(owned(info.addons), { custom_dns: false, mobile: false });
    assert.deepEqual(await profiles.info("current"), info);
  });
  await go("command line: what init and list-env ask for", async () => {
    // The requests of tago-io/tagoio-cli 3.2.0 (src/commands/start-config.ts and list-env.ts), whose package the registry does not have; set-env
    // asks for nothing.
    const account = new Account({ token: has.token });
    const { info } = await account.profiles.info("current");
    const { email: address } = await account.info();
    assert.deepEqual([info.id, info.name, address], [has.profile, signUp.name, email]);
    assert.deepEqual(await account.analysis.list({ amount: 35, fields: ["id", "name", "tags"] }), []);
    assert.match(exchanges.at(-1).path, /^\/analysis\/\?page=1&fields%5B0%5D=id&.*&amount=35&orderBy=name%2Casc$/);
  });
  await go("profile: edit", async () => {
    const { profiles } = open(has.token);
    const logo_url = "https://example.com/logo.png";
    assert.equal(await profiles.edit(has.profile, { name: "Renamed", logo_url }), "Successfully Updated");
    const { info } = await profiles.info(has.profile);
    assert.deepEqual([info.name, info.logo_url, info.banner_url], ["Renamed", logo_url, null]);
    assert.deepEqual(await profiles.list(), [{ id: has.profile, name: "Renamed", logo_url }]);
    assert.equal(await profiles.edit(has.profile, { logo_url: null }), "Successfully Updated");
    assert.deepEqual(await profiles.list(), [{ id: has.profile, name: "Renamed", logo_url: null }]);
  });
  await go("profile: edit with a whole profile, as the type of the SDK has it", async () => {
    const { profiles } = open(has.token);
    const { info, ...rest } = await profiles.info("current");
    assert.equal(await profiles.edit(has.profile, { ...rest, info: { ...info, name: "Nested" } }), "Successfully Updated");
    assert.equal((await profiles.info("current")).info.name, "Nested");
  });
  await go("profile: edit with a bad address is refused", () =>
    refused(open(has.token).profiles.edit(has.profile, { logo_url: "javascript:alert(1)" }), /logo_url/));
  await go("profile: summary", async () => {
    const summary = await open(has.token).profiles.summary(has.profile);
    assert.deepEqual(summary.limit, { ...freeAmounts, tcore: 0 });
    assert.deepEqual(Object.keys(summary.limit_used).sort(), [...services, "tcore", "tcore_cluster", "dashboard_output"].sort());
    assert.ok(Object.values({ ...summary.limit_used, ...summary.amount }).every(Number.isInteger), `expected numbers, came ${inspect(summary)}`);
    assert.match(summary.tago_run, /\.tago\.run$/);
  });
  if (major > 10) {
    await go("profile: summary of amounts only", async () => {
      assert.ok("device" in (await open(has.token).profiles.summary(has.profile, { onlyAmount: true })).amount);
    });
  }
  await go("profile: the limit of the Free plan", async () => {
    const told = await refused(open(has.token).profiles.create({ name: "Second" }), limitText);
    assert.deepEqual(told, { code: "profiles_full", details: { limit: 1, used: 1, plan: "free" } });
  });
  await go("account: no SDK deletes it, as none sends the password", async () => {
    const { account } = open(has.token);
    await refused(account.delete(), /password is required/);
    assert.equal((await account.info()).email, email);
  });
  await go("profile: the last one stays", async () => {
    const { profiles } = open(has.token);
    await refused(profiles.delete(has.profile, { password }), /./);
    assert.equal((await profiles.list()).length, 1);
  });
  await go("profile: one of somebody else does not exist", async () => {
    const { profiles } = open(has.token);
    await refused(profiles.info(has.theirs), "Profile Not Found");
    await refused(profiles.summary(has.theirs), "Profile Not Found");
    await refused(profiles.tokenList(has.theirs), "Profile Not Found");
    await refused(profiles.edit(has.theirs, { name: "Mine" }), "Profile Not Found");
    await refused(profiles.transferTokenToAnotherProfile(has.theirs), "Profile Not Found");
  });

  // ---- tokens

  const credentials = { email, password };
  const fixed = new Date(Date.now() + 40 * day);
  // A date without a time ends with that day where the account is: São Paulo, three hours behind UTC all year.
  const endOfDay = (date) => new Date(Date.parse(date.toISOString().slice(0, 10)) + day + 3 * hour);
  const kinds = [
    { name: "walk-1", permission: "full", expire_time: "never", end: () => "never" },
    { name: "walk-2", permission: "write", expire_time: fixed, end: () => fixed },
    { name: "walk-3", permission: "read", expire_time: "1 day", end: () => Date.now() + day },
    { name: "walk-4", permission: "read", expire_time: "3 hours", end: () => Date.now() + 3 * hour },
    { name: "walk-5", permission: "full", expire_time: fixed.toISOString().slice(0, 10), end: () => endOfDay(fixed) },
    { name: "walk-6", permission: "full", end: () => inMonths(1) },
  ];
  for (const { end, ...kind } of kinds) {
    const ends = kind.expire_time instanceof Date ? "on a Date" : kind.expire_time ?? "when the server says";
    await go(`token: ${kind.permission}, ends ${ends}`, async () => {
      const made = await open(has.token).profiles.tokenCreate(has.profile, { ...kind, ...credentials });
      assert.match(made.token, /^p-[0-9A-Za-z]{34}$/);
      assert.deepEqual([made.name, made.permission], [kind.name, kind.permission]);
      if (end() === "never") assert.equal(made.expire_date, "never");
      else near(made.expire_date, end(), "expire_date");
      has[kind.name] = made.token;

      const info = await new Authorization({ token: made.token, details: true }).info();
      near(info.created_at, Date.now(), "created_at");
      const wanted = { name: kind.name, type: "profile", permission: kind.permission, ref_id: has.profile, created_by: has.account };
      assert.deepEqual({ ...info, ...wanted }, info);
      assert.deepEqual(info.expire_time, made.expire_date);
    });
  }
  for (const [what, change, message] of [
    ["an end that is no date", { expire_time: "soon" }, /expire_time/],
    ["an end that is past", { expire_time: new Date(0) }, /future/],
    ["an unknown permission", { permission: "deny" }, /permission/],
    ["no name", { name: undefined }, /name/],
    ["no password", { password: undefined }, /password is required/],
    ["a wrong password", { password: "not this one" }, "Invalid password"],
  ]) {
    await go(`token: ${what} is refused`, () =>
      refused(open(has.token).profiles.tokenCreate(has.profile, { name: "walk-no", permission: "read", ...credentials, ...change }), message));
  }

  const names = (rows) => rows.map((row) => row.name);
  const mine = { name: "walk-*" };
  await go("token: list", async () => {
    const rows = await open(has.token).profiles.tokenList(has.profile);
    // Newest first is the order that the SDK asks for.
    assert.deepEqual(names(rows), [...kinds.map((kind) => kind.name).reverse(), "walk"]);
    for (const row of rows) {
      assert.deepEqual(Object.keys(row).sort(), ["created_at", "expire_time", "name", "permission", "token"]);
      // No secrets but the one that the request carries.
      if (row.token !== has.token) assert.match(row.token, /^p-[0-9A-Za-z]{8}\*{26}$/);
      near(row.created_at, Date.now(), "created_at");
      if (row.expire_time !== "never") isDate(row.expire_time, "expire_time");
    }
    assert.equal(rows.filter((row) => row.token === has.token).length, 1);
  });
  await go("token: list some fields", async () => {
    const rows = await open(has.token).profiles.tokenList(has.profile, { fields: ["name", "created_by"] });
    assert.deepEqual(Object.keys(rows[0]).sort(), ["created_at", "created_by", "expire_time", "name"]);
  });
  await go("token: list with filters", async () => {
    const { profiles } = open(has.token);
    const find = async (filter) => names(await profiles.tokenList(has.profile, { filter, orderBy: ["name", "asc"] }));
    assert.deepEqual(await find(mine), kinds.map((kind) => kind.name));
    assert.deepEqual(await find({ name: "*-4" }), ["walk-4"]);
    assert.deepEqual(await find({ name: "walk" }), ["walk"]);
    assert.deepEqual(await find({ name: "nothing*" }), []);
    assert.deepEqual(await find({ permission: "read" }), ["walk-3", "walk-4"]);
    assert.deepEqual(await find({ permission: "read", name: "*4" }), ["walk-4"]);
    // Published snippets find the profile of a token by the token.
    assert.deepEqual(await find({ token: has["walk-2"] }), ["walk-2"]);
  });
  await go("token: list in order", async () => {
    const { profiles } = open(has.token);
    const sorted = async (...orderBy) => names(await profiles.tokenList(has.profile, { filter: mine, orderBy }));
    const rising = kinds.map((kind) => kind.name);
    assert.deepEqual(await sorted("name", "asc"), rising);
    assert.deepEqual(await sorted("name", "desc"), rising.toReversed());
    assert.deepEqual(await sorted("created_at", "asc"), rising);
    assert.deepEqual(await sorted("permission", "asc"), ["walk-1", "walk-5", "walk-6", "walk-3", "walk-4", "walk-2"]);
  });
  await go("token: list in pages", async () => {
    const { profiles } = open(has.token);
    const pages = [];
    for (const page of [1, 2, 3, 4]) {
      pages.push(names(await profiles.tokenList(has.profile, { page, amount: 3, orderBy: ["created_at", "asc"] })));
    }
    assert.deepEqual(pages, [["walk", "walk-1", "walk-2"], ["walk-3", "walk-4", "walk-5"], ["walk-6"], []]);
  });
  await go("token: an unknown field to sort by is refused", () =>
    refused(open(has.token).profiles.tokenList(has.profile, { orderBy: ["shoe_size", "asc"] }), /orderBy/));

  await go("token: rotate", async () => {
    const { profiles } = open(has.token);
    const old = await profiles.tokenCreate(has.profile, { name: "spare", permission: "read", expire_time: "1 day", ...credentials });
    const json = { grace: "1 hour", password };
    const made = answers(await ask("POST", `/profile/${has.profile}/token/${old.token.slice(2, 10)}/rotate`, { token: has.token, json }), 200);
    assert.deepEqual([made.name, made.permission, made.expire_time], ["spare", "read", old.expire_date.toISOString?.() ?? old.expire_date]);
    near(new Date(made.grace_ends), Date.now() + hour, "the end of the grace");
    for (const token of [old.token, made.token]) assert.equal((await new Authorization({ token }).info()).name, "spare");
    assert.equal(await tokenDelete(has.token, has.profile, old.token), "Token Successfully Removed");
    assert.equal(await tokenDelete(has.token, has.profile, made.token), "Token Successfully Removed");
    await refused(new Authorization({ token: made.token }).info(), /Authorization Denied/);
  });
  await go("audit log", async () => {
    const { profiles } = open(has.token);
    const log = await profiles.auditLog(has.profile);
    assert.equal(log.status, "Complete");
    const rotated = log.events.find((e) => e.message === "Token rotated");
    assert.equal(rotated.who, has.account);
    near(rotated.date, Date.now(), "date");
    const again = await profiles.auditLogQuery(has.profile, log.queryId);
    assert.ok(again.events.length >= log.events.length);
    await refused(profiles.auditLog(has.profile, { resourceName: "token" }), /plan/);
    const own = answers(await ask("GET", "/account/auditlog", { token: has.token }), 200).events.map((e) => e.message);
    assert.ok(own.includes("Signed in") && own.includes("Second factor enabled"), `the account's log has ${own}`);
  });

  await go("token: read permission reads and does not write", async () => {
    const { account, profiles } = open(has["walk-3"]);
    assert.equal((await account.info()).email, email);
    assert.equal((await profiles.info("current")).info.id, has.profile);
    assert.equal((await profiles.tokenList(has.profile)).length, 7);
    await refused(account.edit({ name: "No" }), /Authorization Denied/);
    await refused(profiles.edit(has.profile, { name: "No" }), /Authorization Denied/);
    await refused(profiles.create({ name: "No" }), /Authorization Denied/);
    await refused(profiles.tokenCreate(has.profile, { name: "no", permission: "full", ...credentials }), /Authorization Denied/);
    await refused(tokenDelete(has["walk-3"], has.profile, has["walk-1"]), /Authorization Denied/);
    await refused(profiles.transferTokenToAnotherProfile(has.profile), /Authorization Denied/);
  });
  await go("token: write permission writes and does not delete", async () => {
    const { profiles } = open(has["walk-2"]);
    assert.equal(await profiles.edit(has.profile, { name: "Written" }), "Successfully Updated");
    await refused(tokenDelete(has["walk-2"], has.profile, has["walk-1"]), /Authorization Denied/);
    await refused(profiles.delete(has.profile, { password }), /Authorization Denied/);
  });
  await go("token: delete by the token itself", async () => {
    const target = has["walk-1"];
    assert.equal(await tokenDelete(has.token, has.profile, target), "Token Successfully Removed");
    await refused(open(target).account.info(), /Authorization Denied/);
    await refused(open(target).profiles.list(), /Authorization Denied/);
    await refused(new Authorization({ token: target }).info(), /Authorization Denied/);
    await refused(tokenDelete(has.token, has.profile, target), "Token Not Found");
  });
  await go("token: delete by what the list shows", async () => {
    const { profiles } = open(has.token);
    const target = has["walk-4"];
    const [row] = await profiles.tokenList(has.profile, { filter: { name: "walk-4" } });
    assert.equal(await tokenDelete(has.token, has.profile, row.token), "Token Successfully Removed");
    await refused(open(target).account.info(), /Authorization Denied/);
    const left = names(await profiles.tokenList(has.profile, { filter: mine, orderBy: ["name", "asc"] }));
    assert.deepEqual(left, ["walk-2", "walk-3", "walk-5", "walk-6"]);
  });
  await go("token: what the list shows opens nothing", async () => {
    const [row] = await open(has.token).profiles.tokenList(has.profile, { filter: { name: "walk-6" } });
    await refused(open(row.token).account.info(), /Authorization Denied/);
  });
  await go("token: one of somebody else is not deleted", async () => {
    await refused(tokenDelete(has.token, has.profile, demo.token), "Token Not Found");
    answers(await ask("GET", "/info", { token: demo.token }), 200);
  });
  await go("token: an ended one is refused and not listed", async () => {
    const { profiles } = open(has.token);
    const short = { name: "walk-short", permission: "read", expire_time: "1 second", ...credentials };
    const { token, expire_date } = await profiles.tokenCreate(has.profile, short);
    isDate(expire_date, "expire_date");
    await new Promise((later) => setTimeout(later, Math.max(0, expire_date - Date.now() + 20)));
    await refused(open(token).account.info(), /Authorization Denied/);
    assert.deepEqual(await profiles.tokenList(has.profile, { filter: { name: "walk-short" } }), []);
  });
  await go("token: sign out, a token deletes itself", async () => {
    assert.equal(await tokenDelete(has.token, has.profile, has.token), "Token Successfully Removed");
    await refused(open(has.token).account.info(), /Authorization Denied/);
  });
}

async function walkScale({ version, major, Account, Authorization, open, tokenDelete }) {
  const go = (name, run) => step(version, name, run);
  const { email } = demo;
  const credentials = { email, password: demo.password };
  const has = bag();

  await go("Scale: login", async () => {
    has.before = await snapshot();
    const { profiles } = await Account.login(credentials);
    assert.deepEqual(profiles.map((p) => p.name), ["Ana", "Plant"]);
    has.home = profiles[0].id;
    has.others = profiles.slice(1).map((p) => p.id);
    has.token = (await Account.tokenCreate({ profile_id: has.home, ...credentials, name: `walk ${version}`, expire_time: "3 month" })).token;
  });
  await go("Scale: create a profile", async () => {
    const { profiles } = open(has.token);
    const { id } = await profiles.create({ name: `Walk ${version}` });
    has.spare = id;
    const { info, allocation, account_plan } = await profiles.info(id);
    assert.deepEqual([info.id, info.name, account_plan], [id, `Walk ${version}`, "scale"]);
    assert.deepEqual(allocation, Object.fromEntries(services.map((service) => [service, 0])));
    assert.deepEqual((await profiles.list()).map((p) => p.id), [has.home, ...has.others, id]);
  });
  await go("Scale: create a profile with what is free", async () => {
    const { profiles } = open(has.token);
    const sum = async () => {
      const all = await Promise.all((await profiles.list()).map((p) => profiles.info(p.id)));
      return Object.fromEntries(services.map((service) => [service, all.reduce((n, p) => n + p.allocation[service], 0)]));
    };
    const before = await sum();
    const { id } = await profiles.create({ name: `Walk ${version} free` }, { allocate_free_resources: true });
    has.greedy = id;
    assert.match(exchanges.findLast((x) => x.method === "POST").path, /^\/profile\/\?allocate_free_resources=true$/);
    const { allocation } = await profiles.info(id);
    const after = await sum();
    for (const service of services) {
      assert.equal(after[service], before[service] + allocation[service]);
      assert.ok(after[service] >= freeAmounts[service], `expected all of ${service} to be given to some profile, came ${after[service]}`);
    }
  });
  await go("Scale: switch a token to another profile and back", async () => {
    const { profiles } = open(has.token);
    const moved = async (to) => {
      assert.equal(await profiles.transferTokenToAnotherProfile(to), "Token Successfully Transferred");
      assert.equal(exchanges.at(-1).body, "");
      assert.equal((await profiles.info("current")).info.id, to);
      assert.equal((await new Authorization({ token: has.token }).info()).ref_id, to);
    };
    const listed = async (id) => (await profiles.tokenList(id, { filter: { name: `walk ${version}` } })).length;
    await moved(has.spare);
    assert.deepEqual([await listed(has.home), await listed(has.spare)], [0, 1]);
    await moved(has.home);
    assert.deepEqual([await listed(has.home), await listed(has.spare)], [1, 0]);
  });
  await go("Scale: a token of one profile makes and lists those of another", async () => {
    const { profiles } = open(has.token);
    const { token } = await profiles.tokenCreate(has.spare, { name: "doomed", permission: "full", expire_time: "never", ...credentials });
    assert.deepEqual((await profiles.tokenList(has.spare)).map((row) => row.name), ["doomed"]);
    assert.equal((await open(token).profiles.info("current")).info.id, has.spare);
    has.doomed = token;
  });
  await go("Scale: delete without a password is refused", async () => {
    const { profiles } = open(has.token);
    await refused(profiles.delete(has.spare), /password/);
    assert.equal(exchanges.at(-1).body, "");
    if (major > 10) await refused(profiles.delete(has.spare, {}), /password/);
    assert.ok((await profiles.list()).some((p) => p.id === has.spare), "expected the profile to be there still");
  });
  await go("Scale: delete with a wrong password is refused", async () => {
    const { profiles } = open(has.token);
    if (major > 10) await refused(profiles.delete(has.spare, { password: "not this one" }), "Invalid password");
    // SDK 10 has no way to send a password at all, and must not get around that with an argument more.
    else await refused(profiles.delete(has.spare, { password: demo.password }), /password/);
    assert.equal((await profiles.info(has.spare)).info.id, has.spare);
  });
  await go("Scale: delete", async () => {
    const { profiles } = open(has.token);
    const json = { password: demo.password };
    for (const id of [has.spare, has.greedy]) {
      if (major > 10) assert.equal(await profiles.delete(id, json), "Successfully Removed");
      else assert.equal(answers(await ask("DELETE", `/profile/${id}`, { token: has.token, json }), 200), "Successfully Removed");
      await refused(profiles.info(id), "Profile Not Found");
    }
    assert.deepEqual((await profiles.list()).map((p) => p.id), [has.home, ...has.others]);
  });
  await go("Scale: a deleted profile's tokens are dead", async () => {
    await refused(open(has.doomed).account.info(), /Authorization Denied/);
    await refused(open(has.doomed).profiles.list(), /Authorization Denied/);
  });
  await go("Scale: sign out", async () => {
    assert.equal(await tokenDelete(has.token, has.home, has.token), "Token Successfully Removed");
    await refused(open(has.token).account.info(), /Authorization Denied/);
  });
  await go("Scale: the account is as it was", async () => {
    try {
      assert.deepEqual(await snapshot(), has.before);
    } finally {
      await restore(has.before);
    }
  });
}

// ---- teams and notifications

const unsent = "0".repeat(34); // has the form of a code
const stranger = () => `walk-${randomBytes(6).toString("hex")}@example.com`;

// linksOf returns the two links of an invitation's mail, which its HTML part must have as well.
function linksOf({ body }) {
  const links = ["accept", "decline"].map((verb) => {
    const text = body.text.match(new RegExp(`https?://\\S+/team/${verb}/\\w+`))?.[0];
    const link = new URL(text ?? assert.fail(`expected a link to ${verb}, came ${body.text}`));
    assert.equal(link.origin, api.origin);
    // Servers and their logs do not see what stands behind the #.
    assert.match(link.hash, new RegExp(`^#/profile/team/${verb}/[0-9A-Za-z]+$`));
    assert.ok(body.html.includes(link.href), "expected the same link in the HTML part");
    return link;
  });
  const [code, same] = links.map((link) => link.hash.split("/").at(-1));
  assert.equal(same, code);
  return { links, code };
}

// scan does what link scanners and previews of mail programs do with the links of an invitation, and with what hides in them.
async function scan({ links, code }) {
  const requests = links.flatMap((link) => ["GET", "HEAD", "OPTIONS"].map((method) => [method, link.pathname + link.search]));
  for (const verb of ["accept", "decline"]) for (const method of ["HEAD", "OPTIONS"]) requests.push([method, `/profile/team/${verb}/${code}`]);
  for (const [method, path] of requests) {
    const x = await send(method, path);
    assert.ok(x.status < 500, `expected no 5xx, came ${describe(x)}`);
    if (method !== "GET") continue;
    assert.equal(x.status, 200);
    assert.match(x.headers["content-type"], /^text\/html/);
  }
}

// A profile is shared with a person who has an account and with one who has none yet, and taken back.
async function walkTeam({ version, major, Account, open }) {
  const go = (name, run) => step(version, `team: ${name}`, run);
  const owner = open(demo.token);
  const has = bag();
  const signIn = async (email, profile_id) => {
    const login = await Account.login({ email, password });
    const { token } = await Account.tokenCreate({ profile_id: profile_id ?? login.profiles[0].id, email, password, name: "walk" });
    return { ...login, token };
  };
  // Names are their own, so that what the owner is told can be told apart.
  const signUp = async (email, nth) => {
    const name = `Walker ${randomBytes(4).toString("hex")}`;
    await Account.create({ name, email, password, cpassword: password, timezone: "UTC", country: "PT", newsletter: false, developer: false });
    const { body } = await mail(email, nth);
    await Account.confirmAccount(body.text.match(/#\/account\/confirm\/(\w+)/)[1]);
    return signIn(email);
  };
  const unread = async (token) => {
    const list = await open(token).notifications.list({ page: 1, amount: 20, orderBy: ["created_at", "desc"], filter: { read: false } });
    list.forEach((n) => near(n.created_at, Date.now(), "created_at"));
    return list;
  };
  const offerOf = async (token) => {
    const offers = (await unread(token)).filter((n) => n.buttons.length > 0);
    assert.equal(offers.length, 1);
    const [offer] = offers;
    assert.match(offer.id, /^[0-9a-f]{24}$/);
    assert.match(offer.message, /ana@example\.com/);
    assert.deepEqual(offer.buttons.map((b) => b.triggers), [[{ share_profile: "accept" }], [{ share_profile: "refuse" }]]);
    assert.deepEqual([offer.read, offer.buttons_enabled, offer.buttons_autodisable], [false, true, true]);
    return offer;
  };
  // team checks what every row of the list must have, and returns those that the walk has made.
  const team = async (profiles = owner.profiles) => {
    const rows = await profiles.teamList(has.home);
    for (const row of rows) {
      assert.match(row.id, /^[0-9a-f]{24}$/);
      // The SDK for JavaScript leaves this a text, the one for Python parses it.
      assert.match(row.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      near(new Date(row.created_at), Date.now(), "created_at");
    }
    return rows;
  };
  const told = async (name, how) => {
    const [newest] = await owner.notifications.list({ page: 1, amount: 1 });
    assert.ok(newest.message.includes(name) && newest.message.includes(how), `expected ${name} and ${how}, came ${newest.message}`);
    assert.deepEqual([newest.read, newest.buttons], [false, []]);
    const { body } = await mail(demo.email, 1, name);
    assert.ok(body.text.includes(how), `expected ${how}, came ${body.text}`);
  };

  await go("the demo account", async () => {
    has.before = await snapshot();
    const [{ id, name }] = await owner.profiles.list();
    [has.home, has.name] = [id, name];
    assert.deepEqual(await team(), []);
  });
  await go("invite an address with an account", async () => {
    has.guest = await signUp(stranger(), 1);
    assert.equal(await owner.profiles.addTeamMember(has.home, has.guest.email), "User invited");
    has.invitation = linksOf(await mail(has.guest.email, 2));
    has.offer = await offerOf(has.guest.token);
  });
  await go("invite an address without one, with the same answer", async () => {
    has.newcomer = stranger();
    assert.equal(await owner.profiles.addTeamMember(has.home, has.newcomer), "User invited");
    has.newcomersInvitation = linksOf(await mail(has.newcomer, 1));
    const rows = await team();
    assert.deepEqual(rows.map((m) => [m.email, m.active, m.name]), [[has.guest.email, false, ""], [has.newcomer, false, ""]]);
    assert.ok(rows.every((m) => m.id !== has.guest.id), "expected an open invitation not to tell an account's id");
  });
  await go("fetching the links of both mails changes nothing", async () => {
    const before = await team();
    for (const invitation of [has.invitation, has.newcomersInvitation]) await scan(invitation);
    assert.deepEqual(await team(), before);
    assert.equal((await offerOf(has.guest.token)).id, has.offer.id);
  });
  await go("inviting again within a minute, oneself and nonsense are refused", async () => {
    for (const email of [has.guest.email, has.newcomer, has.newcomer.toUpperCase()]) {
      await refused(owner.profiles.addTeamMember(has.home, email), /^Too many requests \(Retry-After: \d+\): this address was invited/);
      assert.equal(exchanges.at(-1).status, 429);
    }
    await refused(owner.profiles.addTeamMember(has.home, demo.email), /your own address/);
    for (const email of ["nobody", "", undefined]) await refused(owner.profiles.addTeamMember(has.home, email), /email/);
    assert.equal((await team()).length, 2);
  });
  await go("a Free profile has no team", () =>
    refused(open(has.guest.token).profiles.addTeamMember(has.guest.profiles[0].id, stranger()), /team members \(0\)/));
  await go("a profile that is not shared yet does not exist for the invited", async () => {
    const { profiles } = open(has.guest.token);
    await refused(profiles.info(has.home), "Profile Not Found");
    await refused(profiles.teamList(has.home), "Profile Not Found");
    await refused(profiles.deleteTeamMember(has.home, has.guest.id), "Profile Not Found");
  });
  await go("a code that was never sent, and one whose address has no account, are refused", async () => {
    await refused(Account.acceptTeamInvitation(unsent), /not valid/);
    await refused(Account.declineTeamInvitation(unsent), /not valid/);
    await refused(Account.acceptTeamInvitation(has.newcomersInvitation.code), /no account yet/);
    assert.equal((await team()).length, 2);
  });
  await go(`accept by ${major === 12 ? "the notification's button" : "the code of the mail"}`, async () => {
    const { notifications } = open(has.guest.token);
    if (major === 12) {
      await refused(notifications.notificationButton(has.offer.id, "maybe"), "Button Not Found");
      await refused(owner.notifications.notificationButton(has.offer.id, "accept"), "Notification Not Found");
      assert.equal(await notifications.notificationButton(has.offer.id, has.offer.buttons[0].id), "Invitation accepted");
      assert.deepEqual(await unread(has.guest.token), []);
    } else {
      assert.equal(await Account.acceptTeamInvitation(has.invitation.code), "Invitation accepted");
      assert.equal(exchanges.at(-1).sent.token, undefined);
    }
  });
  await go("an invitation works once", async () => {
    const { code } = has.invitation;
    await refused(Account.acceptTeamInvitation(code), /accepted already/);
    await refused(Account.declineTeamInvitation(code), /accepted already/);
    for (const button of ["accept", "refuse"]) {
      await refused(open(has.guest.token).notifications.notificationButton(has.offer.id, button), /accepted already/);
    }
    await refused(owner.profiles.addTeamMember(has.home, has.guest.email), /member of this profile already/);
  });
  await go("the buttons are off once it is answered", async () => {
    const offer = (await open(has.guest.token).notifications.list()).find((n) => n.id === has.offer.id);
    assert.equal(offer.buttons_enabled, false);
  });
  await go("the owner is told of the acceptance", () => told(has.guest.name, "accepted"));
  await go("the profile is in the member's lists", async () => {
    const { profiles, token } = await signIn(has.guest.email, has.home);
    has.token = token;
    for (const list of [profiles, await open(has.guest.token).profiles.list()]) {
      assert.deepEqual(list.map((p) => [p.id, p.from_share ?? false]), [[has.guest.profiles[0].id, false], [has.home, true]]);
      assert.equal(list[1].name, has.name);
    }
    // Addresses are the owner's to see.
    for (const [{ profiles }, address] of [[owner, has.guest.email], [open(token), ""]]) {
      const [member] = (await team(profiles)).filter((m) => m.active);
      assert.deepEqual([member.id, member.email, member.name], [has.guest.id, address, has.guest.name]);
    }
    assert.equal((await owner.profiles.list()).find((p) => p.id === has.home).from_share ?? false, false);
  });
  await go("a member reads and renames", async () => {
    const { account, profiles } = open(has.token);
    assert.equal((await account.info()).id, has.guest.id);
    assert.equal((await profiles.info("current")).info.id, has.home);
    assert.equal((await profiles.summary(has.home)).limit.input, (await owner.profiles.summary(has.home)).limit.input);
    assert.equal(await profiles.edit(has.home, { name: `Renamed ${version}` }), "Successfully Updated");
    assert.equal((await owner.profiles.info(has.home)).info.name, `Renamed ${version}`);
    assert.equal(await profiles.edit(has.home, { name: has.name }), "Successfully Updated");
  });
  await go("a member owns nothing of it", async () => {
    const { profiles } = open(has.token);
    await refused(profiles.addTeamMember(has.home, stranger()), /owner/);
    for (const row of (await team()).filter((m) => !m.active)) await refused(profiles.deleteTeamMember(has.home, row.id), /owner/);
    await refused(profiles.deleteTeamMember(has.home, has.before.account.id), /owner/);
    await refused(profiles.delete(has.home, { password }), major > 10 ? /owner/ : /owner|password/);
    answers(await ask("DELETE", `/profile/${has.home}`, { token: has.token, json: { password } }), 403, /owner/);
    answers(await ask("PUT", `/profile/${has.home}/team/${has.guest.id}`, { token: has.token, json: { permission: "full" } }), 403, /owner/);
    assert.equal((await profiles.info(has.home)).info.name, has.name);
  });
  await go("a lower permission holds for the next request", async () => {
    const to = async (permission) =>
      answers(await ask("PUT", `/profile/${has.home}/team/${has.guest.id}`, { token: demo.token, json: { permission } }), 200);
    await to("read");
    await refused(open(has.token).profiles.edit(has.home, { name: "mine" }), /Authorization Denied/);
    assert.equal((await open(has.token).profiles.info(has.home)).info.id, has.home);
    await to("full");
    assert.equal(await open(has.token).profiles.edit(has.home, { name: has.name }), "Successfully Updated");
  });
  await go("a removed member is out at once", async () => {
    assert.equal(await owner.profiles.deleteTeamMember(has.home, has.guest.id), "Account Successfully Removed");
    await refused(open(has.token).profiles.info(has.home), /Authorization Denied/);
    await refused(open(has.token).account.info(), /Authorization Denied/);
    const { profiles } = open(has.guest.token);
    await refused(profiles.info(has.home), "Profile Not Found");
    const { email } = has.guest;
    await refused(Account.tokenCreate({ profile_id: has.home, email, password, name: "walk" }), "Profile Not Found");
    for (const list of [await profiles.list(), (await Account.login({ email, password })).profiles]) {
      assert.deepEqual(list.map((p) => p.id), [has.guest.profiles[0].id]);
    }
    await refused(owner.profiles.deleteTeamMember(has.home, has.guest.id), "Account Not Found");
    await refused(Account.acceptTeamInvitation(has.invitation.code), /accepted already/);
    assert.deepEqual((await team()).map((m) => m.email), [has.newcomer]);
  });
  await go(`an account made later finds the invitation, and declines by ${major === 11 ? "the button" : "the code of the mail"}`, async () => {
    const { code } = has.newcomersInvitation;
    const { id, name, token } = await signUp(has.newcomer, 2);
    const offer = await offerOf(token);
    assert.ok((await team()).every((m) => !m.active && m.id !== id && m.name === ""), "expected the list not to tell that there is an account now");
    if (major === 11) assert.equal(await open(token).notifications.notificationButton(offer.id, offer.buttons[1].id), "Invitation declined");
    else assert.equal(await Account.declineTeamInvitation(code), "Invitation declined");
    await refused(Account.declineTeamInvitation(code), /declined already/);
    await refused(Account.acceptTeamInvitation(code), /declined already/);
    assert.deepEqual(await team(), []);
    assert.equal((await open(token).profiles.list()).length, 1);
    // The code alone does not say who sends it.
    await told(major === 11 ? name : has.newcomer, "declined");
  });
  await go("the demo account is as it was", async () => {
    // Editing a profile dates it, and signing in to it does as well.
    const undated = ({ profiles, ...rest }) => ({
      ...rest, profiles: Object.values(profiles).map(({ info: { updated_at, ...info }, ...profile }) => ({ ...profile, info })),
    });
    try {
      assert.deepEqual(undated(await snapshot()), undated(has.before));
    } finally {
      await restore(has.before);
    }
  });
}

// ---- transfers

const person = async (name) => {
  const email = `${name}@example.com`;
  const { id, profiles } = answers(await ask("POST", "/account/login", { json: { email, password: demo.password } }), 200);
  const own = profiles.find((p) => p.account === id);
  const json = { profile_id: own.id, email, password: demo.password, name: "walk", expire_time: "1 hour" };
  const { token } = answers(await ask("POST", "/account/profile/token", { json }), 200);
  return { id, email, token, home: own.id };
};

// No SDK asks for a transfer; what is left of a profile for its old and its new owner must look right through all of them.
async function walkTransfer({ version, major, Authorization, open }) {
  const go = (name, run) => step(version, `transfer: ${name}`, run);
  const owner = open(demo.token);
  const has = bag();
  const did = async (who, method, path, json) => answers(await ask(method, path, { token: who.token, json }), 200);

  await go("the demo accounts", async () => {
    has.before = await snapshot();
    // Whoever receives a profile keeps it while it can be asked back: another account in each walk.
    [has.ben, has.sam] = [{ ...(await newcomer("Ben")), password }, await person("sam")];
    await did(has.ben, "POST", "/account/plan", { plan: "starter" });
    has.accounts = await Promise.all([owner, open(has.ben.token)].map(({ account }) => account.info()));
    const { id } = await owner.profiles.create({ name: `Gift ${version}` });
    has.gift = id;
    const { token } = await owner.profiles.tokenCreate(id, { name: "gift", permission: "full", expire_time: "never", email: demo.email, password: demo.password });
    assert.equal((await new Authorization({ token }).info()).ref_id, id);
    has.dead = token;
  });
  await go("an offered profile stays with its owner", async () => {
    const { ben, sam, gift } = has;
    const { ticket } = await did(demo, "POST", `/profile/${gift}/transfer`, { email: ben.email, password: demo.password });
    const code = async (to, verb) => (await mail(to, 1, `#/transfer/${verb}/${ticket}/`)).body.text.match(new RegExp(`/${verb}/${ticket}/(\\w+)`))[1];
    await did(demo, "POST", `/transfer/${ticket}/confirm`, { code: await code(demo.email, "confirm"), password: demo.password });
    await did(sam, "POST", `/desk/transfer/${ticket}/approve`);
    assert.equal((await owner.profiles.info(gift)).info.account, has.before.account.id);
    await refused(open(ben.token).profiles.info(gift), "Profile Not Found");
    const accept = { code: await code(ben.email, "accept"), password: has.ben.password, name: `Given ${version}`, keep_owner: "read" };
    assert.equal((await did(ben, "POST", `/transfer/${ticket}/accept`, accept)).state, "completed");
  });
  await go("the new owner's", async () => {
    const { account, profiles } = open(has.ben.token);
    assert.deepEqual((await profiles.list()).map((p) => [p.id, p.from_share ?? false]).sort(), [[has.ben.home, false], [has.gift, false]].sort());
    const { info, account_plan } = await profiles.info(has.gift);
    near(info.updated_at, Date.now(), "updated_at");
    assert.deepEqual([info.account, info.name, account_plan], [has.ben.id, `Given ${version}`, "starter"]);
    assert.deepEqual(Object.keys((await profiles.summary(has.gift)).limit).sort(), [...services, "tcore"].sort());
    assert.deepEqual((await profiles.teamList(has.gift)).map((m) => [m.id, m.email, m.active]), [[has.before.account.id, demo.email, true]]);
    assert.deepEqual(await profiles.tokenList(has.gift), []);
    assert.equal(await profiles.edit(has.gift, { name: `Mine ${version}` }), "Successfully Updated");
    const { token } = await profiles.tokenCreate(has.gift, { name: "new", permission: "full", email: has.ben.email, password: has.ben.password });
    assert.equal((await open(token).account.info()).id, has.ben.id);
    assert.deepEqual(undated(await account.info()), undated(has.accounts[1]));
  });
  await go("the old owner's", async () => {
    await refused(open(has.dead).account.info(), /Authorization Denied/);
    await refused(open(has.dead).profiles.info("current"), /Authorization Denied/);
    const shared = (await owner.profiles.list()).find((p) => p.id === has.gift);
    assert.deepEqual([shared.name, shared.from_share], [`Mine ${version}`, true]);
    assert.equal((await owner.profiles.info(has.gift)).info.account, has.ben.id);
    await refused(owner.profiles.edit(has.gift, { name: "Back" }), /Authorization Denied/);
    await refused(owner.profiles.addTeamMember(has.gift, stranger()), /Authorization Denied|owner/);
    if (major > 10) await refused(owner.profiles.delete(has.gift, { password: demo.password }), /Authorization Denied|owner/);
    assert.equal(await owner.profiles.deleteTeamMember(has.gift, has.before.account.id), "Account Successfully Removed");
    await refused(owner.profiles.info(has.gift), "Profile Not Found");
    assert.deepEqual(undated(await owner.account.info()), undated(has.accounts[0]));
  });
  await go("the demo accounts are as they were", async () => {
    try {
      for (const path of [`/profile/${has.gift}`, "/account"]) {
        answers(await ask("DELETE", path, { token: has.ben.token, json: { password: has.ben.password } }), 403, /can ask for it back until/);
      }
      assert.deepEqual(await snapshot(), has.before);
    } finally {
      await restore(has.before);
    }
  });
}

// undated is an account without what requests and moves date.
const undated = ({ updated_at, last_login, ...account }) => account;

async function walkNotifications({ version, Account, open }) {
  const go = (name, run) => step(version, `notification: ${name}`, run);
  const email = stranger();
  const has = bag();
  const titles = async (query) => {
    const list = await open(has.token).notifications.list(query);
    list.forEach((n) => near(n.created_at, Date.now(), "created_at"));
    return list.map((n) => n.title);
  };
  const sent = () => decodeURIComponent(exchanges.at(-1).path);

  await go("an account", async () => {
    await Account.create({ name: "Walk", email, password, cpassword: password, timezone: "UTC", country: "PT", newsletter: false, developer: false });
    await Account.confirmAccount((await mail(email, 1)).body.text.match(/#\/account\/confirm\/(\w+)/)[1]);
    const [{ id }] = (await Account.login({ email, password })).profiles;
    has.profile = id;
    has.token = (await Account.tokenCreate({ profile_id: id, email, password, name: "walk" })).token;
  });
  await go("create", async () => {
    const { notifications } = open(has.token);
    has.ids = [];
    for (const title of ["one", "two", "three"]) {
      const made = await notifications.create({ title, message: `The message\nof ${title}.`, ...(title === "two" && { read: true }) });
      assert.match(made.id, /^[0-9a-f]{24}$/);
      has.ids.push(made.id);
    }
    const [{ created_at, ...newest }] = await notifications.list();
    near(created_at, Date.now(), "created_at");
    assert.deepEqual(newest, {
      id: has.ids[2], title: "three", message: "The message\nof three.", type: "tago", icon: null, read: false, buttons: [], buttons_enabled: false, buttons_autodisable: false,
    });
  });
  await go("create without a text or with buttons is refused", async () => {
    const { notifications } = open(has.token);
    await refused(notifications.create({ message: "text" }), /title/);
    await refused(notifications.create({ title: "title" }), /message/);
    const buttons = [{ id: "go", label: "Go", triggers: [{ url: "http://127.0.0.1", method: "GET", body: {} }] }];
    await refused(notifications.create({ title: "title", message: "text", buttons }), /buttons/);
  });
  await go("list in order", async () => {
    assert.deepEqual(await titles(), ["three", "two", "one"]);
    assert.deepEqual(await titles({ orderBy: ["created_at", "desc"] }), ["three", "two", "one"]);
    assert.deepEqual(await titles({ orderBy: ["created_at", "asc"] }), ["one", "two", "three"]);
    assert.match(sent(), /orderBy\[0\]=created_at&orderBy\[1\]=asc/);
    await refused(open(has.token).notifications.list({ orderBy: ["title", "asc"] }), /orderBy/);
  });
  await go("list in pages", async () => {
    const pages = [];
    for (const page of [1, 2, 3]) pages.push(await titles({ page, amount: 2 }));
    assert.deepEqual(pages, [["three", "two"], ["one"], []]);
    assert.deepEqual(await titles({ page: 2, amount: 1, orderBy: ["created_at", "asc"], filter: { read: false } }), ["three"]);
  });
  await go("list the read or the unread, as the types and as the examples of the SDK have it", async () => {
    assert.deepEqual(await titles({ filter: { read: false } }), ["three", "one"]);
    assert.match(sent(), /filter\[read\]=false/);
    assert.deepEqual(await titles({ filter: { read: true } }), ["two"]);
    assert.deepEqual(await titles({ read: false, amount: 10 }), ["three", "one"]);
    assert.match(sent(), /[?&]read=false/);
    assert.deepEqual(await titles({ read: true }), ["two"]);
    await refused(open(has.token).notifications.list({ filter: { read: "maybe" } }), /read/);
  });
  await go("mark as read and as unread, one and many", async () => {
    const { notifications } = open(has.token);
    const [one, two, three] = has.ids;
    const updated = "TagoIO Notification Run Successfully Updated";
    assert.equal(await notifications.markAsRead(one), updated);
    assert.deepEqual(await titles({ filter: { read: true } }), ["two", "one"]);
    assert.equal(await notifications.markAsUnread([one, two, two]), updated);
    assert.deepEqual(await titles({ filter: { read: true } }), []);
    assert.equal(await notifications.markAsRead([two, three]), updated);
    assert.deepEqual(await titles({ filter: { read: false } }), ["one"]);
    await refused(notifications.markAsRead([]), /notification_ids/);
    // All or none.
    await refused(notifications.markAsRead([one, "0123456789abcdef01234567"]), "Notification Not Found");
    assert.deepEqual(await titles({ filter: { read: false } }), ["one"]);
  });
  await go("mark all as read", async () => {
    const { notifications } = open(has.token);
    for (let n = 0; n < 2; n++) assert.equal(await notifications.markAllAsRead(), "All TagoIO Notification Run Successfully Updated");
    assert.deepEqual(await titles({ filter: { read: false } }), []);
    assert.equal((await titles()).length, 3);
  });
  await go("one without buttons has none to press", () =>
    refused(open(has.token).notifications.notificationButton(has.ids[0], "accept"), "Button Not Found"));
  await go("those of somebody else do not exist", async () => {
    const { notifications } = open(demo.token);
    await refused(notifications.markAsRead(has.ids[0]), "Notification Not Found");
    await refused(notifications.remove(has.ids[0]), "Notification Not Found");
    await refused(notifications.notificationButton(has.ids[0], "accept"), "Notification Not Found");
  });
  await go("a token does what its permission says", async () => {
    const token = async (permission) =>
      (await open(has.token).profiles.tokenCreate(has.profile, { name: permission, permission, email, password })).token;
    const reader = open(await token("read")).notifications;
    assert.equal((await reader.list()).length, 3);
    for (const call of [
      () => reader.create({ title: "title", message: "text" }), () => reader.markAsRead(has.ids[0]), () => reader.markAllAsRead(),
      () => reader.remove(has.ids[0]),
    ]) await refused(call(), /Authorization Denied/);
    const writer = open(await token("write")).notifications;
    assert.match(await writer.markAsUnread(has.ids[0]), /Updated/);
    await refused(writer.remove(has.ids[0]), /Authorization Denied/);
  });
  await go("delete", async () => {
    const { notifications } = open(has.token);
    for (const id of has.ids) assert.equal(await notifications.remove(id), "Successfully Removed");
    await refused(notifications.remove(has.ids[0]), "Notification Not Found");
    await refused(notifications.remove("nonsense"), "Notification Not Found");
    assert.deepEqual(await titles(), []);
  });
}

// ---- without an SDK

// ---- subscriptions, allocation and use

// newcomer makes an account with the plan free, and a token of its only profile.
async function newcomer(name) {
  const email = stranger();
  answers(await ask("POST", "/account", { json: { name, email, password, cpassword: password } }), 200);
  answers(await ask("GET", (await mail(email, 1)).body.text.match(/#(\/account\/confirm\/\w+)/)[1]), 200);
  const { id, profiles } = answers(await ask("POST", "/account/login", { json: { email, password } }), 200);
  const json = { profile_id: profiles[0].id, email, password, name: "walk" };
  const { token } = answers(await ask("POST", "/account/profile/token", { json }), 200);
  return { id, email, token, home: profiles[0].id };
}

// report is what a data plane does; it has no SDK.
let reported = 0;
async function report(profile, ...lines) {
  const json = { lines: lines.map((line) => ({ event: `walk-${Date.now()}-${reported++}`, ...line })) };
  return { json, ...answers(await ask("POST", `/usage/${profile}`, { token: plane.token, json }), 200) };
}

// autoScale is what TagoIO's analysis of that name does (tago-io/analysis-autoscaling-profiles-limits), without its pause of 2 s between
// the purchase and the allocation: here a purchase holds at once.
async function autoScale({ profiles, billing }, token, environment) {
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
    if (!percent || !limit[service] || limit[service] * percent * 0.01 > limit_used[service]) continue;
    const next = prices[service].sort((a, b) => a.amount - b.amount).find(({ amount }) => amount > limits[service].limit);
    if (next) scaled[service] = { limit: next.amount };
  }
  if (Object.keys(scaled).length === 0) return { id, scaled };
  assert.ok(await billing.editSubscription({ services: scaled }), "expected an answer that is true enough for the analysis to go on");
  if ((await profiles.list()).length > 1) {
    const more = {};
    for (const service in scaled) more[service] = scaled[service].limit - limits[service].limit + limit[service];
    assert.ok(await billing.editAllocation([{ profile: id, ...more }]));
  }
  return { id, scaled };
}

const perService = (of) => Object.fromEntries(services.map((service) => [service, of(service)]));

async function walkBilling({ version, major, open }) {
  const go = (name, run) => step(version, `billing: ${name}`, run);
  const has = bag();
  const mine = () => open(has.me.token);
  const allocated = "Profile resource allocation Successfully Updated";
  const edited = "Subscription Successfully Updated";

  await go("a new account", async () => {
    has.me = await newcomer(`Payer ${version}`);
    has.home = has.me.home;
  });
  await go("subscription of the Free plan", async () => {
    const { billing } = mine();
    const { current_cycle: { start, end }, ...rest } = await billing.getSubscription();
    near(new Date(start), Date.now(), "the start of the cycle");
    assert.deepEqual(new Date(end), oneMonthAfter(start));
    assert.deepEqual(rest, {
      account: has.me.id, plan: "free", services: perService((service) => ({ limit: freeAmounts[service] })), addons: { custom_dns: [], mobile: [] },
      processing: false, upcoming_invoice_total: 0, trial_end: null,
    });
    assert.deepEqual(await billing.getSubscriptionSummary(), quiet);
    assert.deepEqual(await billing.getSubscriptionSchedule(), { account: has.me.id, release_at: null });
  });
  await go("prices, whole and for the rest of the cycle", async () => {
    const { billing, plan } = mine();
    const prices = await billing.getPrices();
    assert.deepEqual(Object.keys(prices).sort(), ["addons", "plans", ...services].sort());
    assert.deepEqual(prices.plans, [["free", 0], ["starter", 4900], ["scale", 19900]].map(([name, price]) => ({ name, price })));
    assert.deepEqual(prices.addons.map((a) => a.name).sort(), ["custom_dns", "mobile"]);
    for (const service of services) {
      const tiers = prices[service];
      assert.deepEqual(tiers[0], { amount: freeAmounts[service], price: 0 });
      tiers.forEach((t, i) => assert.ok(
        Number.isInteger(t.price) && (i === 0 || t.amount > tiers[i - 1].amount && t.price > tiers[i - 1].price), `${service}: came ${inspect(tiers)}`));
    }
    // A cycle of somebody who pays nothing begins with the purchase.
    assert.deepEqual(await billing.getProratedPrices(), prices);
    assert.deepEqual(await plan.getCurrentPrices(), prices);
    has.prices = prices;
  });
  await go("edits that are refused", async () => {
    const { billing } = mine();
    const starter = "starter", limits = { input: { limit: 3_000_000 } };
    for (const [edit, message] of [
      [{}, /exactly one/], [{ plan: starter, services: limits }, /exactly one/], [{ plan: starter, addons: {} }, /exactly one/],
      [{ services: limits, addons: {} }, /exactly one/], [{ plan: "gold" }, /plan/], [{ plan: 5 }, /plan/], [{ plan: starter, coupon: "HALF" }, "Coupon Not Found"],
      [{ services: limits }, /plan free/], [{ addons: { mobile: [has.home] } }, /plan free/], [{ services: { fax: { limit: 1 } } }, /services/],
      [{ services: { input: {} } }, /services\.input\.limit/], [{ services: { input: 5 } }, /services/], [{ services: [] }, /services/],
      [{ addons: { fax: [] } }, /addons/], [{ addons: { mobile: has.home } }, /addons/], [{ addons: [] }, /addons/],
    ]) await refused(billing.editSubscription(edit), message);
    await refused(billing.cancelDowngrade(), /Nothing is scheduled/);
    await refused(billing.retryLastPayment(), /No payment is pending/);
    await refused(billing.cancelLastOperation(), /No payment is pending/);
    await refused(billing.checkDiscountCoupon("HALF"), "Coupon Not Found");
    await refused(mine().plan.setPlanParameters({ plan: "gold" }), /plan/);
    assert.equal((await billing.getSubscription()).plan, "free");
  });
  await go("there is no payment provider", async () => {
    const { billing, paymentMethods, paymentHistory } = mine();
    assert.deepEqual(await billing.getPaymentMethod(), { card: null });
    assert.deepEqual(await paymentMethods.list(), { card: null });
    for (const call of [
      () => billing.editPaymentMethod("tok_1"), () => billing.removePaymentMethod(), () => paymentMethods.create({ name: "Card", token: "tok_1" }),
      () => paymentMethods.delete(has.home),
    ]) await refused(call(), /no payment provider/);
    assert.deepEqual(await billing.getPaymentHistory(), []);
    assert.deepEqual(await paymentHistory.getHistory(), []);
  });
  await go("the billing address", async () => {
    const { billing } = mine();
    const fields = ["company", "country", "state", "city", "street", "zip_code", "comments"];
    assert.deepEqual(await billing.getBillingInformation(), {
      account: has.me.id, ...Object.fromEntries(fields.map((field) => [field, null])), payment_method: null, updated_at: null,
    });
    const address = { company: "Walkers", country: "PT", city: "Lisboa", street: "Rua 1", zip_code: "1000-001" };
    assert.equal(typeof await billing.editBillingInformation(address), "string");
    assert.equal(typeof await billing.editBillingInformation({ street: null, comments: "Ring twice" }), "string");
    const { updated_at, ...now } = await billing.getBillingInformation();
    near(new Date(updated_at), Date.now(), "updated_at");
    assert.deepEqual(now, { account: has.me.id, state: null, payment_method: null, ...address, street: null, comments: "Ring twice" });
    for (const [field, value] of [["company", 5], ["street", "x".repeat(201)], ["city", "a\u0000"]]) {
      await refused(billing.editBillingInformation({ [field]: value }), new RegExp(field));
    }
  });
  await go("the only profile has everything", async () => {
    const { billing, profiles } = mine();
    const [{ updated_at, ...row }, ...none] = await billing.getAllocation();
    near(new Date(updated_at), Date.now(), "updated_at");
    assert.deepEqual([row, none], [{ profile: has.home, ...freeAmounts }, []]);
    await refused(billing.editAllocation([{ profile: has.home, input: 1 }]), /only profile/);
    await refused(profiles.serviceEdit(has.home, { input: 1 }), /only profile/);
  });

  await go("the first plan is charged in full and begins a cycle", async () => {
    const { billing, plan, paymentHistory } = mine();
    assert.equal((await plan.getActivePlan()).plan, "free");
    // SDK 10 sends the plan's name with an edit of the subscription, but drops all parameters of a plan.
    if (major === 10) {
      await refused(plan.setPlanParameters({ plan: "starter" }), /plan/);
      assert.equal(exchanges.at(-1).body, "");
      assert.equal(await billing.editSubscription({ plan: "starter" }), edited);
    } else {
      assert.equal(typeof await plan.setPlanParameters({ plan: "starter" }), "string");
    }
    assert.equal((await plan.getActivePlan()).plan, "starter");
    const { plan: now, current_cycle: { start, end }, upcoming_invoice_total } = await billing.getSubscription();
    near(new Date(start), Date.now(), "the start of the cycle");
    has.end = end;
    assert.deepEqual([now, new Date(end), upcoming_invoice_total], ["starter", oneMonthAfter(start), 4900]);
    const history = await billing.getPaymentHistory();
    assert.deepEqual(history.map((c) => [c.total, c.currency, c.paid, c.card]), [[4900, "usd", true, null]]);
    assert.deepEqual(await paymentHistory.getHistory(), history);
    if (major === 10) {
      const { profiles: [{ id, name, limits, addons }], ...rest } = await plan.summary();
      assert.deepEqual([id, name, limits?.input, addons, rest], [
        has.home, `Payer ${version}`, freeAmounts.input, { custom_dns: false, mobile: false }, { plan: "starter", discounts: [] },
      ]);
    }
  });
  await go("an upgrade holds at once and is charged once", async () => {
    const { billing, profiles } = mine();
    const more = { sms: { limit: 100 }, data_records: { limit: 1_500_000 } };
    for (let n = 0; n < 2; n++) assert.equal(await billing.editSubscription({ services: more }), edited);
    const { services: limits, upcoming_invoice_total } = await billing.getSubscription();
    assert.deepEqual([limits.sms, limits.data_records, limits.input], [more.sms, more.data_records, { limit: freeAmounts.input }]);
    assert.equal(upcoming_invoice_total, 4900 + 250 + 1500);
    assert.equal((await profiles.info(has.home)).allocation.sms, 100);
    assert.deepEqual((await billing.getPaymentHistory()).map((c) => c.total).sort(), [1500, 250, 4900]);
    const [newest] = await billing.getPaymentHistory({ amount: 1 });
    assert.equal((await billing.getPaymentHistory({ amount: 1, lastId: newest.stripe_id })).length, 1);
    assert.equal((await billing.getPaymentHistory({ lastId: newest.stripe_id })).length, 2);
    await refused(billing.editSubscription({ services: { input: { limit: 2_000_000 } } }), /must be one of 1000000, 3000000/);
    // All of the cycle's days remain today.
    assert.deepEqual(await billing.getProratedPrices(), has.prices);
  });
  await go("a downgrade waits for the renewal", async () => {
    const { billing, plan } = mine();
    assert.equal(await billing.editSubscription({ services: { data_records: { limit: 800_000 } } }), edited);
    assert.equal(await billing.editSubscription({ plan: "free" }), edited);
    const { account, release_at, subscription } = await billing.getSubscriptionSchedule();
    assert.deepEqual([account, release_at, subscription.plan, Object.keys(subscription.services)], [has.me.id, has.end, "free", ["data_records"]]);
    const { limit, proportional_change } = subscription.services.data_records;
    assert.equal(limit, 800_000);
    // By the SDK's types the amount by which the allocation will change.
    assert.ok(["number", "undefined"].includes(typeof proportional_change), `expected a number or nothing, came ${inspect(proportional_change)}`);
    assert.deepEqual(await billing.getSubscriptionSummary(), { ...quiet, schedule: true });
    const now = await billing.getSubscription();
    assert.deepEqual([now.plan, now.services.data_records, now.upcoming_invoice_total], ["starter", { limit: 1_500_000 }, 0]);
    assert.deepEqual([(await plan.getActivePlan()).plan, (await plan.getActivePlan()).next_plan], ["starter", "free"]);
    assert.equal(typeof await billing.cancelDowngrade(), "string");
    await refused(billing.cancelDowngrade(), /Nothing is scheduled/);
    assert.deepEqual(await billing.getSubscriptionSummary(), quiet);
  });

  await go("allocation over two profiles", async () => {
    const { billing, profiles } = mine();
    has.second = (await profiles.create({ name: `Second ${version}` })).id;
    const rows = async () => (await billing.getAllocation()).map(({ updated_at, ...row }) => row);
    const all = { ...freeAmounts, sms: 100, data_records: 1_500_000 };
    assert.deepEqual(await rows(), [{ profile: has.home, ...all }, { profile: has.second, ...perService(() => 0) }]);
    assert.equal(await billing.editAllocation([{ profile: has.home, sms: 60 }, { profile: has.second, sms: 40 }]), allocated);
    assert.equal(await profiles.serviceEdit(has.home, { data_records: 1_000_000 }), allocated);
    assert.equal(await profiles.serviceEdit(has.second, { data_records: 500_000, email: 0 }), allocated);
    assert.deepEqual(await rows(), [
      { profile: has.home, ...all, sms: 60, data_records: 1_000_000 }, { profile: has.second, ...perService(() => 0), sms: 40, data_records: 500_000 },
    ]);
    assert.equal((await profiles.info(has.second)).allocation.sms, 40);
    assert.equal((await profiles.summary(has.second)).limit.sms, 40);
  });
  await go("allocations that are refused", async () => {
    const { billing, profiles } = mine();
    const theirs = (await open(demo.token).profiles.list())[0].id;
    for (const [rows, message] of [
      [{ profile: has.home, sms: 1 }, /list/], [{}, /list/], [[], /at least one/], [[{ sms: 1 }], /profile/], [[{ profile: theirs, sms: 0 }], /own/],
      [[{ profile: "0".repeat(24), sms: 0 }], /own/], [[{ profile: has.home, sms: 61 }], /sms adds up to 101/], [[{ profile: has.home, sms: 101 }], /sms/],
      [[{ profile: has.home, sms: -1 }], /sms/], [[{ profile: has.home, sms: 1.5 }], /sms/], [[{ profile: has.home, sms: "1" }], /sms/],
      [[{ profile: has.home, sms: 1 }, { profile: has.home, sms: 1 }], /twice/], [[{ profile: 5 }], /profile/], [["x"], /./], [[[]], /./], [[null], /profile/],
      // The first row would fit; nothing of an edit that fails is kept.
      [[{ profile: has.home, sms: 0 }, { profile: has.second, sms: 101 }], /sms/],
    ]) await refused(billing.editAllocation(rows), message);
    for (const [id, edit, message] of [
      [has.home, {}, /at least one/], [has.home, { fax: 1 }, /fax is not taken here/], [has.home, { sms: 61 }, /sms adds up to 101/], [has.home, { sms: "1" }, /sms/],
      [theirs, { sms: 1 }, "Profile Not Found"], ["nonsense", { sms: 1 }, "Profile Not Found"],
    ]) await refused(profiles.serviceEdit(id, edit), message);
    assert.deepEqual((await billing.getAllocation()).map((row) => row.sms), [60, 40]);
  });
  await go("add-ons", async () => {
    const { billing, profiles } = mine();
    const { home, second } = has;
    assert.equal(await billing.editSubscription({ addons: { mobile: [home] } }), edited);
    assert.equal(typeof await profiles.addonEdit(second, { custom_dns: true }), "string");
    assert.deepEqual((await billing.getSubscription()).addons, { custom_dns: [second], mobile: [home] });
    assert.deepEqual(owned((await profiles.info(home)).addons), { custom_dns: false, mobile: true });
    assert.deepEqual(owned((await profiles.summary(home)).addons), { custom_dns: false, mobile: true });
    assert.deepEqual(await profiles.addonList(second), { custom_dns: true, mobile: false });
    // What ends stays until the cycle does.
    assert.equal(typeof await profiles.removeAddOn(home, "mobile"), "string");
    // By the SDK's types who has the add-on afterwards.
    assert.deepEqual((await billing.getSubscriptionSchedule()).subscription, { addons: { mobile: [] } });
    assert.equal((await profiles.info(home)).addons.mobile, true);
    await refused(profiles.removeAddOn(home, "custom_dns"), "Addon Not Found");
    await refused(profiles.removeAddOn(home, "fax"), "Addon Not Found");
    await refused(profiles.addonEdit(home, { mobile: "yes" }), /mobile/);
    await refused(profiles.addonEdit(home, {}), /custom_dns or mobile/);
    await refused(billing.editSubscription({ addons: { mobile: ["0".repeat(24)] } }), /profiles of the account/);
    assert.equal(await billing.editSubscription({ addons: { mobile: [home] } }), edited);
    assert.equal((await billing.getSubscriptionSummary()).schedule, false);
  });

  await go("what a data plane reports is in the summary and in the statistics", async () => {
    const { profiles } = mine();
    const at = new Date();
    assert.deepEqual(await profiles.usageStatisticList(has.home), []);
    const { json, lines, blocked } = await report(has.home, { service: "input", amount: 25 }, { service: "analysis", amount: 0.07 },
      { service: "data_records", amount: 300, set: true }, { service: "data_records", amount: -100 });
    assert.deepEqual([lines.map((l) => [l.admitted, l.used]), blocked], [[[true, 25], [true, 0.07], [true, 300], [true, 200]], []]);
    // The same events count once.
    assert.deepEqual(answers(await ask("POST", `/usage/${has.home}`, { token: plane.token, json }), 200).lines, lines);
    const used = { input: 25, analysis: 0.07, data_records: 200 };
    assert.deepEqual((await profiles.summary(has.home)).limit_used, { ...perService(() => 0), ...elsewhere, ...used });
    assert.deepEqual((await profiles.summary(has.second)).limit_used, { ...perService(() => 0), ...elsewhere });

    const date = at.toISOString().slice(0, 10);
    const next = new Date(at.getTime() + day).toISOString().slice(0, 10);
    for (const [query, unit] of [
      [{ date }, hour], [{ date: at }, hour], [{ date, timezone: "Europe/Lisbon" }, hour], [{ start_date: date, end_date: next }, hour],
      [{ start_date: date, end_date: next, periodicity: "hour" }, hour], [{ start_date: date, end_date: next, periodicity: "day" }, day],
      [{ start_date: new Date(at - hour), end_date: new Date(at.getTime() + hour), periodicity: "hour" }, hour],
      [{ start_date: date, end_date: next, periodicity: "month" }], [{ start_date: date, end_date: next, periodicity: "year" }],
    ]) {
      const rows = await profiles.usageStatisticList(has.home, query);
      const { time, ...rest } = rows.at(-1) ?? assert.fail(`expected an entry for ${inspect(query)}`);
      isDate(time, "time");
      assert.deepEqual(rest, used);
      if (unit) assert.ok(time % unit === 0 && at - time < unit, `expected ${inspect(query)} to have an entry of ${at}, came ${time}`);
      assert.ok(rows.every((row, i) => i === 0 || row.time > rows[i - 1].time), "expected rising times");
    }
    assert.deepEqual(await profiles.usageStatisticList(has.home, { date: "2020-02-29" }), []);
    for (const [query, message] of [
      [{ date: "soon" }, /date/], [{ start_date: date }, /end_date/], [{ start_date: next, end_date: date }, /after/],
      [{ start_date: date, end_date: next, periodicity: "week" }, /periodicity/], [{ date, timezone: "Mars/Base" }, /timezone/],
      [{ start_date: "2020-01-01", end_date: date, periodicity: "hour" }, /steps/],
    ]) await refused(profiles.usageStatisticList(has.home, query), message);
    await refused(profiles.usageStatisticList((await open(demo.token).profiles.list())[0].id), "Profile Not Found");
  });
  await go("a limit blocks what is beyond it, and the owner is told before", async () => {
    const { profiles, billing, notifications } = mine();
    const sms = async (amount) => (await report(has.home, { service: "sms", amount })).lines[0].admitted;
    assert.deepEqual([await sms(47), await sms(1), await sms(6), await sms(7), await sms(6), await sms(1)], [true, true, true, false, true, false]);
    assert.equal((await profiles.summary(has.home)).limit_used.sms, 60);
    const titles = (await notifications.list({ amount: 100 })).map((n) => n.title).filter((title) => title.startsWith("sms of "));
    assert.deepEqual(titles.map((title) => title.match(/\d+ %/)[0]).slice(-2), ["90 %", "80 %"]);
    await mail(has.me.email, 1, "80 %");
    const check = answers(await ask("GET", `/usage/${has.home}`, { token: plane.token }), 200);
    assert.deepEqual([check.blocked, check.services.sms], [["sms"], { used: 60, limit: 60, blocked: true }]);
    assert.equal(await billing.editAllocation([{ profile: has.second, sms: 30 }, { profile: has.home, sms: 70 }]), allocated);
    assert.equal(await sms(10), true);
  });
  await go("TagoIO's autoscaling of limits", async () => {
    const { profiles, billing } = mine();
    const environment = { input: "95", output: "95", data_records: "95", analysis: "x", sms: "", email: "95" };
    assert.deepEqual((await autoScale(mine(), has.me.token, environment)).scaled, {});
    await report(has.home, { service: "input", amount: 950_000 }, { service: "data_records", amount: 960_000, set: true });
    const { id, scaled } = await autoScale(mine(), has.me.token, environment);
    assert.deepEqual([id, scaled], [has.home, { input: { limit: 3_000_000 }, data_records: { limit: 5_000_000 } }]);
    const { allocation } = await profiles.info(has.home);
    assert.deepEqual([allocation.input, allocation.data_records], [3_000_000, 4_500_000]);
    assert.equal((await billing.getSubscription()).services.input.limit, 3_000_000);
    assert.deepEqual((await autoScale(mine(), has.me.token, environment)).scaled, {});
  });
  await go("a read token reads, and changes nothing", async () => {
    const { token } = await mine().profiles.tokenCreate(has.home, { name: "reader", permission: "read", email: has.me.email, password });
    const { billing, profiles, plan } = open(token);
    assert.equal((await plan.getActivePlan()).plan, "starter");
    assert.deepEqual((await billing.getSubscription()).addons.mobile, [has.home]);
    assert.equal((await billing.getAllocation()).length, 2);
    for (const call of [
      () => billing.editSubscription({ plan: "scale" }), () => billing.editAllocation([{ profile: has.home, sms: 1 }]), () => billing.cancelDowngrade(),
      () => billing.editBillingInformation({ city: "Porto" }), () => billing.retryLastPayment(), () => billing.cancelLastOperation(),
      () => profiles.serviceEdit(has.home, { sms: 1 }), () => profiles.addonEdit(has.home, { mobile: false }), () => profiles.removeAddOn(has.home, "mobile"),
    ]) await refused(call(), /Authorization Denied/);
  });
}

// quiet is the summary of a subscription about which nothing is in progress.
const quiet = { processing: false, payment_error: null, past_due: false, not_enough_balance: false, schedule: false };

function oneMonthAfter(start) {
  const date = new Date(start);
  const month = date.getUTCMonth() + 1;
  date.setUTCMonth(month);
  if (date.getUTCMonth() !== month % 12) date.setUTCDate(0);
  return date;
}

async function walkHTTP() {
  const go = (name, run) => step("http", name, run);
  const { token } = demo;
  const bare = token.slice(2);
  const has = bag();

  await go("the demo account", async () => {
    has.before = await snapshot();
    [has.home, has.plant] = Object.keys(has.before.profiles);
  });
  await go("a browser asks before it sends", async () => {
    const requests = ["GET /profile", "POST /account/login", "PUT /account", "DELETE /profile/0", "POST /profile/"];
    for (const [method, path] of requests.map((text) => text.split(" "))) {
      const wanted = ["token", "content-type", "pragma", "cache-control"];
      const x = await send("OPTIONS", path, { headers: {
        Origin: "https://console.example.net", "Access-Control-Request-Method": method, "Access-Control-Request-Headers": wanted.join(", "),
      } });
      assert.ok(x.status === 200 || x.status === 204, `expected 200 or 204, came ${describe(x)}`);
      const list = (name) => (x.headers[`access-control-allow-${name}`] ?? "").toLowerCase().split(/\s*,\s*/);
      assert.deepEqual(list("origin"), ["*"]);
      assert.ok(list("methods").includes(method.toLowerCase()), `expected ${method}, came ${list("methods")}`);
      for (const name of wanted) assert.ok(list("headers").includes(name), `expected ${name}, came ${list("headers")}`);
    }
  });
  await go("a browser may read every answer", async () => {
    const headers = { Origin: "https://console.example.net" };
    for (const [path, status, with_] of [["/profile", 200, { token }], ["/profile", 401, {}], ["/nowhere", 404, {}]]) {
      const x = await ask("GET", path, { ...with_, headers });
      answers(x, status);
      assert.equal(x.headers["access-control-allow-origin"], "*");
    }
  });

  await go("a new password comes from a code in the mail, which is used as a token", async () => {
    has.guest = await newcomer("Throwaway");
    const { guest } = has;
    assert.equal(answers(await ask("GET", `/account/passwordreset/${guest.email}`), 200), "Email sent successfully");
    const [code] = (await mail(guest.email, 1, "asked to reset the password")).body.text.match(/^[0-9A-Za-z]{34}$/m);
    const json = { password: "another lantern otter" };
    answers(await ask("POST", "/account/passwordreset", { token: code, json: { password: "short" } }), 400, /password/);
    assert.equal(answers(await ask("POST", "/account/passwordreset", { token: code, json }), 200), "Password changed successfully");
    answers(await ask("POST", "/account/passwordreset", { token: code, json }), 401);
    answers(await ask("GET", "/account", { token: guest.token }), 401);
    const { profiles } = answers(await ask("POST", "/account/login", { json: { email: guest.email, ...json } }), 200);
    const made = { profile_id: profiles[0].id, email: guest.email, name: "after that", ...json };
    has.guest = { ...guest, ...json, token: answers(await ask("POST", "/account/profile/token", { json: made }), 200).token };
  });

  await go("an account is deleted with its password, which no SDK sends", async () => {
    const { guest } = has;
    answers(await ask("DELETE", "/account", { token: guest.token }), 400, /password/);
    answers(await ask("DELETE", "/account", { token: guest.token, json: { password: "not this one" } }), 401, /Invalid password/);
    assert.equal(answers(await ask("GET", "/account", { token: guest.token }), 200).email, guest.email);
    assert.match(answers(await ask("DELETE", "/account", { token: guest.token, json: { password: guest.password } }), 200), /^Account Successfully Deleted/);
    answers(await ask("GET", "/account", { token: guest.token }), 401);
    answers(await ask("POST", "/account/login", { json: { email: guest.email, password: guest.password } }), 401);
  });

  for (const name of ["token", "Token", "Profile-Token", "Account-Token", "Authorization", "Authentication", "AUTHORIZATION"]) {
    await go(`the token in ${name}`, async () => {
      for (const text of [token, bare, `Bearer ${token}`, `bearer ${bare}`]) {
        assert.equal(answers(await ask("GET", "/info", { headers: { [name]: text } }), 200).name, "demo");
      }
    });
  }
  await go("no token, or one that is not valid", async () => {
    const foreign = `p-${"A".repeat(34)}`; // has the form, not the checksum
    const altered = token.replace("Only", "Lone");
    for (const text of [undefined, "", "null", "x", "Basic YTpi", foreign, altered]) {
      const headers = text === undefined ? {} : { Authorization: text };
      answers(await ask("GET", "/account", { headers }), 401, /Unauthorized|Authorization Denied/);
    }
  });
  await go("a bad token does not disturb what needs none", async () => {
    const json = { email: demo.email, password: demo.password };
    answers(await ask("POST", "/account/login", { token: "expired", json }), 200);
    answers(await ask("GET", "/status", { token: "expired" }), 200);
  });

  await go("POST /profile with and without its slash", async () => {
    for (const path of ["/profile/", "/profile", "/profile/?allocate_free_resources=True"]) {
      const { id } = answers(await ask("POST", path, { token, json: { name: "Slash", unknown: { key: [1] } } }), 200);
      answers(await ask("DELETE", `/profile/${id}`, { token, json: { password: demo.password } }), 200);
    }
  });
  await go("a PUT without a body that calls itself a form", async () => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const made = answers(await ask("POST", "/account/profile/token", { json: {
      profile_id: has.home, email: demo.email, password: demo.password, name: "walk http", expire_time: "1 hour",
    } }), 200);
    for (const id of [has.plant, has.home]) {
      answers(await ask("PUT", `/profile/switch/${id}`, { token: made.token, headers, body: "" }), 200);
      assert.equal(answers(await ask("GET", "/info", { token: made.token }), 200).ref_id, id);
    }
    answers(await ask("DELETE", `/profile/token/${made.token}`, { token }), 200);
  });
  await go("a whole profile in an edit changes no allocation", async () => {
    const json = { info: { name: "Plant", id: has.home }, allocation: { input: 1 }, account_plan: "free" };
    answers(await ask("PUT", `/profile/${has.plant}`, { token, json }), 200);
    const { info, allocation, account_plan } = answers(await ask("GET", `/profile/${has.plant}`, { token }), 200);
    const before = has.before.profiles[has.plant];
    assert.deepEqual({ info: { ...info, updated_at: 0 }, allocation, account_plan },
      { info: { ...before.info, updated_at: 0 }, allocation: before.allocation, account_plan: before.account_plan });
    has.before.profiles[has.plant] = { ...before, info };
  });

  await go("lists in every encoding", async () => {
    const keys = ["created_at", "expire_time", "name", "permission"];
    for (const fields of [
      "fields[0]=name&fields[1]=permission", "fields%5B0%5D=name&fields%5B1%5D=permission", "fields[]=name&fields[]=permission",
      "fields=name&fields=permission", "fields=name,permission", "fields=name%2Cpermission", "fields[30]=permission&fields[29]=name",
    ]) {
      const [row] = answers(await ask("GET", `/profile/${has.home}/token?${fields}`, { token }), 200);
      assert.deepEqual({ [fields]: Object.keys(row).sort() }, { [fields]: keys });
    }
    for (const rest of [
      "orderBy=created_at,%20asc", "orderBy=created_at,+asc", "orderBy[0]=name&orderBy[1]=DESC", "filter[name]=de*",
      "filter%5Bname%5D=de%2A", "filter[name]=",
    ]) {
      const rows = answers(await ask("GET", `/profile/${has.home}/token?page=1&amount=20&${rest}`, { token }), 200);
      assert.deepEqual({ [rest]: rows.map((row) => row.name) }, { [rest]: ["demo"] });
    }
    for (const bad of ["page=0", "page=x", "amount=-1", "amount=1e9", "orderBy=name,up", "filter[shoe_size]=4"]) {
      answers(await ask("GET", `/profile/${has.home}/token?${bad}`, { token }), 400);
    }
  });

  await go("a path that is no route", async () => {
    for (const path of ["/", "/nowhere", "/profile/a/b/c/d", "/notification/x", "/.env", "/v1/account"]) {
      answers(await ask("GET", path, { token }), 404, /Not Found/i);
    }
  });
  await go("a base URL that ends in a slash, and HEAD", async () => {
    for (const path of ["//account", "//profile", "//notification/", "//status"]) answers(await ask("GET", path, { token }), 200);
    const heads = { "/status": 200, "/profile": 200, "/notification/": 200, "/nowhere": 404 };
    for (const [path, status] of Object.entries(heads)) {
      const answer = await fetch(new URL(path, api), { method: "HEAD", headers: { token } });
      assert.deepEqual([path, answer.status, await answer.text()], [path, status, ""]);
    }
  });
  await go("a path with odd characters", async () => {
    for (const path of [
      "/u/100%25", "/u/100%2525", "/u/%25zz", "/profile/100%25", "/profile/%00", "/profile/a%2Fb", "/profile/a%23b", "/profile/a%3Fb",
      "/profile/%2e%2e",
      "/profile/%F0%9F%8C%B1", "/profile/%FF", "/profile/current%20", "/profile/a+b", `/profile/${"a".repeat(4000)}`,
      "/account/confirm/100%25", "/account/confirm/%00",
    ]) {
      const { status } = await ask("GET", path, { token });
      assert.ok(status === 400 || status === 404, `expected 400 or 404 for ${path.slice(0, 60)}, came ${status}`);
    }
    for (const query of ["%zz", "fields=%", "filter[=1", "page=%00", ";;", "=&=", "filter[name][x]=1"]) {
      const { status } = await ask("GET", `/profile/${has.home}/token?${query}`, { token });
      assert.ok(status === 200 || status === 400, `expected 200 or 400 for ?${query}, came ${status}`);
    }
  });
  await go("a method that the path does not have", async () => {
    const requests = ["GET /account/login", "PATCH /account", "POST /profile/current", "DELETE /profile", "PUT /info"];
    for (const [method, path] of requests.map((text) => text.split(" "))) {
      const { status } = await ask(method, path, { token });
      assert.ok(status === 404 || status === 405, `expected 404 or 405 for ${method} ${path}, came ${status}`);
    }
    await ask("OPTIONS", "/profile"); // as a tool that asks what there is; its answer need only be well-formed
    const head = await send("HEAD", "/account", { headers: { token } });
    assert.ok(head.status < 500 && head.text === "", `expected no 5xx and no body, came ${describe(head)}`);
  });
  await go("a body that is not what it should be", async () => {
    for (const body of [
      "{", "[]", "null", '"text"', "{}}", "{'email':1}", '{"email":5}', '{"email":{"a":1},"password":[]}', "email=a&password=b",
      Buffer.from([0x7b, 0xff, 0x7d]), "{}", "",
    ]) {
      for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"]) {
        answers(await ask("POST", "/account/login", { headers: { "Content-Type": type }, body }), 400);
      }
    }
    answers(await ask("POST", "/account/login", { body: '{"a":'.repeat(10_000) }), 400);
  });
  await go("a good body under another content type", async () => {
    const body = JSON.stringify({ email: demo.email, password: demo.password });
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream"]) {
      answers(await ask("POST", "/account/login", { headers: { "Content-Type": type }, body }), 200);
    }
  });
  await go("a huge body", async () => {
    for (const size of [100_000, 5_000_000]) {
      for (const [method, path] of [["POST", "/account/login"], ["POST", "/account"], ["PUT", "/account"]]) {
        answers(await ask(method, path, { token, json: { email: demo.email, password: "x".repeat(size) } }), 413);
      }
    }
  });
  await go("texts that are too long or odd", async () => {
    for (const name of ["", " ", "x".repeat(101), "a\u0000b", "a\nb", 5, {}]) {
      answers(await ask("PUT", `/profile/${has.plant}`, { token, json: { name } }), 400, /name/);
    }
  });
  // Version 10.0 of the SDK, and 9, answer an invitation by these routes and mark as read without saying so.
  for (const [verb, done] of [["accept", "Invitation accepted"], ["refuse", "Invitation declined"]]) {
    await go(`the older route to ${verb} an invitation`, async () => {
      const email = stranger();
      answers(await ask("POST", "/account", { json: { name: "Walker", email, password, cpassword: password } }), 200);
      answers(await ask("GET", (await mail(email, 1)).body.text.match(/#(\/account\/confirm\/\w+)/)[1]), 200);
      const { id, profiles } = answers(await ask("POST", "/account/login", { json: { email, password } }), 200);
      const json = { profile_id: profiles[0].id, email, password, name: "walk" };
      const { token: guest } = answers(await ask("POST", "/account/profile/token", { json }), 200);
      assert.equal(answers(await ask("POST", `/profile/${has.home}/team`, { token, json: { email } }), 200), "User invited");
      const [offer] = answers(await ask("GET", "/notification?read=False", { token: guest }), 200);
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      answers(await ask("POST", `/notification/${verb}/${offer.id}`, { token, headers, body: "" }), 404, /^Notification Not Found$/);
      assert.equal(answers(await ask("POST", `/notification/${verb}/${offer.id}`, { token: guest, headers, body: "" }), 200), done);
      answers(await ask("POST", `/notification/${verb}/${offer.id}`, { token: guest, headers, body: "" }), 400, /already/);
      answers(await ask("PUT", "/notification/read", { token: guest, json: { notification_ids: [offer.id] } }), 200);
      assert.deepEqual(answers(await ask("GET", "/notification/?filter[read]=False&orderBy=created_at&orderBy=desc", { token: guest }), 200), []);
      const team = answers(await ask("GET", `/profile/${has.home}/team`, { token }), 200);
      assert.deepEqual(team.map((m) => [m.id, m.active]), verb === "accept" ? [[id, true]] : []);
      if (verb === "refuse") return;
      // The member leaves by itself.
      assert.equal(answers(await ask("DELETE", `/profile/${has.home}/team/${id}`, { token: guest }), 200), "Account Successfully Removed");
      answers(await ask("GET", `/profile/${has.home}`, { token: guest }), 404);
    });
  }
  await go("a full team, and invitations withdrawn", async () => {
    const path = `/profile/${has.home}/team`;
    const list = async () => answers(await ask("GET", path, { token }), 200);
    const emails = Array.from({ length: 5 }, stranger);
    // Mails to an address are counted by the clock's minute, which must not end between the first and the last invitation.
    const left = 60_000 - Date.now() % 60_000;
    if (left < 5_000) await new Promise((later) => setTimeout(later, left));
    for (const email of emails) answers(await ask("POST", path, { token, json: { email } }), 200);
    answers(await ask("POST", path, { token, json: { email: stranger() } }), 403, /maximum limit of team members \(5\)/);
    assert.deepEqual((await list()).map((m) => m.email), emails);
    const { code } = linksOf(await mail(emails[0], 1));
    for (const { id } of await list()) assert.equal(answers(await ask("DELETE", `${path}/${id}`, { token }), 200), "Account Successfully Removed");
    assert.deepEqual(await list(), []);
    answers(await ask("GET", `/profile/team/decline/${code}`), 400, /not valid/);
    // Withdrawing does not open the way to another mail.
    answers(await ask("POST", path, { token, json: { email: emails[0] } }), 429, /^Too many requests \(Retry-After: \d+\): this address was invited/);
  });
  await go("the routes of transfers and of the desk refuse what they should", async () => {
    const { token: agent } = await person("sam");
    const none = "TR-0000-0000", code = unsent;
    const routes = [
      ["POST", `/profile/${has.plant}/transfer`, { email: "ben@example.com", password }, ["email", "password", "message"]],
      ["GET", `/profile/${has.plant}/transfer`], ["DELETE", `/profile/${has.plant}/transfer`], ["GET", "/transfer"], ["GET", `/transfer/${none}`],
      ["POST", `/transfer/${none}/confirm`, { code, password }, ["code", "password"]],
      ["POST", `/transfer/${none}/accept`, { code, password }, ["code", "password", "name", "keep_owner", "allocation", "addons", "members"]],
      ["POST", `/transfer/${none}/decline`, { code, password }, ["code", "password"]],
      ["POST", `/transfer/${none}/revert`, { password }, ["password"]],
      ["GET", "/desk/transfer"], ["GET", `/desk/transfer/${none}`], ["POST", `/desk/transfer/${none}/approve`],
      ["POST", `/desk/transfer/${none}/reject`, { reason: "no" }, ["reason"]],
      ["POST", `/desk/transfer/${none}/note`, { kind: "note", text: "text" }, ["kind", "text"]],
      ["POST", `/desk/transfer/${none}/extend`], ["POST", `/desk/transfer/${none}/revert`],
    ];
    const methods = (path) => routes.filter((r) => r[1] === path).map((r) => r[0]);
    for (const [method, path, json, fields = []] of routes) {
      const desk = path.startsWith("/desk");
      const by = { token: desk ? agent : token };
      for (const bad of [undefined, "nonsense", token.replace("Only", "Lone")]) answers(await ask(method, path, { token: bad, json }), 401);
      for (const other of ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((m) => !methods(path).includes(m))) {
        answers(await ask(other, path, by), 404, /Not Found/);
      }
      if (path.includes(none)) {
        for (const ticket of [none, "nonsense", "TR-0000-000U", "%00", "x".repeat(2000)]) {
          answers(await ask(method, path.replace(none, ticket), { ...by, json }), 404, /^Transfer Not Found$/);
        }
      }
      if (desk) answers(await ask(method, path, { token, json }), 404, /^Desk Not Found$/);
      if (!json) continue;
      for (const body of ["{", "[]", "null", '"text"', "a=b", "{}}", Buffer.from([0x7b, 0xff, 0x7d])]) answers(await ask(method, path, { ...by, body }), 400);
      for (const field of fields) {
        for (const value of [5, true, [5], { a: "b" }]) answers(await ask(method, path, { ...by, json: { ...json, [field]: value } }), 400, new RegExp(field));
      }
    }
    for (const path of ["/transfer", "/desk/transfer"]) {
      for (const query of ["page=0", "amount=-1", "page=x"]) answers(await ask("GET", `${path}?${query}`, { token: agent }), 400);
    }
  });
  await go("the routes of subscriptions, allocation, cost and use refuse what they should", async () => {
    const payer = await newcomer("Refused");
    const id = payer.home, none = "0".repeat(24);
    const usage = { lines: [{ service: "input", amount: 1, event: "walk-refused" }] };
    const routes = [
      ["GET", "/account/subscription"], ["GET", "/account/subscription/summary"], ["GET", "/account/subscription/schedule"],
      ["DELETE", "/account/subscription/schedule"], ["GET", "/account/subscription/coupon/HALF"],
      ["POST", "/account/subscription", { plan: "starter" }, ["plan", "services", "addons", "coupon"]],
      ["POST", "/account/subscription/pending/retry"], ["POST", "/account/subscription/pending/cancel"],
      ["GET", "/pricing/prorated"], ["GET", "/account/plan"], ["POST", "/account/plan", { plan: "starter" }, ["plan"]],
      ["POST", "/account/plan/", { plan: "starter" }, ["plan"]], ["GET", "/billing"],
      ["GET", "/account/payment_method"], ["POST", "/account/payment_method"], ["DELETE", "/account/payment_method"],
      ["GET", "/account/payment_method/"], ["POST", "/account/payment_method/"], ["DELETE", "/account/payment_method/"],
      ["GET", "/account/payment_history"], ["GET", "/account/payment_history/"],
      ["GET", "/account/billing"],
      ["PUT", "/account/billing", { city: "Lisboa" }, ["company", "country", "state", "city", "street", "zip_code", "comments"]],
      ["GET", "/account/allocation"], ["POST", "/account/allocation", []], ["GET", "/account/cost"],
      ["POST", `/profile/${id}/services`, { input: 1 }, services], ["GET", `/profile/${id}/addons`],
      ["POST", `/profile/${id}/addons`, { mobile: false }, ["mobile", "custom_dns"]], ["DELETE", `/profile/${id}/mobile`],
      ["GET", `/profile/${id}/cost`], ["GET", `/profile/${id}/statistics`], ["GET", `/usage/${id}`],
      ["POST", `/usage/${id}`, usage, ["lines"]],
    ];
    for (const [method, path, json, fields = []] of routes) {
      const by = { token: path.startsWith("/usage") ? plane.token : payer.token };
      for (const bad of [undefined, "nonsense", token.replace("Only", "Lone")]) answers(await ask(method, path, { token: bad, json }), 401);
      for (const other of ["PUT", "PATCH"].filter((m) => !routes.some(([n, p]) => n === m && p === path))) {
        answers(await ask(other, path, by), 404, /Not Found/);
      }
      if (path.includes(id)) {
        for (const profile of [none, "nonsense", "%00", "x".repeat(2000)]) {
          answers(await ask(method, path.replace(id, profile), { ...by, json }), 404, /^Profile Not Found$/);
        }
        if (!path.startsWith("/usage")) answers(await ask(method, path.replace(id, has.home), { ...by, json }), 404, /^Profile Not Found$/);
      }
      if (!json) continue;
      const wrong = ["{", "null", '"text"', "a=b", "{}}", "[}", Buffer.from([0x7b, 0xff, 0x7d]), Array.isArray(json) ? "{}" : "[]", '{"a":'.repeat(9_000)];
      for (const body of wrong) answers(await ask(method, path, { ...by, body }), 400);
      answers(await ask(method, path, { ...by, json: { plan: "x".repeat(100_000) } }), 413);
      for (const field of fields) {
        for (const value of [5, "text", true, [5], { a: "b" }, { input: 5 }, { mobile: 5 }]) {
          const { status, message } = await ask(method, path, { ...by, json: { [field]: value } });
          const good = ["number", "string", "boolean"].includes(typeof value) && status !== 400;
          if (!good) assert.ok(status === 400 && message.includes(field), `expected 400 that names ${field} for ${inspect(value)}, came ${status} ${message}`);
          assert.ok(status < 500);
        }
      }
    }
    for (const rows of [[5], [[]], [{}], [{ profile: 5 }], [{ profile: id, input: "5" }], [{ profile: id, input: {} }], [{ profile: none, input: 1 }]]) {
      const { status, message } = await ask("POST", "/account/allocation", { token: payer.token, json: rows });
      assert.ok(status === 400 || status === 403, `expected 400 or 403 for ${inspect(rows)}, came ${status} ${message}`);
    }
    for (const line of [
      5, null, [], {}, { ...usage.lines[0], service: "fax" }, { ...usage.lines[0], amount: "1" }, { ...usage.lines[0], amount: 1.5 },
      { ...usage.lines[0], amount: -1 }, { ...usage.lines[0], amount: 0 }, { ...usage.lines[0], amount: 1e300 }, { ...usage.lines[0], event: "" },
      { ...usage.lines[0], event: 5 }, { ...usage.lines[0], event: "x".repeat(129) }, { ...usage.lines[0], set: true },
      { ...usage.lines[0], set: "yes" }, { ...usage.lines[0], time: "soon" }, { ...usage.lines[0], time: "2020-01-01T00:00:00Z" }, { service: "input", event: "x" },
    ]) answers(await ask("POST", `/usage/${id}`, { token: plane.token, json: { lines: [usage.lines[0], line] } }), 400, /lines/);
    // A report is counted as a whole or not at all.
    assert.equal(answers(await ask("GET", `/usage/${id}`, { token: plane.token }), 200).services.input.used, 0);
    answers(await ask("POST", `/usage/${id}`, { token: plane.token, json: { lines: Array(101).fill(usage.lines[0]) } }), 400, /lines/);
    for (const by of [payer.token, token]) {
      for (const [method, json] of [["GET"], ["POST", usage]]) answers(await ask(method, `/usage/${id}`, { token: by, json }), 403, /data plane/);
    }
    // Without a signature the gateway answers by itself.
    for (const by of [{}, { token: plane.token }, { headers: { Authorization: "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c" } }]) {
      answers(await ask("POST", `/profile/${id}/usage`, { ...by, json: usage }), 403, /Forbidden/);
      answers(await ask("GET", `/profile/${id}/usage`, by), 403, /Forbidden/);
    }
    for (const query of ["date=x", "date=2026-02-30", "start_date=2026-01-01", "start_date=a&end_date=b", "timezone=..%2Fetc", "start_date=2026-02-01&end_date=2026-01-01"]) {
      answers(await ask("GET", `/profile/${id}/statistics?${query}`, { token: payer.token }), 400);
    }
    for (const path of ["/account/cost", `/profile/${id}/cost`]) {
      for (const query of ["month=x", "month=2026-13", "month=2999-01", "format=xml"]) answers(await ask("GET", `${path}?${query}`, { token: payer.token }), 400);
    }
    // Long before there was anything, and long after.
    for (const path of [
      "/account/cost?month=0001-01", "/account/cost?month=1969-12", `/profile/${id}/statistics?date=1960-01-01`,
      `/profile/${id}/statistics?start_date=2286-11-20&end_date=2290-01-01&periodicity=month`,
    ]) {
      await ask("GET", path, { token: payer.token });
    }
    for (const query of ["amount=0", "amount=x", "amount=-1"]) answers(await ask("GET", `/account/payment_history?${query}`, { token: payer.token }), 400);
    for (const given of [undefined, "nonsense"]) assert.ok(answers(await ask("GET", "/pricing", { token: given }), 200).input.length > 0);
  });
  await go("cost, as JSON and for spreadsheets", async () => {
    const payer = await newcomer("=Payer");
    const by = { token: payer.token };
    const cost = async (path) => answers(await ask("GET", path, by), 200);
    assert.deepEqual([(await cost("/account/cost")).total, (await cost("/account/cost")).forecast], [0, { renewal: null, total: 0, lines: [] }]);
    answers(await ask("POST", "/account/subscription", { ...by, json: { plan: "starter" } }), 200);
    answers(await ask("POST", "/account/subscription", { ...by, json: { services: { sms: { limit: 100 } } } }), 200);
    const { total, lines, forecast } = await cost("/account/cost");
    assert.deepEqual([total, lines.reduce((n, l) => n + l.amount, 0), forecast.total], [5150, 5150, 5150]);
    assert.deepEqual((await cost(`/profile/${payer.home}/cost`)).lines.map((l) => [l.kind, l.what, l.amount]), [["service", "sms", 250]]);
    const month = new Date().toISOString().slice(0, 7);
    for (const path of ["/account/cost", `/profile/${payer.home}/cost`]) {
      const x = await send("GET", `${path}?format=csv&month=${month}`, { headers: { token: payer.token } });
      assert.equal(x.status, 200, describe(x));
      assert.match(x.headers["content-type"], /^text\/csv/);
      assert.match(x.headers["content-disposition"] ?? "", /cost/);
      const [head, ...rows] = x.text.trim().split(/\r?\n/);
      assert.ok(head.startsWith("month,profile,profile_name,kind,what,amount_cents"), head);
      assert.equal(rows.reduce((n, row) => n + Number(row.split(",")[5]), 0), path === "/account/cost" ? 5150 : 250);
      assert.ok(rows.some((row) => row.includes(",'=Payer,")), `expected a name that no spreadsheet takes for a formula, came ${x.text}`);
    }
  });
  await go("a request with an Idempotency-Key is done once", async () => {
    const create = (key, name) => ask("POST", "/profile", { token, json: { name }, headers: { "Idempotency-Key": key } });
    const again = (x) => x.headers["idempotency-replayed"];
    const count = async () => answers(await ask("GET", "/profile", { token }), 200).length;
    const before = await count();
    const [one, two] = [`one-${Date.now()}`, `two-${Date.now()}`];
    const first = await create(one, "once");
    const made = [answers(first, 200).id];
    assert.equal(again(first), undefined);
    for (let n = 0; n < 3; n += 1) {
      const x = await create(one, "once");
      assert.deepEqual([x.status, x.text, again(x)], [200, first.text, "true"]);
    }
    answers(await create(one, "twice"), 409, /another request/);
    const all = await Promise.all(Array.from({ length: 10 }, () => create(two, "at once")));
    const given = [...new Set(all.filter((x) => x.status === 200).map((x) => x.result.id))];
    assert.equal(given.length, 1, `expected one answer, came ${given}`);
    made.push(...given);
    for (const x of all.filter((x) => x.status !== 200)) answers(x, 409, /Idempotency-Key/);
    assert.equal(await count(), before + 2);
    for (const key of ["a b", "k".repeat(201)]) answers(await create(key, "none"), 400, /Idempotency-Key/);
    answers(await ask("GET", `/profile/${made[0]}`, { token, headers: { "Idempotency-Key": "a b" } }), 200);
    for (const id of made) {
      const remove = () => ask("DELETE", `/profile/${id}`, { token, json: { password: demo.password }, headers: { "Idempotency-Key": `end-${id}` } });
      assert.deepEqual([again(await remove()), again(await remove())], [undefined, "true"]);
    }
    assert.equal(await count(), before);
  });
  await go("the demo account is as it was", async () => {
    try {
      assert.deepEqual(await snapshot(), has.before);
    } finally {
      await restore(has.before);
    }
  });
}

for (const alias of ["sdk12", "sdk11", "sdk10"]) {
  const { version } = JSON.parse(await readFile(new URL(`node_modules/${alias}/package.json`, import.meta.url)));
  let sdk;
  await step(version, "loads", async () => {
    sdk = await load(alias, version);
  });
  if (!sdk) continue;
  await walkFree(sdk);
  await walkScale(sdk);
  await walkTeam(sdk);
  await walkTransfer(sdk);
  await walkNotifications(sdk);
  await walkBilling(sdk);
}
await walkHTTP();

tap.close();
tap.closeAllConnections();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
