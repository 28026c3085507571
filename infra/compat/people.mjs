// The accounts of the walks, besides the demo account.

import { randomBytes } from "node:crypto";

import { demo, password } from "./facts.mjs";
import { mail } from "./mailbox.mjs";
import { answers, ask } from "./wire.mjs";

export const unsent = "0".repeat(34); // has the form of a code

export const stranger = () => `walk-${randomBytes(6).toString("hex")}@example.com`;

export const person = async (name) => {
  const email = `${name}@example.com`;
  const { id, profiles } = answers(
    await ask("POST", "/account/login", { json: { email, password: demo.password } }),
    200,
  );
  const own = profiles.find((p) => p.account === id);
  const json = {
    profile_id: own.id,
    email,
    password: demo.password,
    name: "walk",
    expire_time: "1 hour",
  };
  const { token } = answers(await ask("POST", "/account/profile/token", { json }), 200);
  return { id, email, token, home: own.id };
};

// newcomer makes an account with the plan free, and a token of its only
// profile.
export async function newcomer(name) {
  const email = stranger();
  answers(
    await ask("POST", "/account", { json: { name, email, password, cpassword: password } }),
    200,
  );
  answers(
    await ask("GET", (await mail(email, 1)).body.text.match(/#(\/account\/confirm\/\w+)/)[1]),
    200,
  );
  const { id, profiles } = answers(
    await ask("POST", "/account/login", { json: { email, password } }),
    200,
  );
  const json = { profile_id: profiles[0].id, email, password, name: "walk" };
  const { token } = answers(await ask("POST", "/account/profile/token", { json }), 200);
  return { id, email, token, home: profiles[0].id };
}

// undated is an account without the times that requests and moves change.
export const undated = ({ updated_at, last_login, ...account }) => account;
