// An account with the plan free.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { inspect } from "node:util";

import {
  day,
  demo,
  earlyInStep,
  freeAmounts,
  hour,
  inMonths,
  limitText,
  owned,
  password,
  pinOf,
  services,
} from "./facts.mjs";
import { mail } from "./mailbox.mjs";
import { api } from "./stack.mjs";
import { bag, isDate, near, step } from "./steps.mjs";
import { answers, ask, describe, kept, refused, send } from "./wire.mjs";

export async function walkFree({ version, major, Account, Authorization, open, tokenDelete }) {
  const go = (name, run) => step(version, name, run);
  const email = `walk+${version}.${randomBytes(4).toString("hex")}@example.com`;
  const signUp = {
    name: `Walk ${version}`,
    email,
    password,
    cpassword: password,
    timezone: "Europe/Lisbon",
    country: "PT",
    company: "Walkers",
    newsletter: false,
    developer: true,
  };
  const has = bag();

  await go("sign-up", async () => {
    assert.match(await Account.create(signUp), /^Account created successfully/);
  });
  await go("sign-up: a repeated password that differs is refused", () =>
    refused(Account.create({ ...signUp, cpassword: `${password}!` }), /cpassword/),
  );
  await go("sign-up: the mail's link opens a page", async () => {
    const { body, subject } = await mail(email, 1);
    assert.match(subject, /confirm/i);
    const link = new URL(
      body.text.match(/https?:\/\/\S+/)?.[0] ?? assert.fail(`expected a link, came ${body.text}`),
    );
    assert.equal(link.origin, api.origin);
    // Servers and their logs do not see the part after the #.
    assert.match(link.hash, /^#\/account\/confirm\/[0-9A-Za-z]+$/);
    assert.ok(body.html.includes(link.href), "expected the same link in the HTML part");
    has.page = link.pathname + link.search;
    has.code = link.hash.split("/").at(-1);
    const page = await send("GET", has.page);
    assert.equal(page.status, 200);
    assert.match(page.headers["content-type"], /^text\/html/);
  });
  await go("sign-up: opening the link confirms nothing", async () => {
    // Link scanners and previews of mail programs send these requests.
    for (const path of [has.page, `/account/confirm/${has.code}`]) {
      for (const method of path === has.page ? ["GET", "HEAD", "OPTIONS"] : ["HEAD", "OPTIONS"]) {
        const x = await send(method, path);
        assert.ok(x.status < 500, `expected no 5xx, came ${describe(x)}`);
      }
    }
    await refused(Account.login({ email, password }), /confirm/i);
  });
  await go("sign-up: a code that was never sent is refused", () =>
    refused(Account.confirmAccount("0".repeat(34)), /link/),
  );
  await go("sign-up: the confirmation is sent again", async () => {
    assert.match(await Account.resendConfirmation(email), /^Confirmation email sent/);
    const { body } = await mail(email, 2);
    const second = body.text.match(/#\/account\/confirm\/(\w+)/)?.[1];
    assert.ok(second, "expected a code in the second mail");
    assert.notEqual(second, has.code);
    has.secondCode = second;
  });
  await go("sign-up: a confirmation that is sent again asks for a password", () =>
    refused(Account.confirmAccount(has.secondCode), /asks for a password/),
  );
  await go("sign-up: confirm", async () => {
    assert.equal(await Account.confirmAccount(has.code), "Account confirmed successfully");
  });
  await go("sign-up: a code works once, and none that is left works after it", async () => {
    await refused(Account.confirmAccount(has.code), /link/);
    const late = await ask("POST", "/account/passwordreset", {
      token: has.secondCode,
      json: { password },
    });
    assert.ok(
      late.status === 400 || late.status === 401,
      `expected a refusal, came ${describe(late)}`,
    );
  });
  await go(
    "sign-up: a confirmed address gets the same answer when it asks for the mail again",
    async () => {
      assert.match(await Account.resendConfirmation(email), /^Confirmation email sent/);
    },
  );

  await go("login", async () => {
    const login = await Account.login({ email: ` ${email} `, password });
    const { id, profiles } = login;
    assert.match(id, /^[0-9a-f]{24}$/);
    assert.match(profiles[0]?.id, /^[0-9a-f]{24}$/);
    assert.deepEqual(login, {
      type: "user",
      id,
      email,
      company: "Walkers",
      name: signUp.name,
      phone: null,
      profiles: [
        { id: profiles[0].id, name: signUp.name, logo_url: null, account: id, from_share: false, role: "owner", permission: "full" },
      ],
    });
    [has.account, has.profile] = [id, profiles[0].id];
  });
  await go("login: a wrong password is refused", async () => {
    const told = await refused(
      Account.login({ email, password: "not this one" }),
      /Invalid credentials/,
    );
    assert.deepEqual(told, { code: "invalid_credentials" });
  });
  if (major > 10) {
    await go("login: the server named by a region object", async () => {
      const login = await Account.login(
        { email, password },
        { api: process.env.TAGOIO_API, sse: `${process.env.TAGOIO_API}/sse` },
      );
      assert.equal(login.email, email);
    });
  }
  await go("login: make a token", async () => {
    const made = await Account.tokenCreate({
      profile_id: has.profile,
      email,
      password,
      name: "walk",
      expire_time: "3 month",
    });
    assert.match(made.token, /^p-[0-9A-Za-z]{34}$/);
    assert.deepEqual(
      [made.name, made.permission, made.profile, made.created_by],
      ["walk", "full", has.profile, has.account],
    );
    near(new Date(made.expire_date), inMonths(3), "the end");
    has.token = made.token;
  });
  await go("login: no token for a profile of somebody else", async () => {
    const [theirs] = answers(await ask("GET", "/profile", { token: demo.token }), 200);
    has.theirs = theirs.id;
    await refused(
      Account.tokenCreate({ profile_id: theirs.id, email, password, name: "walk" }),
      "Profile Not Found",
    );
  });

  await go("account: info", async () => {
    const account = await open(has.token).account.info();
    for (const field of ["created_at", "updated_at", "last_login"])
      near(account[field], Date.now(), field);
    const wanted = {
      id: has.account,
      type: "user",
      active: true,
      blocked: false,
      name: signUp.name,
      email,
      plan: "free",
      timezone: "Europe/Lisbon",
      developer: true,
      phone: null,
      otp: { authenticator: false, sms: false, email: false },
    };
    assert.deepEqual({ ...account, ...wanted }, account);
  });
  await go("second factor: an authenticator", async () => {
    const { account } = open(has.token);
    const url = await account.enableOTP({ email, password }, "authenticator");
    assert.match(url, /^otpauth:\/\/totp\/Profiles:/);
    const secret = new URL(url).searchParams.get("secret");
    await refused(account.confirmOTP("12345", "authenticator"), /six digits/);
    await earlyInStep();
    const codes = (await account.confirmOTP(pinOf(secret, -1), "authenticator")).match(
      /[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){2}/g,
    );
    assert.equal(codes.length, 10);
    assert.deepEqual((await account.info()).otp, { authenticator: true, sms: false, email: false });
    // TagoIO's command line reads the refusal as JSON, and sends the pin with
    // the sign-in and with the request for a token that follows.
    const told = await refused(
      Account.login({ email, password }),
      JSON.stringify({ otp_enabled: ["authenticator"], otp_autosend: "authenticator" }),
    );
    assert.deepEqual(told, {
      code: "second_factor_required",
      details: { factors: ["authenticator"], first: "authenticator" },
    });
    await refused(Account.requestLoginPINCode({ email, password }, "sms"), /sms is not offered/);
    const pin = { otp_type: "authenticator", pin_code: pinOf(secret, 0) };
    assert.equal((await Account.login({ email, password, ...pin })).email, email);
    const made = { profile_id: has.profile, email, password, name: "with a pin", ...pin };
    const { token } = await Account.tokenCreate(made);
    answers(await ask("DELETE", `/profile/current/token/${token}`, { token }), 200);
    // A wrong pin counts as an attempt to sign in, and a walk has few attempts.
    if (major === 12) await refused(Account.tokenCreate(made), /Invalid PIN/);
    await refused(account.disableOTP({ email, password }, "authenticator"), /otp_enabled/);
    assert.equal((await Account.login({ email, password, pin_code: codes[0] })).email, email);
    assert.match(
      await account.disableOTP(
        { email, password, otp_type: "authenticator", pin_code: pinOf(secret, 1) },
        "authenticator",
      ),
      /disabled/,
    );
    assert.equal((await Account.login({ email, password })).email, email);
    if (major === 12)
      await refused(account.enableOTP({ email, password }, "email"), /starter and scale/);
  });
  await go("account: edit", async () => {
    const { account } = open(has.token);
    const edit = {
      name: "Wanda Walker",
      company: "Walks",
      phone: "+351 1",
      country: "BR",
      language: "pt",
      timezone: "America/Sao_Paulo",
      newsletter: true,
      options: {
        date_format: "DD-MM-YYYY",
        time_format: "24",
        decimal_separator: ",",
        thousand_separator: ".",
        show_last_updated_at: "menu",
      },
    };
    assert.equal(await account.edit(edit), "Account Successfully Updated");
    const now = await account.info();
    for (const [field, value] of Object.entries(edit)) {
      if (field === "options") assert.deepEqual({ ...now.options, ...value }, now.options);
      else assert.equal(now[field], value);
    }
    assert.equal(await account.edit({ phone: null }), "Account Successfully Updated");
    assert.equal((await account.info()).phone, null);
  });
  await go("account: an edit with a value that is none of the known ones is refused", () =>
    refused(open(has.token).account.edit({ options: { time_format: "13" } }), /time_format/),
  );
  if (major > 10) {
    await go("account: the deprecated class of version 10", async () => {
      const account = new Account({ token: has.token });
      assert.equal((await account.info()).email, email);
      assert.equal((await account.profiles.list())[0].id, has.profile);
    });
  }

  await go("profile: list", async () => {
    assert.deepEqual(await open(has.token).profiles.list(), [
      {
        id: has.profile,
        name: signUp.name,
        logo_url: null,
        role: "owner",
        permission: "full",
      },
    ]);
  });
  await go("profile: info, by id and as current", async () => {
    const { profiles } = open(has.token);
    const info = await profiles.info(has.profile);
    near(info.info.created_at, Date.now(), "created_at");
    near(info.info.updated_at, Date.now(), "updated_at");
    assert.deepEqual(
      [info.info.id, info.info.account, info.info.name, info.account_plan],
      [has.profile, has.account, signUp.name, "free"],
    );
    assert.deepEqual(info.allocation, freeAmounts);
    assert.deepEqual(owned(info.addons), { custom_dns: false, mobile: false });
    assert.deepEqual(await profiles.info("current"), info);
  });
  await go("command line: what init and list-env ask for", async () => {
    // The requests of tago-io/tagoio-cli 3.2.0 (src/commands/start-config.ts
    // and list-env.ts), whose package the registry does not have. The command
    // set-env sends no request.
    const account = new Account({ token: has.token });
    const { info } = await account.profiles.info("current");
    const { email: address } = await account.info();
    assert.deepEqual([info.id, info.name, address], [has.profile, signUp.name, email]);
    assert.deepEqual(
      await account.analysis.list({ amount: 35, fields: ["id", "name", "tags"] }),
      [],
    );
    assert.match(
      kept().at(-1).path,
      /^\/analysis\/\?page=1&fields%5B0%5D=id&.*&amount=35&orderBy=name%2Casc$/,
    );
    const backup = `/profile/${has.profile}/backup`;
    answers(
      await ask("POST", backup, { headers: { authorization: has.token }, json: {} }),
      403,
      /not available with the plan free/,
    );
  });
  await go("profile: edit", async () => {
    const { profiles } = open(has.token);
    const logo_url = "https://example.com/logo.png";
    assert.equal(
      await profiles.edit(has.profile, { name: "Renamed", logo_url }),
      "Successfully Updated",
    );
    const { info } = await profiles.info(has.profile);
    assert.deepEqual([info.name, info.logo_url, info.banner_url], ["Renamed", logo_url, null]);
    const own = { id: has.profile, name: "Renamed", role: "owner", permission: "full" };
    assert.deepEqual(await profiles.list(), [{ ...own, logo_url }]);
    assert.equal(await profiles.edit(has.profile, { logo_url: null }), "Successfully Updated");
    assert.deepEqual(await profiles.list(), [{ ...own, logo_url: null }]);
  });
  await go("profile: edit with a whole profile, as the type of the SDK has it", async () => {
    const { profiles } = open(has.token);
    const { info, ...rest } = await profiles.info("current");
    assert.equal(
      await profiles.edit(has.profile, { ...rest, info: { ...info, name: "Nested" } }),
      "Successfully Updated",
    );
    assert.equal((await profiles.info("current")).info.name, "Nested");
  });
  await go("profile: edit with a bad address is refused", () =>
    refused(
      open(has.token).profiles.edit(has.profile, { logo_url: "javascript:alert(1)" }),
      /logo_url/,
    ),
  );
  await go("profile: summary", async () => {
    const summary = await open(has.token).profiles.summary(has.profile);
    assert.deepEqual(summary.limit, { ...freeAmounts, tcore: 0 });
    assert.deepEqual(
      Object.keys(summary.limit_used).sort(),
      [...services, "tcore", "tcore_cluster", "dashboard_output"].sort(),
    );
    assert.ok(
      Object.values({ ...summary.limit_used, ...summary.amount }).every(Number.isInteger),
      `expected numbers, came ${inspect(summary)}`,
    );
    assert.match(summary.tago_run, /\.tago\.run$/);
  });
  if (major > 10) {
    await go("profile: summary of amounts only", async () => {
      assert.ok(
        "device" in
          (await open(has.token).profiles.summary(has.profile, { onlyAmount: true })).amount,
      );
    });
  }
  await go("profile: the limit of the Free plan", async () => {
    const told = await refused(open(has.token).profiles.create({ name: "Second" }), limitText);
    assert.deepEqual(told, { code: "profiles_full", details: { limit: 1, used: 1, plan: "free" } });
  });
  await go("account: no SDK deletes it, as none sends the password", async () => {
    const { account } = open(has.token);
    await refused(account.delete(), /password is required/);
    assert.equal((await account.info()).email, email);
  });
  await go("profile: the last one stays", async () => {
    const { profiles } = open(has.token);
    await refused(profiles.delete(has.profile, { password }), /./);
    assert.equal((await profiles.list()).length, 1);
  });
  await go("profile: one of somebody else does not exist", async () => {
    const { profiles } = open(has.token);
    await refused(profiles.info(has.theirs), "Profile Not Found");
    await refused(profiles.summary(has.theirs), "Profile Not Found");
    await refused(profiles.tokenList(has.theirs), "Profile Not Found");
    await refused(profiles.edit(has.theirs, { name: "Mine" }), "Profile Not Found");
    await refused(profiles.transferTokenToAnotherProfile(has.theirs), "Profile Not Found");
  });

  // ---- tokens

  const credentials = { email, password };
  const fixed = new Date(Date.now() + 40 * day);
  // A date without a time ends with that day in the time zone of the account:
  // São Paulo, three hours behind UTC all year.
  const endOfDay = (date) => new Date(Date.parse(date.toISOString().slice(0, 10)) + day + 3 * hour);
  const kinds = [
    { name: "walk-1", permission: "full", expire_time: "never", end: () => "never" },
    { name: "walk-2", permission: "write", expire_time: fixed, end: () => fixed },
    { name: "walk-3", permission: "read", expire_time: "1 day", end: () => Date.now() + day },
    {
      name: "walk-4",
      permission: "read",
      expire_time: "3 hours",
      end: () => Date.now() + 3 * hour,
    },
    {
      name: "walk-5",
      permission: "full",
      expire_time: fixed.toISOString().slice(0, 10),
      end: () => endOfDay(fixed),
    },
    { name: "walk-6", permission: "full", end: () => inMonths(1) },
  ];
  for (const { end, ...kind } of kinds) {
    const ends =
      kind.expire_time instanceof Date ? "on a Date" : (kind.expire_time ?? "when the server says");
    await go(`token: ${kind.permission}, ends ${ends}`, async () => {
      const made = await open(has.token).profiles.tokenCreate(has.profile, {
        ...kind,
        ...credentials,
      });
      assert.match(made.token, /^p-[0-9A-Za-z]{34}$/);
      assert.deepEqual([made.name, made.permission], [kind.name, kind.permission]);
      if (end() === "never") assert.equal(made.expire_date, "never");
      else near(made.expire_date, end(), "expire_date");
      has[kind.name] = made.token;

      const info = await new Authorization({ token: made.token, details: true }).info();
      near(info.created_at, Date.now(), "created_at");
      const wanted = {
        name: kind.name,
        type: "profile",
        permission: kind.permission,
        ref_id: has.profile,
        created_by: has.account,
      };
      assert.deepEqual({ ...info, ...wanted }, info);
      assert.deepEqual(info.expire_time, made.expire_date);
    });
  }
  for (const [what, change, message] of [
    ["an end that is no date", { expire_time: "soon" }, /expire_time/],
    ["an end that is past", { expire_time: new Date(0) }, /future/],
    ["an unknown permission", { permission: "deny" }, /permission/],
    ["no name", { name: undefined }, /name/],
    ["no password", { password: undefined }, /password is required/],
    ["a wrong password", { password: "not this one" }, "Invalid password"],
  ]) {
    await go(`token: ${what} is refused`, () =>
      refused(
        open(has.token).profiles.tokenCreate(has.profile, {
          name: "walk-no",
          permission: "read",
          ...credentials,
          ...change,
        }),
        message,
      ),
    );
  }

  const names = (rows) => rows.map((row) => row.name);
  const mine = { name: "walk-*" };
  await go("token: list", async () => {
    const rows = await open(has.token).profiles.tokenList(has.profile);
    // The SDK asks for the newest first.
    assert.deepEqual(names(rows), [...kinds.map((kind) => kind.name).reverse(), "walk"]);
    for (const row of rows) {
      assert.deepEqual(Object.keys(row).sort(), [
        "created_at",
        "expire_time",
        "name",
        "permission",
        "token",
      ]);
      // The list has no secret but the one that the request carries.
      if (row.token !== has.token) assert.match(row.token, /^p-[0-9A-Za-z]{8}\*{26}$/);
      near(row.created_at, Date.now(), "created_at");
      if (row.expire_time !== "never") isDate(row.expire_time, "expire_time");
    }
    assert.equal(rows.filter((row) => row.token === has.token).length, 1);
  });
  await go("token: list some fields", async () => {
    const rows = await open(has.token).profiles.tokenList(has.profile, {
      fields: ["name", "created_by"],
    });
    assert.deepEqual(Object.keys(rows[0]).sort(), [
      "created_at",
      "created_by",
      "expire_time",
      "name",
    ]);
  });
  await go("token: list with filters", async () => {
    const { profiles } = open(has.token);
    const find = async (filter) =>
      names(await profiles.tokenList(has.profile, { filter, orderBy: ["name", "asc"] }));
    assert.deepEqual(
      await find(mine),
      kinds.map((kind) => kind.name),
    );
    assert.deepEqual(await find({ name: "*-4" }), ["walk-4"]);
    assert.deepEqual(await find({ name: "walk" }), ["walk"]);
    assert.deepEqual(await find({ name: "nothing*" }), []);
    assert.deepEqual(await find({ permission: "read" }), ["walk-3", "walk-4"]);
    assert.deepEqual(await find({ permission: "read", name: "*4" }), ["walk-4"]);
    // Published snippets find the profile of a token by its text.
    assert.deepEqual(await find({ token: has["walk-2"] }), ["walk-2"]);
  });
  await go("token: list in order", async () => {
    const { profiles } = open(has.token);
    const sorted = async (...orderBy) =>
      names(await profiles.tokenList(has.profile, { filter: mine, orderBy }));
    const rising = kinds.map((kind) => kind.name);
    assert.deepEqual(await sorted("name", "asc"), rising);
    assert.deepEqual(await sorted("name", "desc"), rising.toReversed());
    assert.deepEqual(await sorted("created_at", "asc"), rising);
    assert.deepEqual(await sorted("permission", "asc"), [
      "walk-1",
      "walk-5",
      "walk-6",
      "walk-3",
      "walk-4",
      "walk-2",
    ]);
  });
  await go("token: list in pages", async () => {
    const { profiles } = open(has.token);
    const pages = [];
    for (const page of [1, 2, 3, 4]) {
      pages.push(
        names(
          await profiles.tokenList(has.profile, {
            page,
            amount: 3,
            orderBy: ["created_at", "asc"],
          }),
        ),
      );
    }
    assert.deepEqual(pages, [
      ["walk", "walk-1", "walk-2"],
      ["walk-3", "walk-4", "walk-5"],
      ["walk-6"],
      [],
    ]);
  });
  await go("token: an unknown field to sort by is refused", () =>
    refused(
      open(has.token).profiles.tokenList(has.profile, { orderBy: ["shoe_size", "asc"] }),
      /orderBy/,
    ),
  );

  await go("token: rotate", async () => {
    const { profiles } = open(has.token);
    const old = await profiles.tokenCreate(has.profile, {
      name: "spare",
      permission: "read",
      expire_time: "1 day",
      ...credentials,
    });
    const json = { grace: "1 hour", password };
    const made = answers(
      await ask("POST", `/profile/${has.profile}/token/${old.token.slice(2, 10)}/rotate`, {
        token: has.token,
        json,
      }),
      200,
    );
    assert.deepEqual(
      [made.name, made.permission, made.expire_time],
      ["spare", "read", old.expire_date.toISOString?.() ?? old.expire_date],
    );
    near(new Date(made.grace_ends), Date.now() + hour, "the end of the grace");
    for (const token of [old.token, made.token])
      assert.equal((await new Authorization({ token }).info()).name, "spare");
    assert.equal(
      await tokenDelete(has.token, has.profile, old.token),
      "Token Successfully Removed",
    );
    assert.equal(
      await tokenDelete(has.token, has.profile, made.token),
      "Token Successfully Removed",
    );
    await refused(new Authorization({ token: made.token }).info(), /Authorization Denied/);
  });
  await go("audit log", async () => {
    const { profiles } = open(has.token);
    const log = await profiles.auditLog(has.profile);
    assert.equal(log.status, "Complete");
    const rotated = log.events.find((e) => e.message === "Token rotated");
    assert.equal(rotated.who, has.account);
    near(rotated.date, Date.now(), "date");
    const again = await profiles.auditLogQuery(has.profile, log.queryId);
    assert.ok(again.events.length >= log.events.length);
    await refused(profiles.auditLog(has.profile, { resourceName: "token" }), /plan/);
    const own = answers(
      await ask("GET", "/account/auditlog", { token: has.token }),
      200,
    ).events.map((e) => e.message);
    assert.ok(
      own.includes("Signed in") && own.includes("Second factor enabled"),
      `the account's log has ${own}`,
    );
  });

  await go("token: read permission reads and does not write", async () => {
    const { account, profiles } = open(has["walk-3"]);
    assert.equal((await account.info()).email, email);
    assert.equal((await profiles.info("current")).info.id, has.profile);
    assert.equal((await profiles.tokenList(has.profile)).length, 7);
    await refused(account.edit({ name: "No" }), /Authorization Denied/);
    await refused(profiles.edit(has.profile, { name: "No" }), /Authorization Denied/);
    await refused(profiles.create({ name: "No" }), /Authorization Denied/);
    await refused(
      profiles.tokenCreate(has.profile, { name: "no", permission: "full", ...credentials }),
      /Authorization Denied/,
    );
    await refused(tokenDelete(has["walk-3"], has.profile, has["walk-1"]), /Authorization Denied/);
    await refused(profiles.transferTokenToAnotherProfile(has.profile), /Authorization Denied/);
  });
  await go("token: write permission writes and does not delete", async () => {
    const { profiles } = open(has["walk-2"]);
    assert.equal(await profiles.edit(has.profile, { name: "Written" }), "Successfully Updated");
    await refused(tokenDelete(has["walk-2"], has.profile, has["walk-1"]), /Authorization Denied/);
    await refused(profiles.delete(has.profile, { password }), /Authorization Denied/);
  });
  await go("token: delete by the token itself", async () => {
    const target = has["walk-1"];
    assert.equal(await tokenDelete(has.token, has.profile, target), "Token Successfully Removed");
    await refused(open(target).account.info(), /Authorization Denied/);
    await refused(open(target).profiles.list(), /Authorization Denied/);
    await refused(new Authorization({ token: target }).info(), /Authorization Denied/);
    await refused(tokenDelete(has.token, has.profile, target), "Token Not Found");
  });
  await go("token: delete by what the list shows", async () => {
    const { profiles } = open(has.token);
    const target = has["walk-4"];
    const [row] = await profiles.tokenList(has.profile, { filter: { name: "walk-4" } });
    assert.equal(
      await tokenDelete(has.token, has.profile, row.token),
      "Token Successfully Removed",
    );
    await refused(open(target).account.info(), /Authorization Denied/);
    const left = names(
      await profiles.tokenList(has.profile, { filter: mine, orderBy: ["name", "asc"] }),
    );
    assert.deepEqual(left, ["walk-2", "walk-3", "walk-5", "walk-6"]);
  });
  await go("token: what the list shows opens nothing", async () => {
    const [row] = await open(has.token).profiles.tokenList(has.profile, {
      filter: { name: "walk-6" },
    });
    await refused(open(row.token).account.info(), /Authorization Denied/);
  });
  await go("token: one of somebody else is not deleted", async () => {
    await refused(tokenDelete(has.token, has.profile, demo.token), "Token Not Found");
    answers(await ask("GET", "/info", { token: demo.token }), 200);
  });
  await go("token: an ended one is refused and not listed", async () => {
    const { profiles } = open(has.token);
    const short = {
      name: "walk-short",
      permission: "read",
      expire_time: "1 second",
      ...credentials,
    };
    const { token, expire_date } = await profiles.tokenCreate(has.profile, short);
    isDate(expire_date, "expire_date");
    await new Promise((later) => setTimeout(later, Math.max(0, expire_date - Date.now() + 20)));
    await refused(open(token).account.info(), /Authorization Denied/);
    assert.deepEqual(await profiles.tokenList(has.profile, { filter: { name: "walk-short" } }), []);
  });
  await go("token: sign out, a token deletes itself", async () => {
    assert.equal(
      await tokenDelete(has.token, has.profile, has.token),
      "Token Successfully Removed",
    );
    await refused(open(has.token).account.info(), /Authorization Denied/);
  });
}
