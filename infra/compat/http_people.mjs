// Teams and transfers without an SDK.

import assert from "node:assert/strict";

import { demo, password } from "./facts.mjs";
import { linksOf, mail } from "./mailbox.mjs";
import { person, stranger, unsent } from "./people.mjs";
import { answers, ask } from "./wire.mjs";

// Invitations by older routes, full teams, and refusals of the routes of
// transfers.
export async function people(go, has) {
  const { token } = demo;
  // Version 10.0 of the SDK, and 9, answer an invitation by these routes and
  // mark as read without saying so.
  for (const [verb, done] of [
    ["accept", "Invitation accepted"],
    ["refuse", "Invitation declined"],
  ]) {
    await go(`the older route to ${verb} an invitation`, async () => {
      const email = stranger();
      answers(
        await ask("POST", "/account", {
          json: { name: "Walker", email, password, cpassword: password },
        }),
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
      const { token: guest } = answers(await ask("POST", "/account/profile/token", { json }), 200);
      assert.equal(
        answers(await ask("POST", `/profile/${has.home}/team`, { token, json: { email } }), 200),
        "User invited",
      );
      const [offer] = answers(await ask("GET", "/notification?read=False", { token: guest }), 200);
      const headers = { "Content-Type": "application/x-www-form-urlencoded" };
      answers(
        await ask("POST", `/notification/${verb}/${offer.id}`, { token, headers, body: "" }),
        404,
        /^Notification Not Found$/,
      );
      assert.equal(
        answers(
          await ask("POST", `/notification/${verb}/${offer.id}`, {
            token: guest,
            headers,
            body: "",
          }),
          200,
        ),
        done,
      );
      answers(
        await ask("POST", `/notification/${verb}/${offer.id}`, { token: guest, headers, body: "" }),
        400,
        /already/,
      );
      answers(
        await ask("PUT", "/notification/read", {
          token: guest,
          json: { notification_ids: [offer.id] },
        }),
        200,
      );
      assert.deepEqual(
        answers(
          await ask("GET", "/notification/?filter[read]=False&orderBy=created_at&orderBy=desc", {
            token: guest,
          }),
          200,
        ),
        [],
      );
      const team = answers(await ask("GET", `/profile/${has.home}/team`, { token }), 200);
      assert.deepEqual(
        team.map((m) => [m.id, m.active]),
        verb === "accept" ? [[id, true]] : [],
      );
      if (verb === "refuse") return;
      // The member leaves by itself.
      assert.equal(
        answers(await ask("DELETE", `/profile/${has.home}/team/${id}`, { token: guest }), 200),
        "Account Successfully Removed",
      );
      answers(await ask("GET", `/profile/${has.home}`, { token: guest }), 404);
    });
  }
  await go("a full team, and invitations withdrawn", async () => {
    const path = `/profile/${has.home}/team`;
    const list = async () => answers(await ask("GET", path, { token }), 200);
    const emails = Array.from({ length: 5 }, stranger);
    // Mails to an address are counted by the minute of the clock, which must
    // not end between the first and the last invitation.
    const left = 60_000 - (Date.now() % 60_000);
    if (left < 5_000) await new Promise((later) => setTimeout(later, left));
    for (const email of emails) answers(await ask("POST", path, { token, json: { email } }), 200);
    answers(
      await ask("POST", path, { token, json: { email: stranger() } }),
      403,
      /maximum limit of team members \(5\)/,
    );
    assert.deepEqual(
      (await list()).map((m) => m.email),
      emails,
    );
    const { code } = linksOf(await mail(emails[0], 1));
    for (const { id } of await list())
      assert.equal(
        answers(await ask("DELETE", `${path}/${id}`, { token }), 200),
        "Account Successfully Removed",
      );
    assert.deepEqual(await list(), []);
    answers(await ask("GET", `/profile/team/decline/${code}`), 400, /not valid/);
    // Withdrawing an invitation does not allow another mail.
    answers(
      await ask("POST", path, { token, json: { email: emails[0] } }),
      429,
      /^Too many requests \(Retry-After: \d+\): this address was invited/,
    );
  });
  await go("the routes of transfers and of the desk refuse what they should", async () => {
    const { token: agent } = await person("sam");
    const none = "TR-0000-0000",
      code = unsent;
    const routes = [
      [
        "POST",
        `/profile/${has.plant}/transfer`,
        { email: "ben@example.com", password },
        ["email", "password", "message"],
      ],
      ["GET", `/profile/${has.plant}/transfer`],
      ["DELETE", `/profile/${has.plant}/transfer`],
      ["GET", "/transfer"],
      ["GET", `/transfer/${none}`],
      ["POST", `/transfer/${none}/confirm`, { code, password }, ["code", "password"]],
      [
        "POST",
        `/transfer/${none}/accept`,
        { code, password },
        ["code", "password", "name", "keep_owner", "allocation", "addons", "members"],
      ],
      ["POST", `/transfer/${none}/decline`, { code, password }, ["code", "password"]],
      ["POST", `/transfer/${none}/revert`, { password }, ["password"]],
      ["GET", "/desk/transfer"],
      ["GET", `/desk/transfer/${none}`],
      ["POST", `/desk/transfer/${none}/approve`],
      ["POST", `/desk/transfer/${none}/reject`, { reason: "no" }, ["reason"]],
      ["POST", `/desk/transfer/${none}/note`, { kind: "note", text: "text" }, ["kind", "text"]],
      ["POST", `/desk/transfer/${none}/extend`],
      ["POST", `/desk/transfer/${none}/revert`],
    ];
    const methods = (path) => routes.filter((r) => r[1] === path).map((r) => r[0]);
    for (const [method, path, json, fields = []] of routes) {
      const desk = path.startsWith("/desk");
      const by = { token: desk ? agent : token };
      for (const bad of [undefined, "nonsense", token.replace("Only", "Lone")])
        answers(await ask(method, path, { token: bad, json }), 401);
      for (const other of ["GET", "POST", "PUT", "PATCH", "DELETE"].filter(
        (m) => !methods(path).includes(m),
      )) {
        answers(await ask(other, path, by), 404, /Not Found/);
      }
      if (path.includes(none)) {
        for (const ticket of [none, "nonsense", "TR-0000-000U", "%00", "x".repeat(2000)]) {
          answers(
            await ask(method, path.replace(none, ticket), { ...by, json }),
            404,
            /^Transfer Not Found$/,
          );
        }
      }
      if (desk) answers(await ask(method, path, { token, json }), 404, /^Desk Not Found$/);
      if (!json) continue;
      for (const body of [
        "{",
        "[]",
        "null",
        '"text"',
        "a=b",
        "{}}",
        Buffer.from([0x7b, 0xff, 0x7d]),
      ])
        answers(await ask(method, path, { ...by, body }), 400);
      for (const field of fields) {
        for (const value of [5, true, [5], { a: "b" }])
          answers(
            await ask(method, path, { ...by, json: { ...json, [field]: value } }),
            400,
            new RegExp(field),
          );
      }
    }
    for (const path of ["/transfer", "/desk/transfer"]) {
      for (const query of ["page=0", "amount=-1", "page=x"])
        answers(await ask("GET", `${path}?${query}`, { token: agent }), 400);
    }
  });
}
