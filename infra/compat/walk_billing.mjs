// Subscriptions, allocation and usage.

import assert from "node:assert/strict";
import { inspect } from "node:util";

import {
  day,
  demo,
  elsewhere,
  freeAmounts,
  hour,
  oneMonthAfter,
  owned,
  password,
  perService,
  plane,
  services,
} from "./facts.mjs";
import { mail } from "./mailbox.mjs";
import { newcomer } from "./people.mjs";
import { bag, isDate, near, step } from "./steps.mjs";
import { autoScale, report } from "./usage.mjs";
import { answers, ask, kept, refused } from "./wire.mjs";

// quiet is the summary of a subscription without a change in progress.
export const quiet = {
  processing: false,
  payment_error: null,
  past_due: false,
  not_enough_balance: false,
  schedule: false,
};

export async function walkBilling({ version, major, open }) {
  const go = (name, run) => step(version, `billing: ${name}`, run);
  const has = bag();
  const mine = () => open(has.me.token);
  const allocated = "Profile resource allocation Successfully Updated";
  const edited = "Subscription Successfully Updated";

  await go("a new account", async () => {
    has.me = await newcomer(`Payer ${version}`);
    has.home = has.me.home;
  });
  await go("subscription of the Free plan", async () => {
    const { billing } = mine();
    const {
      current_cycle: { start, end },
      ...rest
    } = await billing.getSubscription();
    near(new Date(start), Date.now(), "the start of the cycle");
    assert.deepEqual(new Date(end), oneMonthAfter(start));
    assert.deepEqual(rest, {
      account: has.me.id,
      plan: "free",
      services: perService((service) => ({ limit: freeAmounts[service] })),
      addons: { custom_dns: [], mobile: [] },
      processing: false,
      upcoming_invoice_total: 0,
      trial_end: null,
    });
    assert.deepEqual(await billing.getSubscriptionSummary(), quiet);
    assert.deepEqual(await billing.getSubscriptionSchedule(), {
      account: has.me.id,
      release_at: null,
    });
  });
  await go("prices, whole and for the rest of the cycle", async () => {
    const { billing, plan } = mine();
    const prices = await billing.getPrices();
    assert.deepEqual(Object.keys(prices).sort(), ["addons", "plans", ...services].sort());
    assert.deepEqual(
      prices.plans,
      [
        ["free", 0, { profiles: 1, members: 0 }],
        ["starter", 4900, { profiles: 2, members: 1 }],
        ["scale", 19900, { profiles: 5, members: 5 }],
      ].map(([name, price, limits]) => ({ name, price, limits })),
    );
    assert.deepEqual(prices.addons.map((a) => a.name).sort(), ["custom_dns", "mobile"]);
    for (const service of services) {
      const tiers = prices[service];
      assert.deepEqual(tiers[0], { amount: freeAmounts[service], price: 0 });
      tiers.forEach((t, i) =>
        assert.ok(
          Number.isInteger(t.price) &&
            (i === 0 || (t.amount > tiers[i - 1].amount && t.price > tiers[i - 1].price)),
          `${service}: came ${inspect(tiers)}`,
        ),
      );
    }
    // The cycle of an account that pays nothing begins with the purchase.
    assert.deepEqual(await billing.getProratedPrices(), prices);
    assert.deepEqual(await plan.getCurrentPrices(), prices);
    has.prices = prices;
  });
  await go("edits that are refused", async () => {
    const { billing } = mine();
    const starter = "starter",
      limits = { input: { limit: 3_000_000 } };
    for (const [edit, message] of [
      [{}, /exactly one/],
      [{ plan: starter, services: limits }, /exactly one/],
      [{ plan: starter, addons: {} }, /exactly one/],
      [{ services: limits, addons: {} }, /exactly one/],
      [{ plan: "gold" }, /plan/],
      [{ plan: 5 }, /plan/],
      [{ plan: starter, coupon: "HALF" }, "Coupon Not Found"],
      [{ services: limits }, /plan free/],
      [{ addons: { mobile: [has.home] } }, /plan free/],
      [{ services: { fax: { limit: 1 } } }, /services/],
      [{ services: { input: {} } }, /services\.input\.limit/],
      [{ services: { input: 5 } }, /services/],
      [{ services: [] }, /services/],
      [{ addons: { fax: [] } }, /addons/],
      [{ addons: { mobile: has.home } }, /addons/],
      [{ addons: [] }, /addons/],
    ])
      await refused(billing.editSubscription(edit), message);
    await refused(billing.cancelDowngrade(), /Nothing is scheduled/);
    await refused(billing.retryLastPayment(), /No payment is pending/);
    await refused(billing.cancelLastOperation(), /No payment is pending/);
    await refused(billing.checkDiscountCoupon("HALF"), "Coupon Not Found");
    await refused(mine().plan.setPlanParameters({ plan: "gold" }), /plan/);
    assert.equal((await billing.getSubscription()).plan, "free");
  });
  await go("there is no payment provider", async () => {
    const { billing, paymentMethods, paymentHistory } = mine();
    assert.deepEqual(await billing.getPaymentMethod(), { card: null });
    assert.deepEqual(await paymentMethods.list(), { card: null });
    for (const call of [
      () => billing.editPaymentMethod("tok_1"),
      () => billing.removePaymentMethod(),
      () => paymentMethods.create({ name: "Card", token: "tok_1" }),
      () => paymentMethods.delete(has.home),
    ])
      await refused(call(), /no payment provider/);
    assert.deepEqual(await billing.getPaymentHistory(), []);
    assert.deepEqual(await paymentHistory.getHistory(), []);
  });
  await go("the billing address", async () => {
    const { billing } = mine();
    const fields = ["company", "country", "state", "city", "street", "zip_code", "comments"];
    assert.deepEqual(await billing.getBillingInformation(), {
      account: has.me.id,
      ...Object.fromEntries(fields.map((field) => [field, null])),
      payment_method: null,
      updated_at: null,
    });
    const address = {
      company: "Walkers",
      country: "PT",
      city: "Lisboa",
      street: "Rua 1",
      zip_code: "1000-001",
    };
    assert.equal(typeof (await billing.editBillingInformation(address)), "string");
    assert.equal(
      typeof (await billing.editBillingInformation({ street: null, comments: "Ring twice" })),
      "string",
    );
    const { updated_at, ...now } = await billing.getBillingInformation();
    near(new Date(updated_at), Date.now(), "updated_at");
    assert.deepEqual(now, {
      account: has.me.id,
      state: null,
      payment_method: null,
      ...address,
      street: null,
      comments: "Ring twice",
    });
    for (const [field, value] of [
      ["company", 5],
      ["street", "x".repeat(201)],
      ["city", "a\u0000"],
    ]) {
      await refused(billing.editBillingInformation({ [field]: value }), new RegExp(field));
    }
  });
  await go("the only profile has everything", async () => {
    const { billing, profiles } = mine();
    const [{ updated_at, ...row }, ...none] = await billing.getAllocation();
    near(new Date(updated_at), Date.now(), "updated_at");
    assert.deepEqual([row, none], [{ profile: has.home, ...freeAmounts }, []]);
    await refused(billing.editAllocation([{ profile: has.home, input: 1 }]), /only profile/);
    await refused(profiles.serviceEdit(has.home, { input: 1 }), /only profile/);
  });

  await go("the first plan is charged in full and begins a cycle", async () => {
    const { billing, plan, paymentHistory } = mine();
    assert.equal((await plan.getActivePlan()).plan, "free");
    // SDK 10 sends the name of the plan with an edit of the subscription, but
    // drops all parameters of a plan.
    if (major === 10) {
      await refused(plan.setPlanParameters({ plan: "starter" }), /plan/);
      assert.equal(kept().at(-1).body, "");
      assert.equal(await billing.editSubscription({ plan: "starter" }), edited);
    } else {
      assert.equal(typeof (await plan.setPlanParameters({ plan: "starter" })), "string");
    }
    assert.equal((await plan.getActivePlan()).plan, "starter");
    const {
      plan: now,
      current_cycle: { start, end },
      upcoming_invoice_total,
    } = await billing.getSubscription();
    near(new Date(start), Date.now(), "the start of the cycle");
    has.end = end;
    assert.deepEqual(
      [now, new Date(end), upcoming_invoice_total],
      ["starter", oneMonthAfter(start), 4900],
    );
    const history = await billing.getPaymentHistory();
    assert.deepEqual(
      history.map((c) => [c.total, c.currency, c.paid, c.card]),
      [[4900, "usd", true, null]],
    );
    assert.deepEqual(await paymentHistory.getHistory(), history);
    if (major === 10) {
      const {
        profiles: [{ id, name, limits, addons }],
        ...rest
      } = await plan.summary();
      assert.deepEqual(
        [id, name, limits?.input, addons, rest],
        [
          has.home,
          `Payer ${version}`,
          freeAmounts.input,
          { custom_dns: false, mobile: false },
          { plan: "starter", discounts: [] },
        ],
      );
    }
  });
  await go("an upgrade holds at once and is charged once", async () => {
    const { billing, profiles } = mine();
    const more = { sms: { limit: 100 }, data_records: { limit: 1_500_000 } };
    for (let n = 0; n < 2; n++)
      assert.equal(await billing.editSubscription({ services: more }), edited);
    const { services: limits, upcoming_invoice_total } = await billing.getSubscription();
    assert.deepEqual(
      [limits.sms, limits.data_records, limits.input],
      [more.sms, more.data_records, { limit: freeAmounts.input }],
    );
    assert.equal(upcoming_invoice_total, 4900 + 250 + 1500);
    assert.equal((await profiles.info(has.home)).allocation.sms, 100);
    assert.deepEqual(
      (await billing.getPaymentHistory()).map((c) => c.total).sort(),
      [1500, 250, 4900],
    );
    const [newest] = await billing.getPaymentHistory({ amount: 1 });
    assert.equal(
      (await billing.getPaymentHistory({ amount: 1, lastId: newest.stripe_id })).length,
      1,
    );
    assert.equal((await billing.getPaymentHistory({ lastId: newest.stripe_id })).length, 2);
    await refused(
      billing.editSubscription({ services: { input: { limit: 2_000_000 } } }),
      /must be one of 1000000, 3000000/,
    );
    // All days of the cycle remain today.
    assert.deepEqual(await billing.getProratedPrices(), has.prices);
  });
  await go("a downgrade waits for the renewal", async () => {
    const { billing, plan } = mine();
    assert.equal(
      await billing.editSubscription({ services: { data_records: { limit: 800_000 } } }),
      edited,
    );
    assert.equal(await billing.editSubscription({ plan: "free" }), edited);
    const { account, release_at, subscription } = await billing.getSubscriptionSchedule();
    assert.deepEqual(
      [account, release_at, subscription.plan, Object.keys(subscription.services)],
      [has.me.id, has.end, "free", ["data_records"]],
    );
    const { limit, proportional_change } = subscription.services.data_records;
    assert.equal(limit, 800_000);
    // In the SDK's types this is the amount by which the allocation will
    // change.
    assert.ok(
      ["number", "undefined"].includes(typeof proportional_change),
      `expected a number or nothing, came ${inspect(proportional_change)}`,
    );
    assert.deepEqual(await billing.getSubscriptionSummary(), { ...quiet, schedule: true });
    const now = await billing.getSubscription();
    assert.deepEqual(
      [now.plan, now.services.data_records, now.upcoming_invoice_total],
      ["starter", { limit: 1_500_000 }, 0],
    );
    assert.deepEqual(
      [(await plan.getActivePlan()).plan, (await plan.getActivePlan()).next_plan],
      ["starter", "free"],
    );
    assert.equal(typeof (await billing.cancelDowngrade()), "string");
    await refused(billing.cancelDowngrade(), /Nothing is scheduled/);
    assert.deepEqual(await billing.getSubscriptionSummary(), quiet);
  });

  await go("allocation over two profiles", async () => {
    const { billing, profiles } = mine();
    has.second = (await profiles.create({ name: `Second ${version}` })).id;
    const rows = async () => (await billing.getAllocation()).map(({ updated_at, ...row }) => row);
    const all = { ...freeAmounts, sms: 100, data_records: 1_500_000 };
    assert.deepEqual(await rows(), [
      { profile: has.home, ...all },
      { profile: has.second, ...perService(() => 0) },
    ]);
    assert.equal(
      await billing.editAllocation([
        { profile: has.home, sms: 60 },
        { profile: has.second, sms: 40 },
      ]),
      allocated,
    );
    assert.equal(await profiles.serviceEdit(has.home, { data_records: 1_000_000 }), allocated);
    assert.equal(
      await profiles.serviceEdit(has.second, { data_records: 500_000, email: 0 }),
      allocated,
    );
    assert.deepEqual(await rows(), [
      { profile: has.home, ...all, sms: 60, data_records: 1_000_000 },
      { profile: has.second, ...perService(() => 0), sms: 40, data_records: 500_000 },
    ]);
    assert.equal((await profiles.info(has.second)).allocation.sms, 40);
    assert.equal((await profiles.summary(has.second)).limit.sms, 40);
  });
  await go("allocations that are refused", async () => {
    const { billing, profiles } = mine();
    const theirs = (await open(demo.token).profiles.list())[0].id;
    for (const [rows, message] of [
      [{ profile: has.home, sms: 1 }, /list/],
      [{}, /list/],
      [[], /at least one/],
      [[{ sms: 1 }], /profile/],
      [[{ profile: theirs, sms: 0 }], /own/],
      [[{ profile: "0".repeat(24), sms: 0 }], /own/],
      [[{ profile: has.home, sms: 61 }], /sms adds up to 101/],
      [[{ profile: has.home, sms: 101 }], /sms/],
      [[{ profile: has.home, sms: -1 }], /sms/],
      [[{ profile: has.home, sms: 1.5 }], /sms/],
      [[{ profile: has.home, sms: "1" }], /sms/],
      [
        [
          { profile: has.home, sms: 1 },
          { profile: has.home, sms: 1 },
        ],
        /twice/,
      ],
      [[{ profile: 5 }], /profile/],
      [["x"], /./],
      [[[]], /./],
      [[null], /profile/],
      // The first row would fit, but no part of a failed edit is kept.
      [
        [
          { profile: has.home, sms: 0 },
          { profile: has.second, sms: 101 },
        ],
        /sms/,
      ],
    ])
      await refused(billing.editAllocation(rows), message);
    for (const [id, edit, message] of [
      [has.home, {}, /at least one/],
      [has.home, { fax: 1 }, /fax is not taken here/],
      [has.home, { sms: 61 }, /sms adds up to 101/],
      [has.home, { sms: "1" }, /sms/],
      [theirs, { sms: 1 }, "Profile Not Found"],
      ["nonsense", { sms: 1 }, "Profile Not Found"],
    ])
      await refused(profiles.serviceEdit(id, edit), message);
    assert.deepEqual(
      (await billing.getAllocation()).map((row) => row.sms),
      [60, 40],
    );
  });
  await go("add-ons", async () => {
    const { billing, profiles } = mine();
    const { home, second } = has;
    assert.equal(await billing.editSubscription({ addons: { mobile: [home] } }), edited);
    assert.equal(typeof (await profiles.addonEdit(second, { custom_dns: true })), "string");
    assert.deepEqual((await billing.getSubscription()).addons, {
      custom_dns: [second],
      mobile: [home],
    });
    assert.deepEqual(owned((await profiles.info(home)).addons), {
      custom_dns: false,
      mobile: true,
    });
    assert.deepEqual(owned((await profiles.summary(home)).addons), {
      custom_dns: false,
      mobile: true,
    });
    assert.deepEqual(await profiles.addonList(second), { custom_dns: true, mobile: false });
    // An add-on that ends stays until the cycle ends.
    assert.equal(typeof (await profiles.removeAddOn(home, "mobile")), "string");
    // In the SDK's types this is the list of profiles that have the add-on
    // afterwards.
    assert.deepEqual((await billing.getSubscriptionSchedule()).subscription, {
      addons: { mobile: [] },
    });
    assert.equal((await profiles.info(home)).addons.mobile, true);
    await refused(profiles.removeAddOn(home, "custom_dns"), "Addon Not Found");
    await refused(profiles.removeAddOn(home, "fax"), "Addon Not Found");
    await refused(profiles.addonEdit(home, { mobile: "yes" }), /mobile/);
    await refused(profiles.addonEdit(home, {}), /custom_dns or mobile/);
    await refused(
      billing.editSubscription({ addons: { mobile: ["0".repeat(24)] } }),
      /profiles of the account/,
    );
    assert.equal(await billing.editSubscription({ addons: { mobile: [home] } }), edited);
    assert.equal((await billing.getSubscriptionSummary()).schedule, false);
  });

  await go("what a data plane reports is in the summary and in the statistics", async () => {
    const { profiles } = mine();
    const at = new Date();
    assert.deepEqual(await profiles.usageStatisticList(has.home), []);
    const { json, lines, blocked } = await report(
      has.home,
      { service: "input", amount: 25 },
      { service: "analysis", amount: 0.07 },
      { service: "data_records", amount: 300, set: true },
      { service: "data_records", amount: -100 },
    );
    assert.deepEqual(
      [lines.map((l) => [l.admitted, l.used]), blocked],
      [
        [
          [true, 25],
          [true, 0.07],
          [true, 300],
          [true, 200],
        ],
        [],
      ],
    );
    // The same events count once.
    assert.deepEqual(
      answers(await ask("POST", `/usage/${has.home}`, { token: plane.token, json }), 200).lines,
      lines,
    );
    const used = { input: 25, analysis: 0.07, data_records: 200 };
    assert.deepEqual((await profiles.summary(has.home)).limit_used, {
      ...perService(() => 0),
      ...elsewhere,
      ...used,
    });
    assert.deepEqual((await profiles.summary(has.second)).limit_used, {
      ...perService(() => 0),
      ...elsewhere,
    });

    const date = at.toISOString().slice(0, 10);
    const next = new Date(at.getTime() + day).toISOString().slice(0, 10);
    for (const [query, unit] of [
      [{ date }, hour],
      [{ date: at }, hour],
      [{ date, timezone: "Europe/Lisbon" }, hour],
      [{ start_date: date, end_date: next }, hour],
      [{ start_date: date, end_date: next, periodicity: "hour" }, hour],
      [{ start_date: date, end_date: next, periodicity: "day" }, day],
      [
        {
          start_date: new Date(at - hour),
          end_date: new Date(at.getTime() + hour),
          periodicity: "hour",
        },
        hour,
      ],
      [{ start_date: date, end_date: next, periodicity: "month" }],
      [{ start_date: date, end_date: next, periodicity: "year" }],
    ]) {
      const rows = await profiles.usageStatisticList(has.home, query);
      const { time, ...rest } =
        rows.at(-1) ?? assert.fail(`expected an entry for ${inspect(query)}`);
      isDate(time, "time");
      assert.deepEqual(rest, used);
      if (unit)
        assert.ok(
          time % unit === 0 && at - time < unit,
          `expected ${inspect(query)} to have an entry of ${at}, came ${time}`,
        );
      assert.ok(
        rows.every((row, i) => i === 0 || row.time > rows[i - 1].time),
        "expected rising times",
      );
    }
    assert.deepEqual(await profiles.usageStatisticList(has.home, { date: "2020-02-29" }), []);
    for (const [query, message] of [
      [{ date: "soon" }, /date/],
      [{ start_date: date }, /end_date/],
      [{ start_date: next, end_date: date }, /after/],
      [{ start_date: date, end_date: next, periodicity: "week" }, /periodicity/],
      [{ date, timezone: "Mars/Base" }, /timezone/],
      [{ start_date: "2020-01-01", end_date: date, periodicity: "hour" }, /steps/],
    ])
      await refused(profiles.usageStatisticList(has.home, query), message);
    await refused(
      profiles.usageStatisticList((await open(demo.token).profiles.list())[0].id),
      "Profile Not Found",
    );
  });
  await go("a limit blocks what is beyond it, and the owner is told before", async () => {
    const { profiles, billing, notifications } = mine();
    const sms = async (amount) =>
      (await report(has.home, { service: "sms", amount })).lines[0].admitted;
    assert.deepEqual(
      [await sms(47), await sms(1), await sms(6), await sms(7), await sms(6), await sms(1)],
      [true, true, true, false, true, false],
    );
    assert.equal((await profiles.summary(has.home)).limit_used.sms, 60);
    const titles = (await notifications.list({ amount: 100 }))
      .map((n) => n.title)
      .filter((title) => title.startsWith("SMS of "));
    assert.deepEqual(titles.map((title) => title.match(/\d+ %/)[0]).slice(-2), ["90 %", "80 %"]);
    await mail(has.me.email, 1, "80 %");
    const check = answers(await ask("GET", `/usage/${has.home}`, { token: plane.token }), 200);
    assert.deepEqual(
      [check.blocked, check.services.sms],
      [["sms"], { used: 60, limit: 60, blocked: true, soft: false, over: 0, stopped: false }],
    );
    assert.equal(
      await billing.editAllocation([
        { profile: has.second, sms: 30 },
        { profile: has.home, sms: 70 },
      ]),
      allocated,
    );
    assert.equal(await sms(10), true);
  });
  await go("TagoIO's autoscaling of limits", async () => {
    const { profiles, billing } = mine();
    const environment = {
      input: "95",
      output: "95",
      data_records: "95",
      analysis: "x",
      sms: "",
      email: "95",
    };
    assert.deepEqual((await autoScale(mine(), has.me.token, environment)).scaled, {});
    await report(
      has.home,
      { service: "input", amount: 950_000 },
      { service: "data_records", amount: 960_000, set: true },
    );
    const { id, scaled } = await autoScale(mine(), has.me.token, environment);
    assert.deepEqual(
      [id, scaled],
      [has.home, { input: { limit: 3_000_000 }, data_records: { limit: 5_000_000 } }],
    );
    const { allocation } = await profiles.info(has.home);
    assert.deepEqual([allocation.input, allocation.data_records], [3_000_000, 4_500_000]);
    assert.equal((await billing.getSubscription()).services.input.limit, 3_000_000);
    assert.deepEqual((await autoScale(mine(), has.me.token, environment)).scaled, {});
  });
  await go("a read token reads, and changes nothing", async () => {
    const { token } = await mine().profiles.tokenCreate(has.home, {
      name: "reader",
      permission: "read",
      email: has.me.email,
      password,
    });
    const { billing, profiles, plan } = open(token);
    assert.equal((await plan.getActivePlan()).plan, "starter");
    assert.deepEqual((await billing.getSubscription()).addons.mobile, [has.home]);
    assert.equal((await billing.getAllocation()).length, 2);
    for (const call of [
      () => billing.editSubscription({ plan: "scale" }),
      () => billing.editAllocation([{ profile: has.home, sms: 1 }]),
      () => billing.cancelDowngrade(),
      () => billing.editBillingInformation({ city: "Porto" }),
      () => billing.retryLastPayment(),
      () => billing.cancelLastOperation(),
      () => profiles.serviceEdit(has.home, { sms: 1 }),
      () => profiles.addonEdit(has.home, { mobile: false }),
      () => profiles.removeAddOn(has.home, "mobile"),
    ])
      await refused(call(), /Authorization Denied/);
  });
}
