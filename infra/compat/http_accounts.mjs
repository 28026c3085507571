// Accounts and tokens without an SDK.

import assert from "node:assert/strict";

import { demo } from "./facts.mjs";
import { mail } from "./mailbox.mjs";
import { newcomer } from "./people.mjs";
import { answers, ask } from "./wire.mjs";

// Passwords, the deletion of an account, and the places of a token in a
// request.
export async function accounts(go, has) {
  const { token } = demo;
  const bare = token.slice(2);
  await go("a new password comes from a code in the mail, which is used as a token", async () => {
    has.guest = await newcomer("Throwaway");
    const { guest } = has;
    assert.equal(
      answers(await ask("GET", `/account/passwordreset/${guest.email}`), 200),
      "Email sent successfully",
    );
    const [code] = (await mail(guest.email, 1, "asked to reset the password")).body.text.match(
      /^[0-9A-Za-z]{34}$/m,
    );
    const json = { password: "another lantern otter" };
    answers(
      await ask("POST", "/account/passwordreset", { token: code, json: { password: "short" } }),
      400,
      /password/,
    );
    assert.equal(
      answers(await ask("POST", "/account/passwordreset", { token: code, json }), 200),
      "Password changed successfully",
    );
    answers(await ask("POST", "/account/passwordreset", { token: code, json }), 401);
    answers(await ask("GET", "/account", { token: guest.token }), 401);
    const { profiles } = answers(
      await ask("POST", "/account/login", { json: { email: guest.email, ...json } }),
      200,
    );
    const made = { profile_id: profiles[0].id, email: guest.email, name: "after that", ...json };
    has.guest = {
      ...guest,
      ...json,
      token: answers(await ask("POST", "/account/profile/token", { json: made }), 200).token,
    };
  });

  await go("an account is deleted with its password, which no SDK sends", async () => {
    const { guest } = has;
    answers(await ask("DELETE", "/account", { token: guest.token }), 400, /password/);
    answers(
      await ask("DELETE", "/account", { token: guest.token, json: { password: "not this one" } }),
      401,
      /Invalid password/,
    );
    assert.equal(
      answers(await ask("GET", "/account", { token: guest.token }), 200).email,
      guest.email,
    );
    assert.match(
      answers(
        await ask("DELETE", "/account", { token: guest.token, json: { password: guest.password } }),
        200,
      ),
      /^Account Successfully Deleted/,
    );
    answers(await ask("GET", "/account", { token: guest.token }), 401);
    answers(
      await ask("POST", "/account/login", {
        json: { email: guest.email, password: guest.password },
      }),
      401,
    );
  });

  for (const name of [
    "token",
    "Token",
    "Profile-Token",
    "Account-Token",
    "Authorization",
    "Authentication",
    "AUTHORIZATION",
  ]) {
    await go(`the token in ${name}`, async () => {
      for (const text of [token, bare, `Bearer ${token}`, `bearer ${bare}`]) {
        assert.equal(
          answers(await ask("GET", "/info", { headers: { [name]: text } }), 200).name,
          "demo",
        );
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
}
