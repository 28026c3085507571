// Walks the client through a fresh local stack, from signing up to deleting the
// account. `make client` runs it; TAGOIO_API and MAILBOX say where the stack
// is. The first step that fails ends it.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createClient, type RateLimit } from "../src/api/client.ts";
import { ApiError, type Reason } from "../src/api/errors.ts";

const { TAGOIO_API: baseUrl, MAILBOX: mailbox } = process.env;
if (!baseUrl || !mailbox) {
  console.error("TAGOIO_API and MAILBOX must be the addresses of a fresh stack: run this with `make client`");
  process.exit(1);
}
const patience = 60_000;
const who = randomBytes(4).toString("hex");
const email = `client+${who}@example.com`;
const password = "walk lantern otter";

async function step(name: string, run: () => Promise<void>) {
  await run();
  console.log(`client  ${name}  ok`);
}

// refused expects a refusal for a reason.
async function refused(call: Promise<unknown>, status: number, code: Reason): Promise<ApiError> {
  const error = await call.then(() => assert.fail(`expected ${code}, came a result`), (reason: unknown) => reason);
  if (!(error instanceof ApiError)) throw error;
  assert.deepEqual([error.status, error.code, error.docs], [status, code, `/docs/errors#${code}`], error.message);
  assert.ok(error.request.id, "expected the id of the request");
  return error;
}

type Mail = { destination: { to: string[] }; subject: string; body: { text: string } };

// mail waits for a mail to an address.
async function mail(address: string): Promise<Mail> {
  for (const deadline = Date.now() + patience; ; await new Promise((later) => setTimeout(later, 40))) {
    const { emails } = (await (await fetch(`${mailbox}/store`)).json()) as { emails: Mail[] };
    const found = emails.find(({ destination }) => destination.to.includes(address));
    if (found) return found;
    assert.ok(Date.now() < deadline, `expected a mail to ${address} within ${patience / 1000} s`);
  }
}

// The answer to one request is lost, when that is wanted: the API has done it,
// and nobody hears.
let lose = false;
let requests = 0;
async function lossy(request: Request): Promise<Response> {
  requests++;
  const response = await fetch(request);
  if (!lose) return response;
  lose = false;
  await response.arrayBuffer();
  throw new TypeError("the connection was cut");
}

const limits: RateLimit[] = [];
const connect = (token?: string) =>
  createClient({ baseUrl, fetch: lossy, onRateLimit: (limit) => limits.push(limit), ...(token && { token }) });

const anonymous = connect();

await step("sign-up", async () => {
  const said = await anonymous.POST("/account", { body: { name: "Cleo Client", email, password, cpassword: password, timezone: "Europe/Lisbon" } });
  assert.match(said, /^Account created successfully/);
});
await step("sign-up: not before the mail's link was opened", async () => {
  await refused(anonymous.POST("/account/login", { body: { email, password } }), 403, "address_unconfirmed");
});
await step("sign-up: the link of the mail confirms it, once", async () => {
  const { body } = await mail(email);
  const token = body.text.match(/#\/account\/confirm\/(\w+)/)?.[1] ?? assert.fail(`expected a link, came ${body.text}`);
  const confirm = () => anonymous.GET("/account/confirm/{token}", { params: { path: { token } } });
  assert.equal(await confirm(), "Account confirmed successfully");
  await refused(confirm(), 400, "link_void");
});
await step("sign-in: a wrong password is refused", async () => {
  await refused(anonymous.POST("/account/login", { body: { email, password: "not this one" } }), 401, "invalid_credentials");
});

let api = anonymous;
let own = { id: "", path: { id: "" } };
await step("sign-in, and a token", async () => {
  const person = await anonymous.POST("/account/login", { body: { email, password } });
  const [profile] = person.profiles;
  assert.ok(profile);
  own = { id: profile.id, path: { id: profile.id } };
  const body = { profile_id: profile.id, email, password, name: "console", expire_time: "1 day" };
  const { token, permission } = await anonymous.POST("/account/profile/token", { body });
  assert.equal(permission, "full");
  api = connect(token);
  const account = await api.GET("/account");
  assert.ok("email" in account, "expected all of the account");
  assert.deepEqual([account.email, account.plan, account.timezone], [email, "free", "Europe/Lisbon"]);
});
await step("without a token nothing is told", async () => {
  await refused(anonymous.GET("/account"), 401, "no_token");
});

let barn = { id: "" };
await step("profile: the plan free has one", async () => {
  const { details } = await refused(api.POST("/profile", { body: { name: "Barn" } }), 403, "profiles_full");
  assert.deepEqual([details.limit, details.used], [1, 1]);
  await api.POST("/account/subscription", { body: { plan: "starter" } });
});
await step("profile: one is made, though the first answer is lost", async () => {
  lose = true;
  const before = requests;
  barn = await api.POST("/profile", { body: { name: "Barn" } });
  assert.equal(requests - before, 2);
  const profiles = await api.GET("/profile");
  assert.deepEqual(profiles.map(({ id, name }) => [id, name]), [[own.id, "Cleo Client"], [barn.id, "Barn"]]);
});
await step("profile: edit, and read again", async () => {
  const path = { id: barn.id };
  await api.PUT("/profile/{id}", { params: { path }, body: { name: "Big barn" } });
  assert.equal((await api.GET("/profile/{id}", { params: { path } })).info.name, "Big barn");
});

await step("team: an address that is none is refused, by its field", async () => {
  const { details } = await refused(api.POST("/profile/{id}/team", { params: own, body: { email: "nobody" } }), 400, "invalid");
  assert.deepEqual(details.fields, [{ field: "email", code: "format" }]);
});
await step("team: an invitation, and its mail", async () => {
  const address = `friend+${who}@example.com`;
  assert.equal(await api.POST("/profile/{id}/team", { params: own, body: { email: address, permission: "read" } }), "User invited");
  const [member, ...more] = await api.GET("/profile/{id}/team", { params: own });
  assert.deepEqual([member?.email, member?.permission, member?.active, more.length], [address, "read", false, 0]);
  assert.match((await mail(address)).body.text, /Cleo Client/);
});
await step("team: when it is full, the refusal says how many it holds", async () => {
  const { details } = await refused(api.POST("/profile/{id}/team", { params: own, body: { email: `late+${who}@example.com` } }), 403, "team_full");
  assert.deepEqual(details, { limit: 1, used: 1, plan: "starter" });
});

await step("lists: fields, filter and page as the API reads them", async () => {
  const tokens = await api.GET("/profile/{id}/token", { params: { ...own, query: { fields: ["name", "permission"], filter: { name: "CON*" }, amount: 5 } } });
  assert.deepEqual(tokens.map(({ name, permission }) => [name, permission]), [["console", "full"]]);
  assert.ok(tokens.every((token) => token.token === undefined), "expected none but the fields asked for");
});
await step("files: the cost as CSV", async () => {
  const file = await api.file("/account/cost", { params: { query: { format: "csv" } } });
  assert.match(await file.text(), /^\uFEFF?month,profile,/);
});
await step("the rate limits are told", async () => {
  const last = limits.at(-1);
  assert.ok(last && last.remaining < last.limit && last.reset <= 60, JSON.stringify(last));
});

await step("deletion: a profile, with the password", async () => {
  const params = { path: { id: barn.id } };
  await refused(api.DELETE("/profile/{id}", { params, body: {} }), 400, "password_required");
  await refused(api.DELETE("/profile/{id}", { params, body: { password: "not this one" } }), 401, "invalid_password");
  await api.DELETE("/profile/{id}", { params, body: { password } });
  assert.deepEqual((await api.GET("/profile")).map(({ id }) => id), [own.id]);
});
await step("deletion: the account, and its token with it", async () => {
  await api.DELETE("/account", { body: { password } });
  await refused(api.GET("/account"), 401, "token_invalid");
  await refused(anonymous.POST("/account/login", { body: { email, password } }), 401, "invalid_credentials");
});
