// The account of the checks: one that they sign up with EMAIL and delete again,
// or one that TOKEN and PASSWORD open.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";

import { mail } from "../compat/mailbox.mjs";
import { mailbox } from "../compat/stack.mjs";
import { answers, ask } from "../compat/wire.mjs";
import { check, NotChecked } from "./check.mjs";
import { keyed } from "./keyed.mjs";
import { keep, stays } from "./made.mjs";

const { EMAIL, TOKEN, PASSWORD } = process.env;

// simulated is an address at which SES's mailbox simulator accepts every mail.
export const simulated = () =>
  `success+smoke-${randomBytes(6).toString("hex")}@simulator.amazonses.com`;

const fresh = () => `smoke ${randomBytes(12).toString("hex")}`;

// asked is the text that a person types at the terminal.
const asked = (question) =>
  new Promise((resolve, reject) => {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    terminal.question(question, (answer) => {
      terminal.close();
      resolve(answer.trim());
    });
    terminal.on("SIGINT", () => {
      terminal.close();
      process.kill(process.pid, "SIGINT");
      reject(new NotChecked("it was stopped"));
    });
  });

// signUp makes an account, whose address a person or the mailbox of the local
// stack confirms.
async function signUp(has) {
  const password = fresh();
  await keyed("account-create", () => [
    "POST",
    "/account",
    { name: "Smoke test", email: EMAIL, password, cpassword: password, timezone: "UTC" },
  ]);
  const forget = keep(`the sign-up of ${EMAIL}`, () => {
    throw new Error("nobody has confirmed it: it ends by itself in 7 days");
  });
  await check("mail", `the mail to ${EMAIL} has a link that confirms`, async () => {
    let text;
    if (mailbox) text = (await mail(EMAIL, 1)).body.text;
    else if (process.stdin.isTTY) text = await asked("Paste the link of the mail, then Enter: ");
    else
      throw new NotChecked(
        "nobody can paste the link: run this in a terminal, or with TOKEN and PASSWORD",
      );
    const code = text.match(/#\/account\/confirm\/(\w+)/)?.[1];
    assert.ok(code, "expected a link with #/account/confirm/ (EMAIL must have no account)");
    answers(await ask("GET", `/account/confirm/${code}`), 200);
    Object.assign(has, { email: EMAIL, password, own: true });
    forget();
    keep(`the account ${EMAIL}`, async () => {
      const { profiles } = answers(
        await ask("POST", "/account/login", { json: { email: EMAIL, password } }),
        200,
      );
      const json = { profile_id: profiles[0].id, email: EMAIL, password, name: "smoke test" };
      const { token } = answers(await ask("POST", "/account/profile/token", { json }), 200);
      answers(await ask("DELETE", "/account", { token, json: { password } }), 200);
    });
  });
}

// notified are the notifications of the account that exists: as many as a list
// has at most.
const notified = async () =>
  answers(await ask("GET", "/notification?amount=1000", { token: TOKEN }), 200).map(({ id }) => id);

// open uses an existing account. Its sign-up is one that nobody confirms.
async function open(has) {
  const [email, password] = [simulated(), fresh()];
  const made = await keyed("account-create", () => [
    "POST",
    "/account",
    { name: "Smoke test", email, password, cpassword: password, timezone: "UTC" },
  ]);
  if (made) stays(`the sign-up of ${email}`, "for 7 days, as nobody confirms it");
  await check("account", "TOKEN is that of an account", async () => {
    has.email = answers(await ask("GET", "/account", { token: TOKEN }), 200).email;
    has.password = PASSWORD;
    has.before = await state();
    const before = has.before.notifications;
    keep("the notifications of what these checks did", async () => {
      for (const id of (await notified()).filter((id) => !before.includes(id)))
        answers(await ask("DELETE", `/notification/${id}`, { token: TOKEN }), 200);
    });
  });
  await check("mail", "a mail for a new password comes to the account's address", async () => {
    const { email } = has;
    answers(await ask("GET", `/account/passwordreset/${email}`), 200);
    if (mailbox) await mail(email, 1, "reset the password");
    else if (!process.stdin.isTTY)
      throw new NotChecked(`it was asked for: look for it at ${email}`);
    else if (!/^y/i.test(await asked(`Is a mail for a new password at ${email}? [y/n] `)))
      assert.fail(`expected a mail for a new password at ${email}`);
  });
}

// state are the things that the checks make and remove, as the account that
// TOKEN opens has them.
async function state() {
  const get = async (path) => answers(await ask("GET", path, { token: TOKEN }), 200);
  const profiles = (await get("/profile")).map(({ id }) => id);
  const tokens = {};
  for (const id of profiles)
    tokens[id] = (await get(`/profile/${id}/token?amount=1000`)).map(({ token }) => token);
  return { tokens, notifications: await notified() };
}

// asBefore checks that the account is as it was before, after all was removed.
export async function asBefore(has) {
  await check("account", "nothing of the checks is left in it", async () => {
    if (has.own) return answers(await ask("GET", "/account", { token: has.token }), 401);
    const { before } = has;
    assert.deepEqual(await state(), before);
  });
}

// account leaves email, password, home, plan, token, and own for an account
// that is deleted at the end.
export async function account(has) {
  has.own = false;
  if (EMAIL) await signUp(has);
  else if (TOKEN && PASSWORD) await open(has);
  else
    await keyed("account-create", () => {
      throw new NotChecked("set EMAIL, or TOKEN and PASSWORD");
    });
  await keyed("account-login", () => {
    const { email, password } = has;
    return ["POST", "/account/login", { email, password }];
  }).then((x) => {
    const own = x?.result.profiles.find((p) => p.account === x.result.id);
    if (own) has.home = own.id;
  });
  await keyed("account-token-create", () => {
    const { home: profile_id, email, password } = has;
    const json = { profile_id, email, password, name: "smoke test", expire_time: "1 hour" };
    return ["POST", "/account/profile/token", json];
  }).then((x) => {
    if (!x) return;
    const { token } = x.result;
    has.token = token;
    if (!has.own)
      keep("a token of the account", async () =>
        answers(await ask("DELETE", `/profile/token/${token}`, { token }), 200),
      );
  });
}
