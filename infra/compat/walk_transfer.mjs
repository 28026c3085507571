// Transfers.

import assert from "node:assert/strict";

import { demo, password, services } from "./facts.mjs";
import { mail } from "./mailbox.mjs";
import { newcomer, person, stranger, undated } from "./people.mjs";
import { restore, snapshot } from "./state.mjs";
import { bag, near, step } from "./steps.mjs";
import { answers, ask, refused } from "./wire.mjs";

// No SDK asks for a transfer. Afterwards all of them must show the profile
// correctly to its old and its new owner.
export async function walkTransfer({ version, major, Authorization, open }) {
  const go = (name, run) => step(version, `transfer: ${name}`, run);
  const owner = open(demo.token);
  const has = bag();
  const did = async (who, method, path, json) =>
    answers(await ask(method, path, { token: who.token, json }), 200);

  await go("the demo accounts", async () => {
    has.before = await snapshot();
    // Each walk has another receiver, because a received profile stays while
    // the transfer can be taken back.
    [has.ben, has.sam] = [{ ...(await newcomer("Ben")), password }, await person("sam")];
    await did(has.ben, "POST", "/account/plan", { plan: "starter" });
    has.accounts = await Promise.all(
      [owner, open(has.ben.token)].map(({ account }) => account.info()),
    );
    const { id } = await owner.profiles.create({ name: `Gift ${version}` });
    has.gift = id;
    const { token } = await owner.profiles.tokenCreate(id, {
      name: "gift",
      permission: "full",
      expire_time: "never",
      email: demo.email,
      password: demo.password,
    });
    assert.equal((await new Authorization({ token }).info()).ref_id, id);
    has.dead = token;
  });
  await go("an offered profile stays with its owner", async () => {
    const { ben, sam, gift } = has;
    const { ticket } = await did(demo, "POST", `/profile/${gift}/transfer`, {
      email: ben.email,
      password: demo.password,
    });
    const code = async (to, verb) =>
      (await mail(to, 1, `#/transfer/${verb}/${ticket}/`)).body.text.match(
        new RegExp(`/${verb}/${ticket}/(\\w+)`),
      )[1];
    await did(demo, "POST", `/transfer/${ticket}/confirm`, {
      code: await code(demo.email, "confirm"),
      password: demo.password,
    });
    await did(sam, "POST", `/desk/transfer/${ticket}/approve`);
    assert.equal((await owner.profiles.info(gift)).info.account, has.before.account.id);
    await refused(open(ben.token).profiles.info(gift), "Profile Not Found");
    const accept = {
      code: await code(ben.email, "accept"),
      password: has.ben.password,
      name: `Given ${version}`,
      keep_owner: "read",
    };
    assert.equal((await did(ben, "POST", `/transfer/${ticket}/accept`, accept)).state, "completed");
  });
  await go("the new owner's", async () => {
    const { account, profiles } = open(has.ben.token);
    assert.deepEqual(
      (await profiles.list()).map((p) => [p.id, p.from_share ?? false]).sort(),
      [
        [has.ben.home, false],
        [has.gift, false],
      ].sort(),
    );
    const { info, account_plan } = await profiles.info(has.gift);
    near(info.updated_at, Date.now(), "updated_at");
    assert.deepEqual(
      [info.account, info.name, account_plan],
      [has.ben.id, `Given ${version}`, "starter"],
    );
    assert.deepEqual(
      Object.keys((await profiles.summary(has.gift)).limit).sort(),
      [...services, "tcore"].sort(),
    );
    assert.deepEqual(
      (await profiles.teamList(has.gift)).map((m) => [m.id, m.email, m.active]),
      [[has.before.account.id, demo.email, true]],
    );
    assert.deepEqual(await profiles.tokenList(has.gift), []);
    assert.equal(
      await profiles.edit(has.gift, { name: `Mine ${version}` }),
      "Successfully Updated",
    );
    const { token } = await profiles.tokenCreate(has.gift, {
      name: "new",
      permission: "full",
      email: has.ben.email,
      password: has.ben.password,
    });
    assert.equal((await open(token).account.info()).id, has.ben.id);
    assert.deepEqual(undated(await account.info()), undated(has.accounts[1]));
  });
  await go("the old owner's", async () => {
    await refused(open(has.dead).account.info(), /Authorization Denied/);
    await refused(open(has.dead).profiles.info("current"), /Authorization Denied/);
    const shared = (await owner.profiles.list()).find((p) => p.id === has.gift);
    assert.deepEqual([shared.name, shared.from_share], [`Mine ${version}`, true]);
    assert.equal((await owner.profiles.info(has.gift)).info.account, has.ben.id);
    await refused(owner.profiles.edit(has.gift, { name: "Back" }), /Authorization Denied/);
    await refused(owner.profiles.addTeamMember(has.gift, stranger()), /Authorization Denied|owner/);
    if (major > 10)
      await refused(
        owner.profiles.delete(has.gift, { password: demo.password }),
        /Authorization Denied|owner/,
      );
    assert.equal(
      await owner.profiles.deleteTeamMember(has.gift, has.before.account.id),
      "Account Successfully Removed",
    );
    await refused(owner.profiles.info(has.gift), "Profile Not Found");
    assert.deepEqual(undated(await owner.account.info()), undated(has.accounts[0]));
  });
  await go("the demo accounts are as they were", async () => {
    try {
      for (const path of [`/profile/${has.gift}`, "/account"]) {
        answers(
          await ask("DELETE", path, { token: has.ben.token, json: { password: has.ben.password } }),
          403,
          /can ask for it back until/,
        );
      }
      assert.deepEqual(await snapshot(), has.before);
    } finally {
      await restore(has.before);
    }
  });
}
