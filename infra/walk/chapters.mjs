// The chapters of the story, in order. Each compares the results with the
// expected ones, and returns the values that later chapters need.

import { must, same } from "./held.mjs";
import { codeIn, inbox, mails, read } from "./mailbox.mjs";
import { bold, chapter, print, tell, wrap } from "./print.mjs";
import { curl, names } from "./request.mjs";
import { list, showEvents, showName, showProfiles, showRows, showTeam, showView } from "./show.mjs";
import { demoToken, desk, password } from "./stack.mjs";

// gates compares the gates of a view with the expected ones, in the order
// owner, receiving side, support, prerequisites.
const gates = (v, ...wanted) =>
  same(
    [v.gates.source, v.gates.destination, v.gates.support, v.gates.prerequisites],
    wanted,
    `the gates of ${v.ticket}`,
  );

// rows compares a list of transfers with the expected tickets and roles.
async function rows(who, role, ...tickets) {
  const found = await curl(who, "GET", "/transfer", undefined, { show: showRows });
  same(
    found.map((r) => [r.ticket, r.state, r.role]),
    tickets.map((t, i) => [t, "completed", role[i]]),
    "the list of transfers",
  );
}

async function signIn(name, quiet) {
  const email = `${name}@example.com`;
  const show = (result) =>
    `{"id":"...","profiles":[${result.profiles.map((p) => `"${p.name}"`)}],...}`;
  const { id, profiles } = await curl(
    null,
    "POST",
    "/account/login",
    { email, password },
    { quiet, show },
  );
  const own = profiles.find((p) => !p.from_share && p.account === id) ?? profiles[0];
  names.set(own.id, `$${name.toUpperCase()}_HOME`);
  const made = await curl(
    null,
    "POST",
    "/account/profile/token",
    { profile_id: own.id, email, password, name: "story", expire_time: "1 day" },
    { quiet, show: () => `{"token":"p-...","name":"story",...}` },
  );
  names.set(made.token, `$${name.toUpperCase()}`).set(id, `$${name.toUpperCase()}_ID`);
  return { id, email, token: made.token, variable: `$${name.toUpperCase()}` };
}

// Everybody signs in, and a device gets a token.
export async function whoTakesPart() {
  chapter(
    "Who takes part",
    "Ben signs in and makes a token. Mia and Sam do the same, which is not shown; Ana has the token of the demo.",
  );
  const ben = await signIn("ben");
  const [mia, sam] = [await signIn("mia", true), await signIn("sam", true)];
  const ana = { email: "ana@example.com", token: demoToken, variable: "$ANA" };
  names.set(demoToken, "$ANA");
  ana.id = (await curl(ana, "GET", "/account", undefined, { quiet: true })).id;
  names.set(ana.id, "$ANA_ID");
  const plant = (await curl(ana, "GET", "/profile", undefined, { show: showProfiles })).find(
    (p) => p.name === "Plant",
  );
  must(plant, "Ana should have the profile Plant");
  names.set(plant.id, "$PLANT");
  const profile = `/profile/${plant.id}`;
  tell(
    "A device of Ana's uses a token that is Plant's own. Mia may write in Plant. For Ben the profile does not exist.",
  );
  const { token } = await curl(
    ana,
    "POST",
    `${profile}/token`,
    { name: "device", permission: "full", expire_time: "never", password, email: ana.email },
    { show: () => `{"token":"p-...","name":"device",...}` },
  );
  const device = { token, variable: "$DEVICE" };
  await curl(device, "GET", "/info", undefined, {
    show: (t) => JSON.stringify({ type: t.type, name: t.name, permission: t.permission }),
  });
  const teamBefore = await curl(ana, "GET", `${profile}/team`, undefined, { show: showTeam });
  same(
    teamBefore.map((m) => m.id),
    [mia.id],
    "the team of Plant",
  );
  await curl(mia, "PUT", profile, { name: "Plant" });
  await curl(ben, "GET", profile, undefined, { status: 404 });
  return { ana, ben, mia, sam, device, profile };
}

// The prerequisites, before there is a transfer.
export async function couldItBeTransferred({ ana, mia, profile }) {
  chapter(
    "Could Plant be transferred at all?",
    "Ana asks before she begins. Only she can: members and strangers cannot.",
  );
  const before = await curl(ana, "GET", `${profile}/transfer`, undefined, { show: showView });
  same(
    [before.ticket, before.checks.every((c) => c.ok)],
    [undefined, true],
    "the owner's prerequisites",
  );
  must(
    before.checks.every((c) => c.side === "source"),
    "before a request only the owner's prerequisites should be shown",
  );
  await curl(mia, "GET", `${profile}/transfer`, undefined, { status: 403 });
}

// The owner asks, and three mails go out.
export async function theRequest({ ana, ben, mia, profile }) {
  chapter(
    "The request",
    "Ana offers Plant to an address. A ticket is opened, and three mails go out: to the desk, to Ana, who has to say " +
      "once more that she means it, and to Ben.",
  );
  const opened = await curl(ana, "POST", `${profile}/transfer`, {
    email: ben.email,
    password,
    message: "Hello Ben, as we said on the phone: Plant is yours.",
  });
  same(opened.state, "requested", "the state");
  must(
    /^TR-[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(opened.ticket),
    `a ticket should be a number for the phone, came ${opened.ticket}`,
  );
  const ticket = opened.ticket;
  const [, asked, offered] = await mails(
    [desk, new RegExp(`^${ticket}: transfer of`)],
    [ana.email, /^Confirm the transfer/],
    [ben.email, /^"Ana" offers you/],
  );
  const [confirmCode, acceptCode] = [codeIn(asked, "confirm"), codeIn(offered, "accept")];
  same(codeIn(offered, "decline"), acceptCode, "the code to decline");
  names.set(confirmCode, "$CONFIRM_CODE").set(acceptCode, "$ACCEPT_CODE");
  tell(
    "The codes of the two links are $CONFIRM_CODE and $ACCEPT_CODE from here on. A second request while this one is open is refused.",
  );
  await curl(ana, "POST", `${profile}/transfer`, { email: mia.email, password }, { status: 409 });
  return { ticket, confirmCode, acceptCode };
}

// Each side sees its own part.
export async function howItStands({ ana, ben, mia, sam, ticket }) {
  chapter(
    "How it stands",
    "Each side sees its own prerequisites, and of the other only whether it is ready. The desk sees everything.",
  );
  const forAna = await curl(ana, "GET", `/transfer/${ticket}`, undefined, { show: showView });
  same(
    [forAna.role, forAna.turn, forAna.offer],
    ["source", ["source", "destination", "support"], undefined],
    "what the owner sees",
  );
  gates(forAna, false, false, false, false);
  same(
    forAna.checks.filter((c) => c.side === "destination").map((c) => c.code),
    ["destination"],
    "what the owner sees of the other side",
  );
  const forBen = await curl(ben, "GET", `/transfer/${ticket}`, undefined, { show: showView });
  same(
    [forBen.role, forBen.offer?.team.map((m) => m.id)],
    ["destination", [mia.id]],
    "what the receiving side sees",
  );
  same(
    forBen.checks.filter((c) => c.side === "source").map((c) => c.code),
    ["source"],
    "what the receiving side sees of the owner",
  );
  await curl(mia, "GET", `/transfer/${ticket}`, undefined, { status: 404 });
  const queue = await curl(sam, "GET", "/desk/transfer", undefined, { show: showRows });
  same(
    queue.map((q) => [q.ticket, q.late]),
    [[ticket, false]],
    "the desk's queue",
  );
  const forSam = await curl(sam, "GET", `/desk/transfer/${ticket}`, undefined, { show: showView });
  same(
    [forSam.source?.email, forSam.destination?.email, forSam.role],
    [ana.email, ben.email, "support"],
    "what the desk sees",
  );
  must(
    ["source", "destination"].every(
      (side) => forSam.checks.filter((c) => c.side === side).length > 1,
    ),
    "the desk should see both sides",
  );
  tell("The desk is there for its agents only.");
  await curl(ben, "GET", `/desk/transfer/${ticket}`, undefined, { status: 404 });
}

// The owner confirms with the code of the mail.
export async function anaConfirms({ ana, ticket, confirmCode, acceptCode }) {
  chapter(
    "Ana confirms",
    "She opens the link of her mail and signs in; the page sends its code. The code of Ben's mail would not do.",
  );
  await curl(
    ana,
    "POST",
    `/transfer/${ticket}/confirm`,
    { code: acceptCode, password },
    { status: 400 },
  );
  same(
    (await curl(ana, "POST", `/transfer/${ticket}/confirm`, { code: confirmCode, password })).state,
    "requested",
    "the state",
  );
}

// Support asks, records the answer, and approves.
export async function theDeskApproves({ ana, ben, sam, ticket }) {
  chapter(
    "The desk asks, and approves",
    "Sam has a question. It reaches Ana by mail; what she answers by mail, Sam records in the ticket.",
  );
  await curl(sam, "POST", `/desk/transfer/${ticket}/note`, {
    kind: "question",
    text: "Do you know that your devices need new tokens then?",
  });
  const [question] = await mails([ana.email, new RegExp(`^${ticket}: a question`)]);
  must(question.includes("Do you know that your devices"), "the question should be in the mail");
  const waits = await curl(ana, "GET", `/transfer/${ticket}`, undefined, {
    show: (v) => `turn of: ${list(v.turn)}`,
  });
  same(waits.turn, ["source", "destination", "support"], "whose turn it is");
  await curl(sam, "POST", `/desk/transfer/${ticket}/note`, {
    kind: "answer",
    text: "Yes, Ben will make them.",
  });
  same(
    (await curl(sam, "POST", `/desk/transfer/${ticket}/approve`)).state,
    "requested",
    "the state",
  );
  const approved = await curl(sam, "GET", `/desk/transfer/${ticket}`, undefined, {
    show: (v) => `turn of: ${list(v.turn)}\n${showEvents(v.timeline)}`,
  });
  same(approved.turn, ["destination"], "whose turn it is");
  gates(approved, true, false, true, true);
  const seen = await curl(ben, "GET", `/transfer/${ticket}`, undefined, { quiet: true });
  must(
    !JSON.stringify(seen).includes("devices"),
    "what the desk and the owner say to each other should be theirs",
  );
}

// The last agreement moves the profile.
export async function benAccepts({ ana, ben, mia, ticket, acceptCode }) {
  chapter(
    "Ben accepts",
    "He chooses: Plant gets a new name, Mia stays and may read, and Ana, whom he does not name, leaves. His is the last " +
      "word that was missing, so the profile moves at once.",
  );
  const moved = await curl(ben, "POST", `/transfer/${ticket}/accept`, {
    code: acceptCode,
    password,
    name: "Glasshouse",
    members: [{ id: mia.id, permission: "read" }],
  });
  same(moved.state, "completed", "the state");
  await mails([ana.email, /no longer yours/], [ben.email, /is yours$/]);
}

// Old tokens are invalid, and the new owner's token opens the profile.
export async function whoCanOpenIt({ ana, ben, mia, device, profile }) {
  chapter(
    "Who can open it now",
    "Ana's token does not open Plant any more, and the token of her device is revoked. Ben's token opens it.",
  );
  await curl(ana, "GET", profile, undefined, { status: 404 });
  await curl(device, "GET", "/info", undefined, { status: 401 });
  const nowBens = await curl(ben, "GET", profile, undefined, { show: showName });
  same(
    [nowBens.info.name, nowBens.info.account, nowBens.account_plan],
    ["Glasshouse", ben.id, "starter"],
    "the profile",
  );
  tell("Mia reads, and writes no more.");
  await curl(mia, "GET", profile, undefined, { show: showName });
  await curl(mia, "PUT", profile, { name: "Plant" }, { status: 403 });
  same(
    (await curl(ben, "GET", `${profile}/team`, undefined, { show: showTeam })).map((m) => m.id),
    [mia.id],
    "the team",
  );
}

// The lists of both sides show it.
export async function theLists({ ana, ben, sam, ticket }) {
  chapter("The lists of both", "Profiles, and transfers.");
  same(
    (await curl(ana, "GET", "/profile", undefined, { show: showProfiles })).map((p) => p.name),
    ["Ana"],
    "Ana's profiles",
  );
  same(
    (await curl(ben, "GET", "/profile", undefined, { show: showProfiles }))
      .map((p) => p.name)
      .sort(),
    ["Ben", "Glasshouse"],
    "Ben's profiles",
  );
  await rows(ana, ["source"], ticket);
  await rows(ben, ["destination"], ticket);
  same(
    await curl(sam, "GET", "/desk/transfer", undefined, { show: showRows, quiet: true }),
    [],
    "the desk's queue",
  );
}

// Both sides agree to take it back.
export async function takingItBack({ ana, ben, mia, device, profile, ticket }) {
  chapter(
    "Taking it back",
    "For 7 days it can be undone, if both sides say so, or two agents of the desk. Ana asks; that is a transfer of its own.",
  );
  const back = await curl(ana, "POST", `/transfer/${ticket}/revert`, { password });
  same(back.state, "requested", "the state");
  must(back.ticket !== ticket, "taking back should be a transfer of its own");
  await mails(
    [ben.email, new RegExp(`^${back.ticket}: .* asked back`)],
    [desk, new RegExp(back.ticket)],
  );
  tell("Ben agrees. Plant returns with what it had: its name, and Mia with write permission.");
  const returned = await curl(ben, "POST", `/transfer/${ticket}/revert`, { password });
  same(
    [returned.ticket, returned.state],
    [back.ticket, "completed"],
    "the transfer that takes it back",
  );
  await mails([ana.email, /was taken back/], [ben.email, /was taken back/]);
  const again = await curl(ana, "GET", profile, undefined, { show: showName });
  same(
    [again.info.name, again.info.account, again.account_plan],
    ["Plant", ana.id, "scale"],
    "the profile",
  );
  await curl(ben, "GET", profile, undefined, { status: 404 });
  await curl(mia, "PUT", profile, { name: "Plant" });
  tell("What was dead stays dead: the device needs a new token.");
  await curl(device, "GET", "/info", undefined, { status: 401 });
  await rows(ana, ["destination", "source"], back.ticket, ticket);
  await rows(ben, ["source", "destination"], back.ticket, ticket);
  tell("And for 7 days Plant stays where it is.");
  await curl(ana, "POST", `${profile}/transfer`, { email: ben.email, password }, { status: 403 });
  return { back: back.ticket };
}

// The timelines are complete, and no mail too many was sent.
export async function whatHappened({ sam, ticket, back }) {
  chapter("What happened", "The desk's timeline of both transfers:");
  for (const id of [ticket, back]) {
    const done = await curl(sam, "GET", `/desk/transfer/${id}`, undefined, { quiet: true });
    same(done.state, "completed", `the state of ${id}`);
    console.log(`\n  ${bold(id)}${done.reverts ? `, which takes back ${done.reverts}` : ""}`);
    print(wrap(showEvents(done.timeline)), "  ", "  ");
  }
  // A mail too many would have arrived by now.
  same((await inbox()).length, read(), "mails in the mailbox");
}
