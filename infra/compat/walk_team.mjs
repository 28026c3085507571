// Teams.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import { demo, password } from "./facts.mjs";
import { linksOf, mail, scan } from "./mailbox.mjs";
import { stranger, unsent } from "./people.mjs";
import { restore, snapshot } from "./state.mjs";
import { bag, near, step } from "./steps.mjs";
import { answers, ask, kept, refused } from "./wire.mjs";

// A profile is shared with a person who has an account and with one who has
// none yet, and then taken back.
export async function walkTeam({ version, major, Account, open }) {
  const go = (name, run) => step(version, `team: ${name}`, run);
  const owner = open(demo.token);
  const has = bag();
  const signIn = async (email, profile_id) => {
    const login = await Account.login({ email, password });
    const { token } = await Account.tokenCreate({
      profile_id: profile_id ?? login.profiles[0].id,
      email,
      password,
      name: "walk",
    });
    return { ...login, token };
  };
  // Names differ, so that the owner's notifications can be told apart.
  const signUp = async (email, nth) => {
    const name = `Walker ${randomBytes(4).toString("hex")}`;
    await Account.create({
      name,
      email,
      password,
      cpassword: password,
      timezone: "UTC",
      country: "PT",
      newsletter: false,
      developer: false,
    });
    const { body } = await mail(email, nth);
    await Account.confirmAccount(body.text.match(/#\/account\/confirm\/(\w+)/)[1]);
    return signIn(email);
  };
  const unread = async (token) => {
    const list = await open(token).notifications.list({
      page: 1,
      amount: 20,
      orderBy: ["created_at", "desc"],
      filter: { read: false },
    });
    list.forEach((n) => near(n.created_at, Date.now(), "created_at"));
    return list;
  };
  const offerOf = async (token) => {
    const offers = (await unread(token)).filter((n) => n.buttons.length > 0);
    assert.equal(offers.length, 1);
    const [offer] = offers;
    assert.match(offer.id, /^[0-9a-f]{24}$/);
    assert.match(offer.message, /ana@example\.com/);
    assert.deepEqual(
      offer.buttons.map((b) => b.triggers),
      [[{ share_profile: "accept" }], [{ share_profile: "refuse" }]],
    );
    assert.deepEqual(
      [offer.read, offer.buttons_enabled, offer.buttons_autodisable],
      [false, true, true],
    );
    return offer;
  };
  // team checks the values that every row of the list must have, and returns
  // the rows that the walk has made.
  const team = async (profiles = owner.profiles) => {
    const rows = await profiles.teamList(has.home);
    for (const row of rows) {
      assert.match(row.id, /^[0-9a-f]{24}$/);
      // The SDK for JavaScript leaves this as a text. The one for Python parses
      // it.
      assert.match(row.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      near(new Date(row.created_at), Date.now(), "created_at");
    }
    return rows;
  };
  const told = async (name, how) => {
    const [newest] = await owner.notifications.list({ page: 1, amount: 1 });
    assert.ok(
      newest.message.includes(name) && newest.message.includes(how),
      `expected ${name} and ${how}, came ${newest.message}`,
    );
    assert.deepEqual([newest.read, newest.buttons], [false, []]);
    const { body } = await mail(demo.email, 1, name);
    assert.ok(body.text.includes(how), `expected ${how}, came ${body.text}`);
  };

  await go("the demo account", async () => {
    has.before = await snapshot();
    const [{ id, name }] = await owner.profiles.list();
    [has.home, has.name] = [id, name];
    assert.deepEqual(await team(), []);
  });
  await go("invite an address with an account", async () => {
    has.guest = await signUp(stranger(), 1);
    assert.equal(await owner.profiles.addTeamMember(has.home, has.guest.email), "User invited");
    has.invitation = linksOf(await mail(has.guest.email, 2));
    has.offer = await offerOf(has.guest.token);
  });
  await go("invite an address without one, with the same answer", async () => {
    has.newcomer = stranger();
    assert.equal(await owner.profiles.addTeamMember(has.home, has.newcomer), "User invited");
    has.newcomersInvitation = linksOf(await mail(has.newcomer, 1));
    const rows = await team();
    assert.deepEqual(
      rows.map((m) => [m.email, m.active, m.name]),
      [
        [has.guest.email, false, ""],
        [has.newcomer, false, ""],
      ],
    );
    assert.ok(
      rows.every((m) => m.id !== has.guest.id),
      "expected an open invitation not to tell an account's id",
    );
  });
  await go("fetching the links of both mails changes nothing", async () => {
    const before = await team();
    for (const invitation of [has.invitation, has.newcomersInvitation]) await scan(invitation);
    assert.deepEqual(await team(), before);
    assert.equal((await offerOf(has.guest.token)).id, has.offer.id);
  });
  await go("inviting again within a minute, oneself and nonsense are refused", async () => {
    for (const email of [has.guest.email, has.newcomer, has.newcomer.toUpperCase()]) {
      await refused(
        owner.profiles.addTeamMember(has.home, email),
        /^Too many requests \(Retry-After: \d+\): this address was invited/,
      );
      assert.equal(kept().at(-1).status, 429);
    }
    await refused(owner.profiles.addTeamMember(has.home, demo.email), /your own address/);
    for (const email of ["nobody", "", undefined])
      await refused(owner.profiles.addTeamMember(has.home, email), /email/);
    assert.equal((await team()).length, 2);
  });
  await go("a Free profile has no team", () =>
    refused(
      open(has.guest.token).profiles.addTeamMember(has.guest.profiles[0].id, stranger()),
      /team members \(0\)/,
    ),
  );
  await go("a profile that is not shared yet does not exist for the invited", async () => {
    const { profiles } = open(has.guest.token);
    await refused(profiles.info(has.home), "Profile Not Found");
    await refused(profiles.teamList(has.home), "Profile Not Found");
    await refused(profiles.deleteTeamMember(has.home, has.guest.id), "Profile Not Found");
  });
  await go(
    "a code that was never sent, and one whose address has no account, are refused",
    async () => {
      await refused(Account.acceptTeamInvitation(unsent), /not valid/);
      await refused(Account.declineTeamInvitation(unsent), /not valid/);
      await refused(Account.acceptTeamInvitation(has.newcomersInvitation.code), /no account yet/);
      assert.equal((await team()).length, 2);
    },
  );
  await go(
    `accept by ${major === 12 ? "the notification's button" : "the code of the mail"}`,
    async () => {
      const { notifications } = open(has.guest.token);
      if (major === 12) {
        await refused(notifications.notificationButton(has.offer.id, "maybe"), "Button Not Found");
        await refused(
          owner.notifications.notificationButton(has.offer.id, "accept"),
          "Notification Not Found",
        );
        assert.equal(
          await notifications.notificationButton(has.offer.id, has.offer.buttons[0].id),
          "Invitation accepted",
        );
        assert.deepEqual(await unread(has.guest.token), []);
      } else {
        assert.equal(
          await Account.acceptTeamInvitation(has.invitation.code),
          "Invitation accepted",
        );
        assert.equal(kept().at(-1).sent.token, undefined);
      }
    },
  );
  await go("an invitation works once", async () => {
    const { code } = has.invitation;
    await refused(Account.acceptTeamInvitation(code), /accepted already/);
    await refused(Account.declineTeamInvitation(code), /accepted already/);
    for (const button of ["accept", "refuse"]) {
      await refused(
        open(has.guest.token).notifications.notificationButton(has.offer.id, button),
        /accepted already/,
      );
    }
    await refused(
      owner.profiles.addTeamMember(has.home, has.guest.email),
      /member of this profile already/,
    );
  });
  await go("the buttons are off once it is answered", async () => {
    const offer = (await open(has.guest.token).notifications.list()).find(
      (n) => n.id === has.offer.id,
    );
    assert.equal(offer.buttons_enabled, false);
  });
  await go("the owner is told of the acceptance", () => told(has.guest.name, "accepted"));
  await go("the profile is in the member's lists", async () => {
    const { profiles, token } = await signIn(has.guest.email, has.home);
    has.token = token;
    for (const list of [profiles, await open(has.guest.token).profiles.list()]) {
      assert.deepEqual(
        list.map((p) => [p.id, p.from_share ?? false]),
        [
          [has.guest.profiles[0].id, false],
          [has.home, true],
        ],
      );
      assert.equal(list[1].name, has.name);
    }
    // Only the owner may see addresses.
    for (const [{ profiles }, address] of [
      [owner, has.guest.email],
      [open(token), ""],
    ]) {
      const [member] = (await team(profiles)).filter((m) => m.active);
      assert.deepEqual(
        [member.id, member.email, member.name],
        [has.guest.id, address, has.guest.name],
      );
    }
    assert.equal(
      (await owner.profiles.list()).find((p) => p.id === has.home).from_share ?? false,
      false,
    );
  });
  await go("a member reads and renames", async () => {
    const { account, profiles } = open(has.token);
    assert.equal((await account.info()).id, has.guest.id);
    assert.equal((await profiles.info("current")).info.id, has.home);
    assert.equal(
      (await profiles.summary(has.home)).limit.input,
      (await owner.profiles.summary(has.home)).limit.input,
    );
    assert.equal(
      await profiles.edit(has.home, { name: `Renamed ${version}` }),
      "Successfully Updated",
    );
    assert.equal((await owner.profiles.info(has.home)).info.name, `Renamed ${version}`);
    assert.equal(await profiles.edit(has.home, { name: has.name }), "Successfully Updated");
  });
  await go("a member owns nothing of it", async () => {
    const { profiles } = open(has.token);
    await refused(profiles.addTeamMember(has.home, stranger()), /owner/);
    for (const row of (await team()).filter((m) => !m.active))
      await refused(profiles.deleteTeamMember(has.home, row.id), /owner/);
    await refused(profiles.deleteTeamMember(has.home, has.before.account.id), /owner/);
    await refused(profiles.delete(has.home, { password }), major > 10 ? /owner/ : /owner|password/);
    answers(
      await ask("DELETE", `/profile/${has.home}`, { token: has.token, json: { password } }),
      403,
      /owner/,
    );
    answers(
      await ask("PUT", `/profile/${has.home}/team/${has.guest.id}`, {
        token: has.token,
        json: { permission: "full" },
      }),
      403,
      /owner/,
    );
    assert.equal((await profiles.info(has.home)).info.name, has.name);
  });
  await go("a lower permission holds for the next request", async () => {
    const to = async (permission) =>
      answers(
        await ask("PUT", `/profile/${has.home}/team/${has.guest.id}`, {
          token: demo.token,
          json: { permission },
        }),
        200,
      );
    await to("read");
    await refused(
      open(has.token).profiles.edit(has.home, { name: "mine" }),
      /Authorization Denied/,
    );
    assert.equal((await open(has.token).profiles.info(has.home)).info.id, has.home);
    await to("full");
    assert.equal(
      await open(has.token).profiles.edit(has.home, { name: has.name }),
      "Successfully Updated",
    );
  });
  await go("a removed member is out at once", async () => {
    assert.equal(
      await owner.profiles.deleteTeamMember(has.home, has.guest.id),
      "Account Successfully Removed",
    );
    await refused(open(has.token).profiles.info(has.home), /Authorization Denied/);
    await refused(open(has.token).account.info(), /Authorization Denied/);
    const { profiles } = open(has.guest.token);
    await refused(profiles.info(has.home), "Profile Not Found");
    const { email } = has.guest;
    await refused(
      Account.tokenCreate({ profile_id: has.home, email, password, name: "walk" }),
      "Profile Not Found",
    );
    for (const list of [
      await profiles.list(),
      (await Account.login({ email, password })).profiles,
    ]) {
      assert.deepEqual(
        list.map((p) => p.id),
        [has.guest.profiles[0].id],
      );
    }
    await refused(owner.profiles.deleteTeamMember(has.home, has.guest.id), "Account Not Found");
    await refused(Account.acceptTeamInvitation(has.invitation.code), /accepted already/);
    assert.deepEqual(
      (await team()).map((m) => m.email),
      [has.newcomer],
    );
  });
  await go(
    `an account made later finds the invitation, and declines by ${major === 11 ? "the button" : "the code of the mail"}`,
    async () => {
      const { code } = has.newcomersInvitation;
      const { id, name, token } = await signUp(has.newcomer, 2);
      const offer = await offerOf(token);
      assert.ok(
        (await team()).every((m) => !m.active && m.id !== id && m.name === ""),
        "expected the list not to tell that there is an account now",
      );
      if (major === 11)
        assert.equal(
          await open(token).notifications.notificationButton(offer.id, offer.buttons[1].id),
          "Invitation declined",
        );
      else assert.equal(await Account.declineTeamInvitation(code), "Invitation declined");
      await refused(Account.declineTeamInvitation(code), /declined already/);
      await refused(Account.acceptTeamInvitation(code), /declined already/);
      assert.deepEqual(await team(), []);
      assert.equal((await open(token).profiles.list()).length, 1);
      // The code alone does not show its sender.
      await told(major === 11 ? name : has.newcomer, "declined");
    },
  );
  await go("the demo account is as it was", async () => {
    // Editing a profile changes its time, and signing in to it does so as well.
    const undated = ({ profiles, ...rest }) => ({
      ...rest,
      profiles: Object.values(profiles).map(({ info: { updated_at, ...info }, ...profile }) => ({
        ...profile,
        info,
      })),
    });
    try {
      assert.deepEqual(undated(await snapshot()), undated(has.before));
    } finally {
      await restore(has.before);
    }
  });
}
