// Subscriptions, cost and usage without an SDK.

import assert from "node:assert/strict";
import { inspect } from "node:util";

import { demo, plane, services } from "./facts.mjs";
import { newcomer } from "./people.mjs";
import { answers, ask, describe, send } from "./wire.mjs";

// Subscriptions, allocation, cost and usage, and requests that are sent again.
export async function usage(go, has) {
  const { token } = demo;
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
      // Long before there was any usage, and long after.
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
}
