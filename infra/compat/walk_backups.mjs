// Backups, as the command line asks for them.

import assert from "node:assert/strict";

import { demo } from "./facts.mjs";
import { restore, snapshot } from "./state.mjs";
import { bag, step } from "./steps.mjs";
import { answers, ask, sendBytes } from "./wire.mjs";

// The requests of tago-io/tagoio-cli 3.2.0 (src/commands/profile/backup), whose
// package the registry does not have: create.ts, list.ts, download.ts and
// restore.ts, with the profile's settings as resources/profile.ts edits them.
export async function walkBackups({ version, open }) {
  const go = (name, run) => step(version, `command line: backup ${name}`, run);
  const has = bag();
  const { password } = demo;
  const by = () => ({ headers: { authorization: has.token } });
  const path = (rest = "") => `/profile/${has.profile}/backup${rest}`;

  await go("create", async () => {
    has.before = await snapshot();
    const { profiles } = open(demo.token);
    has.profile = (await profiles.create({ name: `Keeper ${version}` })).id;
    const { token } = await profiles.tokenCreate(has.profile, {
      name: "command line",
      permission: "full",
      expire_time: "1 hour",
      email: demo.email,
      password,
    });
    has.token = token;
    answers(await ask("POST", path(), { ...by(), json: {} }), 200);
    const [latest] = answers(
      await ask("GET", path("?orderBy=created_at,desc&amount=1"), by()),
      200,
    );
    assert.equal(latest.status, "completed");
    assert.equal(latest.error_message, null);
    has.backup = latest;
    answers(await ask("POST", path(), { ...by(), json: {} }), 403, /Daily backup limit reached/);
  });
  await go("list", async () => {
    for (const query of [
      "?orderBy=created_at%2Cdesc",
      "?page=1&amount=10&orderBy=created_at%2Casc",
    ]) {
      assert.deepEqual(answers(await ask("GET", path(query), by()), 200), [has.backup], query);
    }
    assert.deepEqual(
      answers(await ask("GET", path("?page=2&amount=10&orderBy=created_at%2Cdesc"), by()), 200),
      [],
    );
  });
  await go("download, and what restore reads of it", async () => {
    const of = path(`/${has.backup.id}/download`);
    answers(
      await ask("POST", of, { ...by(), json: { password: "wrong" } }),
      401,
      /^Invalid password/,
    );
    const link = answers(await ask("POST", of, { ...by(), json: { password } }), 200);
    assert.match(link.file_size_mb, /^\d+\.\d\d$/);
    assert.ok(new Date(link.expire_at) > new Date());
    const file = await sendBytes("GET", new URL(link.url).pathname);
    assert.equal(file.status, 200);
    assert.equal(file.bytes.length, has.backup.file_size);
    assert.equal(file.bytes.subarray(0, 4).toString("latin1"), "PK\u0003\u0004");
    assert.equal((await sendBytes("GET", new URL(link.url).pathname)).status, 404);
    const { profiles } = open(has.token);
    const { info, allocation } = await profiles.info("current");
    assert.equal(
      await profiles.edit(info.id, {
        info: { ...info, name: "As it was" },
        allocation: { ...allocation, input: 0, output: 0 },
      }),
      "Successfully Updated",
    );
    assert.equal((await profiles.info("current")).info.name, "As it was");
  });
  await go("delete, which has no command", async () => {
    const gone = await ask("DELETE", path(`/${has.backup.id}`), { ...by(), json: { password } });
    assert.equal(answers(gone, 200), "Backup successfully removed");
    assert.deepEqual(answers(await ask("GET", path(), by()), 200), []);
  });
  await go("leaves the account as it was", async () => {
    await restore(has.before);
    assert.deepEqual(await snapshot(), has.before);
  });
}
