// Requests as browsers and other clients form them.

import assert from "node:assert/strict";

import { demo } from "./facts.mjs";
import { api } from "./stack.mjs";
import { answers, ask, describe, send } from "./wire.mjs";

// Requests of browsers, and their answers.
export async function browsers(go) {
  const { token } = demo;
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
}

// Paths, methods, headers and bodies in every form that clients send.
export async function requests(go, has) {
  const { token } = demo;
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
}
