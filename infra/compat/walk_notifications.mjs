// Notifications.

import assert from "node:assert/strict";

import { demo, password } from "./facts.mjs";
import { mail } from "./mailbox.mjs";
import { stranger } from "./people.mjs";
import { bag, near, step } from "./steps.mjs";
import { kept, refused } from "./wire.mjs";

export async function walkNotifications({ version, Account, open }) {
  const go = (name, run) => step(version, `notification: ${name}`, run);
  const email = stranger();
  const has = bag();
  const titles = async (query) => {
    const list = await open(has.token).notifications.list(query);
    list.forEach((n) => near(n.created_at, Date.now(), "created_at"));
    return list.map((n) => n.title);
  };
  const sent = () => decodeURIComponent(kept().at(-1).path);

  await go("an account", async () => {
    await Account.create({
      name: "Walk",
      email,
      password,
      cpassword: password,
      timezone: "UTC",
      country: "PT",
      newsletter: false,
      developer: false,
    });
    await Account.confirmAccount(
      (await mail(email, 1)).body.text.match(/#\/account\/confirm\/(\w+)/)[1],
    );
    const [{ id }] = (await Account.login({ email, password })).profiles;
    has.profile = id;
    has.token = (
      await Account.tokenCreate({ profile_id: id, email, password, name: "walk" })
    ).token;
  });
  await go("create", async () => {
    const { notifications } = open(has.token);
    has.ids = [];
    for (const title of ["one", "two", "three"]) {
      const made = await notifications.create({
        title,
        message: `The message\nof ${title}.`,
        ...(title === "two" && { read: true }),
      });
      assert.match(made.id, /^[0-9a-f]{24}$/);
      has.ids.push(made.id);
    }
    const [{ created_at, ...newest }] = await notifications.list();
    near(created_at, Date.now(), "created_at");
    assert.deepEqual(newest, {
      id: has.ids[2],
      title: "three",
      message: "The message\nof three.",
      type: "tago",
      ref_id: null,
      icon: null,
      read: false,
      buttons: [],
      buttons_enabled: false,
      buttons_autodisable: false,
    });
  });
  await go("create without a text or with buttons is refused", async () => {
    const { notifications } = open(has.token);
    await refused(notifications.create({ message: "text" }), /title/);
    await refused(notifications.create({ title: "title" }), /message/);
    const buttons = [
      { id: "go", label: "Go", triggers: [{ url: "http://127.0.0.1", method: "GET", body: {} }] },
    ];
    await refused(notifications.create({ title: "title", message: "text", buttons }), /buttons/);
  });
  await go("list in order", async () => {
    assert.deepEqual(await titles(), ["three", "two", "one"]);
    assert.deepEqual(await titles({ orderBy: ["created_at", "desc"] }), ["three", "two", "one"]);
    assert.deepEqual(await titles({ orderBy: ["created_at", "asc"] }), ["one", "two", "three"]);
    assert.match(sent(), /orderBy\[0\]=created_at&orderBy\[1\]=asc/);
    await refused(open(has.token).notifications.list({ orderBy: ["title", "asc"] }), /orderBy/);
  });
  await go("list in pages", async () => {
    const pages = [];
    for (const page of [1, 2, 3]) pages.push(await titles({ page, amount: 2 }));
    assert.deepEqual(pages, [["three", "two"], ["one"], []]);
    assert.deepEqual(
      await titles({ page: 2, amount: 1, orderBy: ["created_at", "asc"], filter: { read: false } }),
      ["three"],
    );
  });
  await go(
    "list the read or the unread, as the types and as the examples of the SDK have it",
    async () => {
      assert.deepEqual(await titles({ filter: { read: false } }), ["three", "one"]);
      assert.match(sent(), /filter\[read\]=false/);
      assert.deepEqual(await titles({ filter: { read: true } }), ["two"]);
      assert.deepEqual(await titles({ read: false, amount: 10 }), ["three", "one"]);
      assert.match(sent(), /[?&]read=false/);
      assert.deepEqual(await titles({ read: true }), ["two"]);
      await refused(open(has.token).notifications.list({ filter: { read: "maybe" } }), /read/);
    },
  );
  await go("mark as read and as unread, one and many", async () => {
    const { notifications } = open(has.token);
    const [one, two, three] = has.ids;
    const updated = "TagoIO Notification Run Successfully Updated";
    assert.equal(await notifications.markAsRead(one), updated);
    assert.deepEqual(await titles({ filter: { read: true } }), ["two", "one"]);
    assert.equal(await notifications.markAsUnread([one, two, two]), updated);
    assert.deepEqual(await titles({ filter: { read: true } }), []);
    assert.equal(await notifications.markAsRead([two, three]), updated);
    assert.deepEqual(await titles({ filter: { read: false } }), ["one"]);
    await refused(notifications.markAsRead([]), /notification_ids/);
    // All are marked, or none.
    await refused(
      notifications.markAsRead([one, "0123456789abcdef01234567"]),
      "Notification Not Found",
    );
    assert.deepEqual(await titles({ filter: { read: false } }), ["one"]);
  });
  await go("mark all as read", async () => {
    const { notifications } = open(has.token);
    for (let n = 0; n < 2; n++)
      assert.equal(
        await notifications.markAllAsRead(),
        "All TagoIO Notification Run Successfully Updated",
      );
    assert.deepEqual(await titles({ filter: { read: false } }), []);
    assert.equal((await titles()).length, 3);
  });
  await go("one without buttons has none to press", () =>
    refused(
      open(has.token).notifications.notificationButton(has.ids[0], "accept"),
      "Button Not Found",
    ),
  );
  await go("those of somebody else do not exist", async () => {
    const { notifications } = open(demo.token);
    await refused(notifications.markAsRead(has.ids[0]), "Notification Not Found");
    await refused(notifications.remove(has.ids[0]), "Notification Not Found");
    await refused(notifications.notificationButton(has.ids[0], "accept"), "Notification Not Found");
  });
  await go("a token does what its permission says", async () => {
    const token = async (permission) =>
      (
        await open(has.token).profiles.tokenCreate(has.profile, {
          name: permission,
          permission,
          email,
          password,
        })
      ).token;
    const reader = open(await token("read")).notifications;
    assert.equal((await reader.list()).length, 3);
    for (const call of [
      () => reader.create({ title: "title", message: "text" }),
      () => reader.markAsRead(has.ids[0]),
      () => reader.markAllAsRead(),
      () => reader.remove(has.ids[0]),
    ])
      await refused(call(), /Authorization Denied/);
    const writer = open(await token("write")).notifications;
    assert.match(await writer.markAsUnread(has.ids[0]), /Updated/);
    await refused(writer.remove(has.ids[0]), /Authorization Denied/);
  });
  await go("delete", async () => {
    const { notifications } = open(has.token);
    for (const id of has.ids) assert.equal(await notifications.remove(id), "Successfully Removed");
    await refused(notifications.remove(has.ids[0]), "Notification Not Found");
    await refused(notifications.remove("nonsense"), "Notification Not Found");
    assert.deepEqual(await titles(), []);
  });
}
