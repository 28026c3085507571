// Ends what before.mjs has left, and holds it to what it should be.

import assert from "node:assert/strict";

import { password, pinOf, plane } from "../compat/facts.mjs";
import { person } from "../compat/people.mjs";
import { answers, ask } from "../compat/wire.mjs";
import { browse, keep, keyed, signIn } from "./common.mjs";

async function people(has) {
  answers(await ask("GET", has.unconfirmed.confirm), 200);
  const json = { email: has.unconfirmed.email, password };
  assert.equal(answers(await ask("POST", "/account/login", { json }), 200).profiles.length, 1);
  const { name, plan } = await keep(has.owner, "GET", "/account");
  assert.deepEqual([name, plan], ["Olga", "scale"]);
}

async function profiles(has) {
  const { owner } = has;
  const names = (await keep(owner, "GET", "/profile")).map((p) => p.name);
  assert.deepEqual(names, ["Olga", "Plant 1", "Shed"]);
  await keep(owner, "PUT", `/profile/${has.shed}`, { name: "Shed 1" });
  const { limit } = await keep(owner, "GET", `/profile/${has.shed}/summary`);
  assert.deepEqual([limit.input, limit.output], [1000, 500]);
  await keep(owner, "POST", `/profile/${has.shed}/services`, { input: 2000 });
  assert.equal((await keep(owner, "GET", "/account/billing")).company, "Olga Ltd");
  await keep(owner, "PUT", "/account", { company: "Olga Ltd" });
}

// tokens are what was made before: in its grace, in its place, and edited.
async function tokens(has) {
  const { owner } = has;
  for (const token of has.rotated)
    assert.equal((await keep({ token }, "GET", "/info")).name, "rotated");
  const [, latest] = has.rotated;
  const path = `/profile/${owner.home}/token/${latest}/rotate`;
  const { token } = await keep({ token: latest }, "POST", path, { grace: "0", password });
  answers(await ask("GET", "/info", { token: latest }), 401);
  await keep({ token }, "GET", "/info");
  const edit = `/profile/${has.shed}/token/${has.edited}`;
  await keep(owner, "PUT", edit, { name: "edited 1", password });
  assert.equal((await keep({ token: has.edited }, "GET", "/info")).name, "edited 1");
  await keep(owner, "DELETE", edit);
  answers(await ask("GET", "/info", { token: has.edited }), 401);
}

async function team(has) {
  const { owner, guest, member } = has;
  await keep(guest, "POST", `/profile/team/accept/${has.invitation}`);
  const listed = await keep(owner, "GET", `/profile/${owner.home}/team`);
  assert.deepEqual(
    listed.map((m) => [m.email, m.active]).sort(),
    [[guest.email, true], [has.invited, false]].sort(),
  );
  const open = listed.find((m) => !m.active);
  await keep(owner, "DELETE", `/profile/${owner.home}/team/${open.id}`);
  await keep(owner, "PUT", `/profile/${has.plant}/team/${member.id}`, { permission: "write" });
}

async function transfer(has) {
  const { guest, member, ticket } = has;
  const sam = await person("sam");
  await keep(sam, "POST", `/desk/transfer/${ticket}/approve`);
  const json = {
    code: has.accept,
    password,
    otp_type: "authenticator",
    pin_code: pinOf(has.secret, 0),
    members: [{ id: member.id, permission: "read" }],
  };
  const { state } = await keep(guest, "POST", `/transfer/${ticket}/accept`, json);
  assert.equal(state, "completed");
  answers(await ask("GET", `/profile/${has.plant}`, { token: has.owner.token }), 404);
  answers(await ask("GET", "/info", { token: has.device }), 401);
  const { info } = await keep(member, "GET", `/profile/${has.plant}`);
  assert.equal(info.account, guest.id);
}

// usage is counted once, whichever release hears of an event.
async function usage(has) {
  const report = (...lines) => keep(plane, "POST", `/usage/${has.shed}`, { lines });
  await report(has.line);
  await report({ service: "input", amount: 2, event: `second-${has.shed}` });
  const { limit_used } = await keep(has.owner, "GET", `/profile/${has.shed}/summary`);
  assert.equal(limit_used.input, 42);
}

async function security(has) {
  const { owner, guest, member } = has;
  assert.equal((await browse(has.session, "GET", "/console/session")).account, owner.id);
  await browse(has.session, "POST", "/console/session/extend");
  const json = { email: guest.email, password };
  answers(await ask("POST", "/account/login", { json }), 401);
  const pin = { otp_type: "authenticator", pin_code: pinOf(has.secret, 1) };
  await signIn(guest.email, password, pin);
  await keep(member, "POST", "/account/email/confirm", { code: has.change });
  await signIn(has.address, password);
}

async function repeated(has) {
  const again = await keyed(has.owner, has.key);
  assert.deepEqual(again.json, has.first.json);
  assert.equal(again.headers["idempotency-replayed"], "true");
}

// records are what is kept of all this.
async function records(has) {
  const { owner } = has;
  const all = await keep(owner, "GET", "/notification");
  assert.ok(all.some((n) => n.title === "kept"));
  await keep(owner, "PUT", "/notification/markallread");
  for (const path of ["/account/auditlog", `/profile/${has.shed}/auditlog`]) {
    const { events } = await keep(owner, "GET", path);
    assert.ok(events.length > 2, `expected entries of ${path}, came ${events.length}`);
  }
  assert.ok((await keep(owner, "GET", "/account/payment_history")).length > 0);
  await keep(owner, "DELETE", "/account", { password });
  answers(await ask("GET", "/account", { token: owner.token }), 401);
}

export const after = [
  people,
  profiles,
  tokens,
  team,
  transfer,
  usage,
  security,
  repeated,
  records,
];
