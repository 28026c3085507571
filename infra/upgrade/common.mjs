// The parts that both halves of the walk share.

import { mail } from "../compat/mailbox.mjs";
import { api } from "../compat/stack.mjs";
import { answers, ask } from "../compat/wire.mjs";

// keep is a request of somebody that succeeds, and its result.
export const keep = async ({ token }, method, path, json) =>
  answers(await ask(method, path, { token, json }), 200);

// keyed is a request with an Idempotency-Key, as its answer came.
export async function keyed({ token }, key) {
  const json = { title: "kept", message: "This is sent twice." };
  const x = await ask("POST", "/notification", { token, json, headers: { "idempotency-key": key } });
  answers(x, 200);
  return { json: x.json, headers: x.headers };
}

// codeOf is the code of a transfer's mail.
export async function codeOf(to, verb, ticket) {
  const { body } = await mail(to, 1, `#/transfer/${verb}/${ticket}/`);
  return body.text.match(new RegExp(`/${verb}/${ticket}/(\\w+)`))[1];
}

// invitationTo is the code of the mail that invites an address.
export async function invitationTo(address) {
  const { body } = await mail(address, 1, "#/profile/team/accept/");
  return body.text.match(/team\/accept\/(\w+)/)[1];
}

const page = { "sec-fetch-site": "same-origin", console: "1", origin: api.origin };

// signIn is the cookie of a browser that signs in.
export async function signIn(email, password, pin = {}) {
  const json = { email, password, ...pin };
  const x = await ask("POST", "/console/session", { json, headers: page });
  answers(x, 200);
  return [x.headers["set-cookie"]].flat()[0].split(";")[0];
}

// browse is a request of a page, with the cookie of its browser.
export const browse = async (cookie, method, path, json) =>
  answers(await ask(method, path, { json, headers: { ...page, cookie } }), 200);
