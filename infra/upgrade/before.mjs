// Leaves something of every kind half done, for another release to end.

import assert from "node:assert/strict";

import { earlyInStep, password, pinOf, plane } from "../compat/facts.mjs";
import { mail } from "../compat/mailbox.mjs";
import { newcomer, stranger } from "../compat/people.mjs";
import { answers, ask } from "../compat/wire.mjs";
import { browse, codeOf, invitationTo, keep, keyed, signIn } from "./common.mjs";

const proof = ({ email }) => ({ email, password });

// people sign up, and one of them confirms later.
async function people(has) {
  has.owner = await newcomer("Olga");
  has.guest = await newcomer("Gil");
  has.member = await newcomer("Max");
  await keep(has.owner, "POST", "/account/plan", { plan: "scale" });
  await keep(has.guest, "POST", "/account/plan", { plan: "starter" });
  const email = stranger();
  const json = { name: "Uma", email, password, cpassword: password };
  answers(await ask("POST", "/account", { json }), 200);
  const found = (await mail(email, 1)).body.text.match(/#(\/account\/confirm\/\w+)/);
  has.unconfirmed = { email, confirm: found[1] };
}

async function profiles(has) {
  const { owner } = has;
  has.plant = (await keep(owner, "POST", "/profile", { name: "Plant" })).id;
  has.shed = (await keep(owner, "POST", "/profile", { name: "Shed" })).id;
  has.gone = (await keep(owner, "POST", "/profile", { name: "Gone" })).id;
  await keep(owner, "PUT", `/profile/${has.plant}`, { name: "Plant 1" });
  await keep(owner, "POST", "/account/allocation", [
    { profile: owner.home, input: 900_000, output: 900_000 },
    { profile: has.shed, input: 1000, output: 500 },
  ]);
  await keep(owner, "PUT", "/account/billing", { company: "Olga Ltd", country: "DE" });
  await keep(owner, "DELETE", `/profile/${has.gone}`, { password });
}

async function tokens(has) {
  const { owner } = has;
  const make = (profile, name) => {
    const json = { name, permission: "full", expire_time: "1 day", ...proof(owner) };
    return keep(owner, "POST", `/profile/${profile}/token`, json);
  };
  const first = await make(owner.home, "rotated");
  const path = `/profile/${owner.home}/token/${first.token}/rotate`;
  const next = await keep({ token: first.token }, "POST", path, { grace: "1 day", password });
  has.rotated = [first.token, next.token];
  has.device = (await make(has.plant, "device")).token;
  has.edited = (await make(has.shed, "edited")).token;
}

async function team(has) {
  const { owner, guest, member } = has;
  const invite = (profile, email) => keep(owner, "POST", `/profile/${profile}/team`, { email });
  await invite(has.plant, member.email);
  const joined = await invitationTo(member.email);
  await keep(member, "POST", `/profile/team/accept/${joined}`);
  await invite(owner.home, guest.email);
  has.invitation = await invitationTo(guest.email);
  has.invited = stranger();
  await invite(owner.home, has.invited);
}

async function transfer(has) {
  const { owner, guest } = has;
  const json = { email: guest.email, password };
  const { ticket } = await keep(owner, "POST", `/profile/${has.plant}/transfer`, json);
  has.ticket = ticket;
  const code = await codeOf(owner.email, "confirm", ticket);
  await keep(owner, "POST", `/transfer/${ticket}/confirm`, { code, password });
  has.accept = await codeOf(guest.email, "accept", ticket);
}

// usage counts events, and leaves one to be sent again.
async function usage(has) {
  has.line = { service: "input", amount: 40, event: `first-${has.shed}` };
  const json = { lines: [has.line] };
  await keep(plane, "POST", `/usage/${has.shed}`, json);
}

async function security(has) {
  const { owner, guest, member } = has;
  has.session = await signIn(owner.email, password);
  assert.equal((await browse(has.session, "GET", "/console/session")).account, owner.id);
  const url = await keep(guest, "POST", "/account/otp/authenticator/enable", proof(guest));
  has.secret = new URL(url).searchParams.get("secret");
  await earlyInStep();
  const pin = { pin_code: pinOf(has.secret, -1) };
  await keep(guest, "POST", "/account/otp/authenticator/confirm", pin);
  has.address = stranger();
  await keep(member, "POST", "/account/email", { email: has.address, password });
  has.change = (await mail(has.address, 1)).body.text.match(/account\/email\/(\w+)/)[1];
}

async function repeated(has) {
  has.key = `key-${has.shed}`;
  has.first = await keyed(has.owner, has.key);
}

export const before = [people, profiles, tokens, team, transfer, usage, security, repeated];
