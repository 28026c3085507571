// What browsers and other clients do that no SDK does.

import assert from "node:assert/strict";
import { inspect } from "node:util";

import { demo, password, plane, services } from "./facts.mjs";
import { linksOf, mail } from "./mailbox.mjs";
import { newcomer, person, stranger, unsent } from "./people.mjs";
import { api } from "./stack.mjs";
import { restore, snapshot } from "./state.mjs";
import { bag, step } from "./steps.mjs";
import { answers, ask, describe, send } from "./wire.mjs";

export async function walkHTTP() {
  const go = (name, run) => step("http", name, run);
  const { token } = demo;
  const bare = token.slice(2);
  const has = bag();

  await go("the demo account", async () => {
    has.before = await snapshot();
    [has.home, has.plant] = Object.keys(has.before.profiles);
  });
  await go("a browser asks before it sends", async () => {
    const requests = [
      "GET /profile",
      "POST /account/login",
      "PUT /account",
      "DELETE /profile/0",
      "POST /profile/",
    ];
    for (const [method, path] of requests.map((text) => text.split(" "))) {
      const wanted = ["token", "content-type", "pragma", "cache-control"];
      const x = await send("OPTIONS", path, {
        headers: {
          Origin: "https://console.example.net",
          "Access-Control-Request-Method": method,
          "Access-Control-Request-Headers": wanted.join(", "),
        },
      });
      assert.ok(x.status === 200 || x.status === 204, `expected 200 or 204, came ${describe(x)}`);
      const list = (name) =>
        (x.headers[`access-control-allow-${name}`] ?? "").toLowerCase().split(/\s*,\s*/);
      assert.deepEqual(list("origin"), ["*"]);
      assert.ok(
        list("methods").includes(method.toLowerCase()),
        `expected ${method}, came ${list("methods")}`,
      );
      for (const name of wanted)
        assert.ok(list("headers").includes(name), `expected ${name}, came ${list("headers")}`);
    }
  });
  await go("a browser may read every answer", async () => {
    const headers = { Origin: "https://console.example.net" };
    for (const [path, status, with_] of [
      ["/profile", 200, { token }],
      ["/profile", 401, {}],
      ["/nowhere", 404, {}],
    ]) {
      const x = await ask("GET", path, { ...with_, headers });
      answers(x, status);
      assert.equal(x.headers["access-control-allow-origin"], "*");
    }
  });

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

  await go("POST /profile with and without its slash", async () => {
    for (const path of ["/profile/", "/profile", "/profile/?allocate_free_resources=True"]) {
      const { id } = answers(
        await ask("POST", path, { token, json: { name: "Slash", unknown: { key: [1] } } }),
        200,
      );
      answers(
        await ask("DELETE", `/profile/${id}`, { token, json: { password: demo.password } }),
        200,
      );
    }
  });
  await go("a PUT without a body that calls itself a form", async () => {
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const made = answers(
      await ask("POST", "/account/profile/token", {
        json: {
          profile_id: has.home,
          email: demo.email,
          password: demo.password,
          name: "walk http",
          expire_time: "1 hour",
        },
      }),
      200,
    );
    for (const id of [has.plant, has.home]) {
      answers(
        await ask("PUT", `/profile/switch/${id}`, { token: made.token, headers, body: "" }),
        200,
      );
      assert.equal(answers(await ask("GET", "/info", { token: made.token }), 200).ref_id, id);
    }
    answers(await ask("DELETE", `/profile/token/${made.token}`, { token }), 200);
  });
  await go("a whole profile in an edit changes no allocation", async () => {
    const json = {
      info: { name: "Plant", id: has.home },
      allocation: { input: 1 },
      account_plan: "free",
    };
    answers(await ask("PUT", `/profile/${has.plant}`, { token, json }), 200);
    const { info, allocation, account_plan } = answers(
      await ask("GET", `/profile/${has.plant}`, { token }),
      200,
    );
    const before = has.before.profiles[has.plant];
    assert.deepEqual(
      { info: { ...info, updated_at: 0 }, allocation, account_plan },
      {
        info: { ...before.info, updated_at: 0 },
        allocation: before.allocation,
        account_plan: before.account_plan,
      },
    );
    has.before.profiles[has.plant] = { ...before, info };
  });

  await go("lists in every encoding", async () => {
    const keys = ["created_at", "expire_time", "name", "permission"];
    for (const fields of [
      "fields[0]=name&fields[1]=permission",
      "fields%5B0%5D=name&fields%5B1%5D=permission",
      "fields[]=name&fields[]=permission",
      "fields=name&fields=permission",
      "fields=name,permission",
      "fields=name%2Cpermission",
      "fields[30]=permission&fields[29]=name",
    ]) {
      const [row] = answers(
        await ask("GET", `/profile/${has.home}/token?${fields}`, { token }),
        200,
      );
      assert.deepEqual({ [fields]: Object.keys(row).sort() }, { [fields]: keys });
    }
    for (const rest of [
      "orderBy=created_at,%20asc",
      "orderBy=created_at,+asc",
      "orderBy[0]=name&orderBy[1]=DESC",
      "filter[name]=de*",
      "filter%5Bname%5D=de%2A",
      "filter[name]=",
    ]) {
      const rows = answers(
        await ask("GET", `/profile/${has.home}/token?page=1&amount=20&${rest}`, { token }),
        200,
      );
      assert.deepEqual({ [rest]: rows.map((row) => row.name) }, { [rest]: ["demo"] });
    }
    for (const bad of [
      "page=0",
      "page=x",
      "amount=-1",
      "amount=1e9",
      "orderBy=name,up",
      "filter[shoe_size]=4",
    ]) {
      answers(await ask("GET", `/profile/${has.home}/token?${bad}`, { token }), 400);
    }
  });

  await go("a path that is no route", async () => {
    for (const path of [
      "/",
      "/nowhere",
      "/profile/a/b/c/d",
      "/notification/x",
      "/.env",
      "/v1/account",
    ]) {
      answers(await ask("GET", path, { token }), 404, /Not Found/i);
    }
  });
  await go("a base URL that ends in a slash, and HEAD", async () => {
    for (const path of ["//account", "//profile", "//notification/", "//status"])
      answers(await ask("GET", path, { token }), 200);
    const heads = { "/status": 200, "/profile": 200, "/notification/": 200, "/nowhere": 404 };
    for (const [path, status] of Object.entries(heads)) {
      const answer = await fetch(new URL(path, api), { method: "HEAD", headers: { token } });
      assert.deepEqual([path, answer.status, await answer.text()], [path, status, ""]);
    }
  });
  await go("a path with odd characters", async () => {
    for (const path of [
      "/u/100%25",
      "/u/100%2525",
      "/u/%25zz",
      "/profile/100%25",
      "/profile/%00",
      "/profile/a%2Fb",
      "/profile/a%23b",
      "/profile/a%3Fb",
      "/profile/%2e%2e",
      "/profile/%F0%9F%8C%B1",
      "/profile/%FF",
      "/profile/current%20",
      "/profile/a+b",
      `/profile/${"a".repeat(4000)}`,
      "/account/confirm/100%25",
      "/account/confirm/%00",
    ]) {
      const { status } = await ask("GET", path, { token });
      assert.ok(
        status === 400 || status === 404,
        `expected 400 or 404 for ${path.slice(0, 60)}, came ${status}`,
      );
    }
    for (const query of [
      "%zz",
      "fields=%",
      "filter[=1",
      "page=%00",
      ";;",
      "=&=",
      "filter[name][x]=1",
    ]) {
      const { status } = await ask("GET", `/profile/${has.home}/token?${query}`, { token });
      assert.ok(
        status === 200 || status === 400,
        `expected 200 or 400 for ?${query}, came ${status}`,
      );
    }
  });
  await go("a method that the path does not have", async () => {
    const requests = [
      "GET /account/login",
      "PATCH /account",
      "POST /profile/current",
      "DELETE /profile",
      "PUT /info",
    ];
    for (const [method, path] of requests.map((text) => text.split(" "))) {
      const { status } = await ask(method, path, { token });
      assert.ok(
        status === 404 || status === 405,
        `expected 404 or 405 for ${method} ${path}, came ${status}`,
      );
    }
    await ask("OPTIONS", "/profile"); // as a tool that asks what there is; its answer need only be well-formed
    const head = await send("HEAD", "/account", { headers: { token } });
    assert.ok(
      head.status < 500 && head.text === "",
      `expected no 5xx and no body, came ${describe(head)}`,
    );
  });
  await go("a body that is not what it should be", async () => {
    for (const body of [
      "{",
      "[]",
      "null",
      '"text"',
      "{}}",
      "{'email':1}",
      '{"email":5}',
      '{"email":{"a":1},"password":[]}',
      "email=a&password=b",
      Buffer.from([0x7b, 0xff, 0x7d]),
      "{}",
      "",
    ]) {
      for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"]) {
        answers(
          await ask("POST", "/account/login", { headers: { "Content-Type": type }, body }),
          400,
        );
      }
    }
    answers(await ask("POST", "/account/login", { body: '{"a":'.repeat(10_000) }), 400);
  });
  await go("a good body under another content type", async () => {
    const body = JSON.stringify({ email: demo.email, password: demo.password });
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "application/octet-stream",
    ]) {
      answers(
        await ask("POST", "/account/login", { headers: { "Content-Type": type }, body }),
        200,
      );
    }
  });
  await go("a huge body", async () => {
    for (const size of [100_000, 5_000_000]) {
      for (const [method, path] of [
        ["POST", "/account/login"],
        ["POST", "/account"],
        ["PUT", "/account"],
      ]) {
        answers(
          await ask(method, path, {
            token,
            json: { email: demo.email, password: "x".repeat(size) },
          }),
          413,
        );
      }
    }
  });
  await go("texts that are too long or odd", async () => {
    for (const name of ["", " ", "x".repeat(101), "a\u0000b", "a\nb", 5, {}]) {
      answers(await ask("PUT", `/profile/${has.plant}`, { token, json: { name } }), 400, /name/);
    }
  });
  // Version 10.0 of the SDK, and 9, answer an invitation by these routes and mark as read without saying so.
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
    // Mails to an address are counted by the clock's minute, which must not end between the first and the last invitation.
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
    // Withdrawing does not open the way to another mail.
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
  await go(
    "the routes of subscriptions, allocation, cost and use refuse what they should",
    async () => {
      const payer = await newcomer("Refused");
      const id = payer.home,
        none = "0".repeat(24);
      const usage = { lines: [{ service: "input", amount: 1, event: "walk-refused" }] };
      const routes = [
        ["GET", "/account/subscription"],
        ["GET", "/account/subscription/summary"],
        ["GET", "/account/subscription/schedule"],
        ["DELETE", "/account/subscription/schedule"],
        ["GET", "/account/subscription/coupon/HALF"],
        [
          "POST",
          "/account/subscription",
          { plan: "starter" },
          ["plan", "services", "addons", "coupon"],
        ],
        ["POST", "/account/subscription/pending/retry"],
        ["POST", "/account/subscription/pending/cancel"],
        ["GET", "/pricing/prorated"],
        ["GET", "/account/plan"],
        ["POST", "/account/plan", { plan: "starter" }, ["plan"]],
        ["POST", "/account/plan/", { plan: "starter" }, ["plan"]],
        ["GET", "/billing"],
        ["GET", "/account/payment_method"],
        ["POST", "/account/payment_method"],
        ["DELETE", "/account/payment_method"],
        ["GET", "/account/payment_method/"],
        ["POST", "/account/payment_method/"],
        ["DELETE", "/account/payment_method/"],
        ["GET", "/account/payment_history"],
        ["GET", "/account/payment_history/"],
        ["GET", "/account/billing"],
        [
          "PUT",
          "/account/billing",
          { city: "Lisboa" },
          ["company", "country", "state", "city", "street", "zip_code", "comments"],
        ],
        ["GET", "/account/allocation"],
        ["POST", "/account/allocation", []],
        ["GET", "/account/cost"],
        ["POST", `/profile/${id}/services`, { input: 1 }, services],
        ["GET", `/profile/${id}/addons`],
        ["POST", `/profile/${id}/addons`, { mobile: false }, ["mobile", "custom_dns"]],
        ["DELETE", `/profile/${id}/mobile`],
        ["GET", `/profile/${id}/cost`],
        ["GET", `/profile/${id}/statistics`],
        ["GET", `/usage/${id}`],
        ["POST", `/usage/${id}`, usage, ["lines"]],
      ];
      for (const [method, path, json, fields = []] of routes) {
        const by = { token: path.startsWith("/usage") ? plane.token : payer.token };
        for (const bad of [undefined, "nonsense", token.replace("Only", "Lone")])
          answers(await ask(method, path, { token: bad, json }), 401);
        for (const other of ["PUT", "PATCH"].filter(
          (m) => !routes.some(([n, p]) => n === m && p === path),
        )) {
          answers(await ask(other, path, by), 404, /Not Found/);
        }
        if (path.includes(id)) {
          for (const profile of [none, "nonsense", "%00", "x".repeat(2000)]) {
            answers(
              await ask(method, path.replace(id, profile), { ...by, json }),
              404,
              /^Profile Not Found$/,
            );
          }
          if (!path.startsWith("/usage"))
            answers(
              await ask(method, path.replace(id, has.home), { ...by, json }),
              404,
              /^Profile Not Found$/,
            );
        }
        if (!json) continue;
        const wrong = [
          "{",
          "null",
          '"text"',
          "a=b",
          "{}}",
          "[}",
          Buffer.from([0x7b, 0xff, 0x7d]),
          Array.isArray(json) ? "{}" : "[]",
          '{"a":'.repeat(9_000),
        ];
        for (const body of wrong) answers(await ask(method, path, { ...by, body }), 400);
        answers(await ask(method, path, { ...by, json: { plan: "x".repeat(100_000) } }), 413);
        for (const field of fields) {
          for (const value of [5, "text", true, [5], { a: "b" }, { input: 5 }, { mobile: 5 }]) {
            const { status, message } = await ask(method, path, {
              ...by,
              json: { [field]: value },
            });
            const good = ["number", "string", "boolean"].includes(typeof value) && status !== 400;
            if (!good)
              assert.ok(
                status === 400 && message.includes(field),
                `expected 400 that names ${field} for ${inspect(value)}, came ${status} ${message}`,
              );
            assert.ok(status < 500);
          }
        }
      }
      for (const rows of [
        [5],
        [[]],
        [{}],
        [{ profile: 5 }],
        [{ profile: id, input: "5" }],
        [{ profile: id, input: {} }],
        [{ profile: none, input: 1 }],
      ]) {
        const { status, message } = await ask("POST", "/account/allocation", {
          token: payer.token,
          json: rows,
        });
        assert.ok(
          status === 400 || status === 403,
          `expected 400 or 403 for ${inspect(rows)}, came ${status} ${message}`,
        );
      }
      for (const line of [
        5,
        null,
        [],
        {},
        { ...usage.lines[0], service: "fax" },
        { ...usage.lines[0], amount: "1" },
        { ...usage.lines[0], amount: 1.5 },
        { ...usage.lines[0], amount: -1 },
        { ...usage.lines[0], amount: 0 },
        { ...usage.lines[0], amount: 1e300 },
        { ...usage.lines[0], event: "" },
        { ...usage.lines[0], event: 5 },
        { ...usage.lines[0], event: "x".repeat(129) },
        { ...usage.lines[0], set: true },
        { ...usage.lines[0], set: "yes" },
        { ...usage.lines[0], time: "soon" },
        { ...usage.lines[0], time: "2020-01-01T00:00:00Z" },
        { service: "input", event: "x" },
      ])
        answers(
          await ask("POST", `/usage/${id}`, {
            token: plane.token,
            json: { lines: [usage.lines[0], line] },
          }),
          400,
          /lines/,
        );
      // A report is counted as a whole or not at all.
      assert.equal(
        answers(await ask("GET", `/usage/${id}`, { token: plane.token }), 200).services.input.used,
        0,
      );
      answers(
        await ask("POST", `/usage/${id}`, {
          token: plane.token,
          json: { lines: Array(101).fill(usage.lines[0]) },
        }),
        400,
        /lines/,
      );
      for (const by of [payer.token, token]) {
        for (const [method, json] of [["GET"], ["POST", usage]])
          answers(await ask(method, `/usage/${id}`, { token: by, json }), 403, /data plane/);
      }
      // Without a signature the gateway answers by itself.
      for (const by of [
        {},
        { token: plane.token },
        {
          headers: { Authorization: "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c" },
        },
      ]) {
        answers(
          await ask("POST", `/profile/${id}/usage`, { ...by, json: usage }),
          403,
          /Forbidden/,
        );
        answers(await ask("GET", `/profile/${id}/usage`, by), 403, /Forbidden/);
      }
      for (const query of [
        "date=x",
        "date=2026-02-30",
        "start_date=2026-01-01",
        "start_date=a&end_date=b",
        "timezone=..%2Fetc",
        "start_date=2026-02-01&end_date=2026-01-01",
      ]) {
        answers(
          await ask("GET", `/profile/${id}/statistics?${query}`, { token: payer.token }),
          400,
        );
      }
      for (const path of ["/account/cost", `/profile/${id}/cost`]) {
        for (const query of ["month=x", "month=2026-13", "month=2999-01", "format=xml"])
          answers(await ask("GET", `${path}?${query}`, { token: payer.token }), 400);
      }
      // Long before there was anything, and long after.
      for (const path of [
        "/account/cost?month=0001-01",
        "/account/cost?month=1969-12",
        `/profile/${id}/statistics?date=1960-01-01`,
        `/profile/${id}/statistics?start_date=2286-11-20&end_date=2290-01-01&periodicity=month`,
      ]) {
        await ask("GET", path, { token: payer.token });
      }
      for (const query of ["amount=0", "amount=x", "amount=-1"])
        answers(await ask("GET", `/account/payment_history?${query}`, { token: payer.token }), 400);
      for (const given of [undefined, "nonsense"])
        assert.ok(answers(await ask("GET", "/pricing", { token: given }), 200).input.length > 0);
    },
  );
  await go("cost, as JSON and for spreadsheets", async () => {
    const payer = await newcomer("=Payer");
    const by = { token: payer.token };
    const cost = async (path) => answers(await ask("GET", path, by), 200);
    assert.deepEqual(
      [(await cost("/account/cost")).total, (await cost("/account/cost")).forecast],
      [0, { renewal: null, total: 0, lines: [] }],
    );
    answers(await ask("POST", "/account/subscription", { ...by, json: { plan: "starter" } }), 200);
    answers(
      await ask("POST", "/account/subscription", {
        ...by,
        json: { services: { sms: { limit: 100 } } },
      }),
      200,
    );
    const { total, lines, forecast } = await cost("/account/cost");
    assert.deepEqual(
      [total, lines.reduce((n, l) => n + l.amount, 0), forecast.total],
      [5150, 5150, 5150],
    );
    assert.deepEqual(
      (await cost(`/profile/${payer.home}/cost`)).lines.map((l) => [l.kind, l.what, l.amount]),
      [["service", "sms", 250]],
    );
    const month = new Date().toISOString().slice(0, 7);
    for (const path of ["/account/cost", `/profile/${payer.home}/cost`]) {
      const x = await send("GET", `${path}?format=csv&month=${month}`, {
        headers: { token: payer.token },
      });
      assert.equal(x.status, 200, describe(x));
      assert.match(x.headers["content-type"], /^text\/csv/);
      assert.match(x.headers["content-disposition"] ?? "", /cost/);
      const [head, ...rows] = x.text.trim().split(/\r?\n/);
      assert.ok(head.startsWith("month,profile,profile_name,kind,what,amount_cents"), head);
      assert.equal(
        rows.reduce((n, row) => n + Number(row.split(",")[5]), 0),
        path === "/account/cost" ? 5150 : 250,
      );
      assert.ok(
        rows.some((row) => row.includes(",'=Payer,")),
        `expected a name that no spreadsheet takes for a formula, came ${x.text}`,
      );
    }
  });
  await go("a request with an Idempotency-Key is done once", async () => {
    const create = (key, name) =>
      ask("POST", "/profile", { token, json: { name }, headers: { "Idempotency-Key": key } });
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
    for (const key of ["a b", "k".repeat(201)])
      answers(await create(key, "none"), 400, /Idempotency-Key/);
    answers(
      await ask("GET", `/profile/${made[0]}`, { token, headers: { "Idempotency-Key": "a b" } }),
      200,
    );
    for (const id of made) {
      const remove = () =>
        ask("DELETE", `/profile/${id}`, {
          token,
          json: { password: demo.password },
          headers: { "Idempotency-Key": `end-${id}` },
        });
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
