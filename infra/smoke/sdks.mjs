// TagoIO's official SDKs, each with reads, writes, and the paths that it sends
// with a slash at the end.

import assert from "node:assert/strict";

import { load, versions } from "../compat/sdk.mjs";
import { bag } from "../compat/steps.mjs";
import { answers, ask } from "../compat/wire.mjs";
import { check } from "./check.mjs";
import { keep } from "./made.mjs";

export async function sdks(who) {
  for (const [alias, version] of await versions()) {
    const has = bag();
    const go = (name, run) => check("sdk", `${version} ${name}`, run);
    await go("signs in", async () => {
      const { email, password } = who;
      const sdk = await load(alias, version);
      assert.equal((await sdk.Account.login({ email, password })).email, email);
      Object.assign(has, sdk.open(who.token));
    });
    await go("reads", async () => {
      assert.equal((await has.account.info()).email, who.email);
      assert.ok((await has.profiles.list()).some(({ id }) => id === who.home));
      assert.ok(Array.isArray(await has.notifications.list()));
      assert.ok(Array.isArray(await has.paymentHistory.getHistory()));
      assert.equal(typeof (await has.plan.getActivePlan()).plan, "string");
      assert.deepEqual(await has.paymentMethods.list(), { card: null });
    });
    await go("makes a profile, and changes it", async () => {
      assert.equal(who.plan, "scale");
      const { id } = await has.profiles.create({ name: `Smoke test ${version}` });
      const { token, password } = who;
      const remove = async () =>
        answers(await ask("DELETE", `/profile/${id}`, { token, json: { password } }), 200);
      const gone = keep(`the profile of SDK ${version}`, remove);
      await has.profiles.edit(id, { name: "Smoke test, renamed" });
      assert.equal((await has.profiles.info(id)).info.name, "Smoke test, renamed");
      await remove();
      gone();
    });
  }
}
