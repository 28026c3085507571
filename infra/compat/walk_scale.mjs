// The demo account, with the plan scale.

import assert from "node:assert/strict";

import { demo, freeAmounts, services } from "./facts.mjs";
import { restore, snapshot } from "./state.mjs";
import { bag, step } from "./steps.mjs";
import { answers, ask, kept, refused } from "./wire.mjs";

export async function walkScale({ version, major, Account, Authorization, open, tokenDelete }) {
  const go = (name, run) => step(version, name, run);
  const { email } = demo;
  const credentials = { email, password: demo.password };
  const has = bag();

  await go("Scale: login", async () => {
    has.before = await snapshot();
    const { profiles } = await Account.login(credentials);
    assert.deepEqual(
      profiles.map((p) => p.name),
      ["Ana", "Plant"],
    );
    has.home = profiles[0].id;
    has.others = profiles.slice(1).map((p) => p.id);
    has.token = (
      await Account.tokenCreate({
        profile_id: has.home,
        ...credentials,
        name: `walk ${version}`,
        expire_time: "3 month",
      })
    ).token;
  });
  await go("Scale: create a profile", async () => {
    const { profiles } = open(has.token);
    const { id } = await profiles.create({ name: `Walk ${version}` });
    has.spare = id;
    const { info, allocation, account_plan } = await profiles.info(id);
    assert.deepEqual([info.id, info.name, account_plan], [id, `Walk ${version}`, "scale"]);
    assert.deepEqual(allocation, Object.fromEntries(services.map((service) => [service, 0])));
    assert.deepEqual(
      (await profiles.list()).map((p) => p.id),
      [has.home, ...has.others, id],
    );
  });
  await go("Scale: create a profile with what is free", async () => {
    const { profiles } = open(has.token);
    const sum = async () => {
      const all = await Promise.all((await profiles.list()).map((p) => profiles.info(p.id)));
      return Object.fromEntries(
        services.map((service) => [service, all.reduce((n, p) => n + p.allocation[service], 0)]),
      );
    };
    const before = await sum();
    const { id } = await profiles.create(
      { name: `Walk ${version} free` },
      { allocate_free_resources: true },
    );
    has.greedy = id;
    assert.match(
      kept().findLast((x) => x.method === "POST").path,
      /^\/profile\/\?allocate_free_resources=true$/,
    );
    const { allocation } = await profiles.info(id);
    const after = await sum();
    for (const service of services) {
      assert.equal(after[service], before[service] + allocation[service]);
      assert.ok(
        after[service] >= freeAmounts[service],
        `expected all of ${service} to be given to some profile, came ${after[service]}`,
      );
    }
  });
  await go("Scale: switch a token to another profile and back", async () => {
    const { profiles } = open(has.token);
    const moved = async (to) => {
      assert.equal(
        await profiles.transferTokenToAnotherProfile(to),
        "Token Successfully Transferred",
      );
      assert.equal(kept().at(-1).body, "");
      assert.equal((await profiles.info("current")).info.id, to);
      assert.equal((await new Authorization({ token: has.token }).info()).ref_id, to);
    };
    const listed = async (id) =>
      (await profiles.tokenList(id, { filter: { name: `walk ${version}` } })).length;
    await moved(has.spare);
    assert.deepEqual([await listed(has.home), await listed(has.spare)], [0, 1]);
    await moved(has.home);
    assert.deepEqual([await listed(has.home), await listed(has.spare)], [1, 0]);
  });
  await go("Scale: a token of one profile makes and lists those of another", async () => {
    const { profiles } = open(has.token);
    const { token } = await profiles.tokenCreate(has.spare, {
      name: "doomed",
      permission: "full",
      expire_time: "never",
      ...credentials,
    });
    assert.deepEqual(
      (await profiles.tokenList(has.spare)).map((row) => row.name),
      ["doomed"],
    );
    assert.equal((await open(token).profiles.info("current")).info.id, has.spare);
    has.doomed = token;
  });
  await go("Scale: delete without a password is refused", async () => {
    const { profiles } = open(has.token);
    await refused(profiles.delete(has.spare), /password/);
    assert.equal(kept().at(-1).body, "");
    if (major > 10) await refused(profiles.delete(has.spare, {}), /password/);
    assert.ok(
      (await profiles.list()).some((p) => p.id === has.spare),
      "expected the profile to be there still",
    );
  });
  await go("Scale: delete with a wrong password is refused", async () => {
    const { profiles } = open(has.token);
    if (major > 10)
      await refused(profiles.delete(has.spare, { password: "not this one" }), "Invalid password");
    // SDK 10 has no way to send a password, and one more argument must not be a
    // way around that.
    else await refused(profiles.delete(has.spare, { password: demo.password }), /password/);
    assert.equal((await profiles.info(has.spare)).info.id, has.spare);
  });
  await go("Scale: delete", async () => {
    const { profiles } = open(has.token);
    const json = { password: demo.password };
    for (const id of [has.spare, has.greedy]) {
      if (major > 10) assert.equal(await profiles.delete(id, json), "Successfully Removed");
      else
        assert.equal(
          answers(await ask("DELETE", `/profile/${id}`, { token: has.token, json }), 200),
          "Successfully Removed",
        );
      await refused(profiles.info(id), "Profile Not Found");
    }
    assert.deepEqual(
      (await profiles.list()).map((p) => p.id),
      [has.home, ...has.others],
    );
  });
  await go("Scale: a deleted profile's tokens are dead", async () => {
    await refused(open(has.doomed).account.info(), /Authorization Denied/);
    await refused(open(has.doomed).profiles.list(), /Authorization Denied/);
  });
  await go("Scale: sign out", async () => {
    assert.equal(await tokenDelete(has.token, has.home, has.token), "Token Successfully Removed");
    await refused(open(has.token).account.info(), /Authorization Denied/);
  });
  await go("Scale: the account is as it was", async () => {
    try {
      assert.deepEqual(await snapshot(), has.before);
    } finally {
      await restore(has.before);
    }
  });
}
