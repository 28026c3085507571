// A request with an Idempotency-Key for every shape of rights. Only AWS
// enforces rights: the local stack cannot show that a role lacks one.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { api } from "../compat/stack.mjs";
import { answers, ask } from "../compat/wire.mjs";
import { simulated } from "./account.mjs";
import { check, NotChecked } from "./check.mjs";
import { keyed, tried } from "./keyed.mjs";
import { allGone, keep, stays } from "./made.mjs";
import { keyedRoles } from "./template.mjs";

// Operations whose writes need the code of a mail that these checks cannot
// read. A code that was never issued shows only that the function starts, reads
// and counts attempts: its role may still lack a right to write.
const codes = {
  "email-undo": ["/account/email/undo", "a mail to a former address"],
  "email-confirm": ["/account/email/confirm", "a mail to a new address"],
};
const neverIssued = "Sample00ThisCodeConfirmsNobody5aUJ";

// profile sets `second`, a profile to work with, and `other`, a token of it.
export async function profile(has) {
  const by = () => ({ token: has.token });
  if (has.own)
    await keyed("plan-edit", () => ["POST", "/account/plan", { plan: "scale" }, by()]);
  await check("account", "the plan admits a second profile, a team and transfers", async () => {
    const { plan } = answers(await ask("GET", "/account/plan", by()), 200);
    if (plan !== "scale")
      throw new NotChecked(`the account has the plan ${plan}: give it scale`);
    has.plan = plan;
  });
  await keyed("profile-create", () => {
    assert.equal(has.plan, "scale");
    return ["POST", "/profile", { name: "Smoke test" }, by()];
  }).then((x) => {
    if (!x) return;
    const { id } = x.result;
    const { token, password } = has;
    has.second = id;
    has.removed = keep("a profile of the account", async () =>
      answers(await ask("DELETE", `/profile/${id}`, { token, json: { password } }), 200),
    );
  });
  await keyed("token-create", () => {
    const json = { name: "smoke test", permission: "full", expire_time: "1 hour" };
    return ["POST", `/profile/${has.second}/token`, { ...json, ...proof(has) }, by()];
  }).then((x) => {
    if (x) has.other = x.result.token;
  });
}

const proof = ({ email, password }) => ({ email, password });

async function tokens(has, by) {
  const path = (end) => `/profile/${has.second}/token${end}`;
  await keyed("profile-edit", () => [
    "PUT",
    `/profile/${has.second}`,
    { name: "Smoke test, renamed" },
    by(),
  ]);
  await keyed("token-edit", () => ["PUT", path(`/${has.other}`), { scope: "profile" }, by()]);
  await keyed("token-policy-set", () => [
    "PUT",
    `/profile/${has.second}/token_policy`,
    { disable_unused: true },
    by(),
  ]);
  await keyed("token-rotate", () => [
    "POST",
    path(`/${has.other}/rotate`),
    { grace: "0", password: has.password },
    by(),
  ]).then((x) => {
    if (x) has.rotated = x.result.token;
  });
  await keyed("token-leaked", () => ["POST", "/token/leaked", { token: has.rotated }]);
  await keyed("token-revoke-all", () => ["DELETE", path(""), undefined, by()]);
}

async function notifications(has, by) {
  await keyed("notification-create", () => [
    "POST",
    "/notification",
    { title: "Smoke test", message: "This goes by itself." },
    by(),
  ]).then((x) => {
    if (!x) return;
    const { id } = x.result;
    has.notification = id;
    has.read = keep("a notification", async () =>
      answers(await ask("DELETE", `/notification/${id}`, by()), 200),
    );
  });
  await keyed("notification-read", () => [
    "PUT",
    "/notification/read",
    { notification_ids: [has.notification], read: true },
    by(),
  ]);
  await keyed("notification-read-all", () => ["PUT", "/notification/markallread", undefined, by()]);
  await keyed("notification-delete", () => [
    "DELETE",
    `/notification/${has.notification}`,
    undefined,
    by(),
  ]).then((x) => x && has.read());
}

// sessions are those of a browser on this service's own pages.
async function sessions(has, by) {
  const page = { "sec-fetch-site": "same-origin", console: "1", origin: api.origin };
  await keyed("session-create", () => [
    "POST",
    "/console/session",
    proof(has),
    { headers: page },
  ]).then((x) => {
    if (!x) return;
    has.cookie = x.headers["set-cookie"].map((text) => text.split(";")[0]).join("; ");
    const headers = { ...page, cookie: has.cookie };
    has.left = keep("a session", async () =>
      answers(await ask("DELETE", "/console/session", { headers }), 200),
    );
  });
  await keyed("session-extend", () => [
    "POST",
    "/console/session/extend",
    undefined,
    { headers: { ...page, cookie: has.cookie } },
  ]);
  await keyed("session-delete", () => [
    "DELETE",
    "/console/session",
    undefined,
    { headers: { ...page, cookie: has.cookie } },
  ]).then((x) => x && has.left());
  await keyed("session-revoke-others", () => ["DELETE", "/account/session", undefined, by()]);
}

async function people(has, by) {
  await keyed("team-invite", () => [
    "POST",
    `/profile/${has.second}/team`,
    { email: simulated(), permission: "read" },
    by(),
  ]);
  await keyed("transfer-request", () => [
    "POST",
    `/profile/${has.second}/transfer`,
    { email: simulated(), password: has.password, message: "A smoke test, which cancels this at once." },
    by(),
  ]).then((x) => {
    if (!x) return;
    has.ticket = x.result.ticket;
    stays(`the ticket ${has.ticket}, which has ended,`, "for 6 months; support has its mails");
  });
  await keyed("transfer-mail", () => ["POST", `/transfer/${has.ticket}/mail`, undefined, by()]);
  await keyed("transfer-cancel", () => {
    assert.ok(has.ticket);
    return ["DELETE", `/profile/${has.second}/transfer`, undefined, by()];
  });
}

async function backups(has, by) {
  const path = (end) => `/profile/${has.second}/backup${end}`;
  const json = () => ({ password: has.password });
  await keyed("backup-create", () => ["POST", path(""), undefined, by()]).then((x) => {
    if (x) has.backup = x.result.backup_id;
  });
  await keyed("backup-download", () => ["POST", path(`/${has.backup}/download`), json(), by()]);
  await keyed("backup-restore", () => ["POST", path(`/${has.backup}/restore`), json(), by()]);
  await keyed("backup-delete", () => ["DELETE", path(`/${has.backup}`), json(), by()]);
}

export async function rights(has) {
  const by = () => ({ token: has.token });
  await tokens(has, by);
  await notifications(has, by);
  await sessions(has, by);
  await people(has, by);
  await backups(has, by);
  await keyed("payment-retry", () => [
    "POST",
    "/account/subscription/pending/retry",
    undefined,
    { ...by(), status: 400 },
  ]);
  await keyed("profile-delete", () => [
    "DELETE",
    `/profile/${has.second}`,
    { password: has.password },
    by(),
  ]).then((x) => x && has.removed());
  await keyed("account-delete", () => {
    const more = by();
    if (!has.own) throw new NotChecked("an account that exists is left as it is");
    return ["DELETE", "/account", { password: has.password }, more];
  }).then((x) => x && allGone());
  for (const [role, operations] of keyedRoles()) {
    if (tried.has(role)) continue;
    await check("rights", `${operations.join(", ")} (${role})`, async () => {
      const coded = operations.map((operation) => codes[operation]).find(Boolean);
      if (!coded) assert.fail("expected a request for each role: add one to infra/smoke/rights.mjs");
      const [path, mailed] = coded;
      const headers = { "idempotency-key": randomUUID() };
      answers(await ask("POST", path, { json: { code: neverIssued }, headers }), 400);
      throw new NotChecked(`it reads and counts; what it writes takes the code of ${mailed}`);
    });
  }
}
