// Shows a whole transfer of a profile: each request as a person would type it, its answer, and each mail that arrives. It holds all of
// them to what they should be, and ends with status 1 when one is not. `make transfer` runs it on a fresh local stack; TAGOIO_API and
// MAILBOX say where that is.

const { TAGOIO_API, MAILBOX, NO_COLOR } = process.env;
if (!TAGOIO_API || !MAILBOX) {
  console.error("TAGOIO_API and MAILBOX must be the addresses of a fresh stack: run this with `make transfer`");
  process.exit(1);
}
const password = "demo lantern otter";
const demoToken = "p-DemoAna0OnlyForTheLocalStack000KBP";
const desk = "support@example.com";
const patience = 15_000; // for a mail
const width = 96;

// ---- what is printed

const paint = (code) => (text) => process.stdout.isTTY && !NO_COLOR ? `\x1b[${code}m${text}\x1b[0m` : text;
const [bold, dim, cyan, green, red] = ["1", "2", "36", "32", "31"].map(paint);

const plain = (text) => text.replace(/\x1b\[\d+m/g, "");

// wrap breaks a text into lines, at blanks and, in JSON, after commas.
function wrap(text, room = width - 2, at = /(?<=\s)|(?<=,)(?=")/) {
  const lines = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const piece of paragraph.split(at)) {
      if (line && plain(line + piece).trimEnd().length > room) {
        lines.push(line.trimEnd());
        line = "";
      }
      line += piece;
    }
    lines.push(line.trimEnd());
  }
  return lines;
}

const print = (lines, before = "", rest = before, colour = (text) => text) =>
  lines.forEach((line, i) => console.log(colour(((i ? rest : before) + line).trimEnd())));

let chapters = 0;
function chapter(title, text) {
  console.log(`\n\n${bold(`${++chapters}. ${title}`)}\n`);
  print(wrap(text, width));
}
const tell = (text) => {
  console.log();
  print(wrap(text, width));
};

// ---- what is held to be so

let held = 0;
class Wrong extends Error {}

function must(is, what) {
  if (!is) throw new Wrong(what);
  held++;
}

function same(actual, wanted, what) {
  const [a, w] = [actual, wanted].map((value) => JSON.stringify(value));
  must(a === w, `${what}: expected ${w}, came ${a}`);
}

// ---- requests

const names = new Map(); // what stands for secrets and ids in the requests that are printed
const named = (text) => [...names].reduce((t, [value, name]) => t.replaceAll(value, name), text);
let requests = 0;

// curl sends a request and prints it with the answer, or what `show` makes of that. Who is a person with a token, or null.
async function curl(who, method, path, body, { status = 200, show = JSON.stringify, quiet = false } = {}) {
  requests++;
  const response = await fetch(TAGOIO_API + path, {
    method, headers: { ...(who && { token: who.token }), ...(body && { "content-type": "application/json" }) },
    body: body && JSON.stringify(body), signal: AbortSignal.timeout(patience),
  });
  const text = await response.text();
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Wrong(`${method} ${path} answers with ${response.status} and no JSON: ${text.slice(0, 200)}`);
  }
  if (!quiet) {
    const stars = body?.password ? { ...body, password: "*".repeat(8) } : body;
    const words = ["$ curl", ...(method === "GET" ? [] : [`-X ${method}`]), `$API${named(path)}`, ...(who ? [`-H "token: ${who.variable}"`] : [])];
    const data = body ? wrap(`-d '${named(JSON.stringify(stars))}'`, width - 6) : [];
    const one = [...words, ...data].join(" ");
    console.log();
    if (one.length <= width && data.length < 2) print([one], "", "", cyan);
    else print([words.join(" ") + (data.length ? " \\" : ""), ...data], "", "    ", cyan);
    const shown = answer.status === true ? show(answer.result) : JSON.stringify(answer);
    const before = response.status === 200 ? "  " : `  ${response.status} `;
    print(wrap(named(shown), width - before.length), before, "  ");
  }
  must(response.status === status, `${method} ${named(path)} should answer with ${status}: came ${response.status} ${text.slice(0, 300)}`);
  must(answer.status === (status === 200) && (status === 200 ? answer.result : answer.message), `the answer is not in the envelope: ${text.slice(0, 300)}`);
  return status === 200 ? answer.result : answer.message;
}

// ---- mails

let read = 0; // mails printed so far
const inbox = async () => (await (await fetch(`${MAILBOX}/store`, { signal: AbortSignal.timeout(patience) })).json()).emails;

// mails waits for those that should arrive, one for each address and subject, prints them, and returns their texts in the order asked for.
async function mails(...wanted) {
  let fresh = [];
  for (const deadline = Date.now() + patience; ; await new Promise((later) => setTimeout(later, 50))) {
    fresh = (await inbox()).slice(read);
    if (fresh.length >= wanted.length) break;
    if (Date.now() > deadline) throw new Wrong(`${wanted.length} mails should have arrived within ${patience / 1000} s, came ${fresh.length}`);
  }
  read += fresh.length;
  const found = wanted.map(([to, subject]) => {
    const mail = fresh.find((m) => m.destination.to.includes(to) && subject.test(m.subject));
    must(mail, `a mail to ${to} with the subject ${subject} should have arrived, came ${JSON.stringify(fresh.map((m) => [m.destination.to, m.subject]))}`);
    return mail;
  });
  same(fresh.length, wanted.length, "mails that arrived");
  for (const { destination, subject, body } of found) {
    // The last lines are the same in all mails.
    const text = body.text.split("\n--\n")[0].trimEnd();
    console.log(`\n  ${dim("╭─")} mail to ${bold(destination.to.join(", "))}`);
    console.log(`  ${dim("│")}  ${bold(subject)}\n  ${dim("│")}`);
    text.split("\n").forEach((line) => console.log(`  ${dim("│")}  ${line}`.trimEnd()));
    console.log(`  ${dim("╰─")}`);
  }
  return found.map((mail) => mail.body.text);
}

function codeIn(text, link) {
  const code = text.match(new RegExp(`#/transfer/${link}/TR-[0-9A-Z]{4}-[0-9A-Z]{4}/(\\w+)`))?.[1];
  must(code, `a link to ${link} should be in the mail`);
  return code;
}

// ---- how transfers are shown

const yes = (is) => is ? green("yes") : red("no");
const list = (items) => items?.length ? items.join(", ") : "nobody";

// checks lists prerequisites: those that are missing with what puts them right.
const checks = (rows) => rows.map((c) => {
  const line = `${c.ok ? green("ok     ") : red("missing")} ${[c.code, c.service].filter(Boolean).join(" ")}`;
  return c.ok ? line : `${line}: ${c.actual}. ${c.fix}`;
});

// short folds the nine services of an allocation into one line.
function short(rows) {
  const services = rows.filter((c) => c.code === "destination-allocation");
  if (!services.length || services.some((c) => !c.ok)) return rows;
  const first = rows.indexOf(services[0]);
  return rows.toSpliced(first, services.length, { code: `destination-allocation (all ${services.length} services)`, ok: true });
}

const showView = (v) => [
  ...(v.ticket ? [
    `${v.ticket}: ${v.state}, you are: ${v.role}, turn of: ${list(v.turn)}`,
    `gates: owner ${yes(v.gates.source)}, receiving side ${yes(v.gates.destination)}, desk ${yes(v.gates.support)}, prerequisites ${yes(v.gates.prerequisites)}`,
  ] : ["no open transfer; what the owner needs for one:"]),
  ...(v.offer ? [`offered: ${v.offer.name} of ${v.offer.owner}; its team: ${list(v.offer.team.map((m) => `${m.name || m.id} (${m.permission})`))}`] : []),
  ...["source", "destination"].filter((side) => v[side]).map((side) =>
    `${side}: ${v[side].name} (${v[side].email}), plan ${v[side].plan}, profiles: ${v[side].profiles}`),
  ...checks(short(v.checks)),
  ...(v.revert_until ? [`it can be taken back until ${v.revert_until}`] : []),
].join("\n");

const showRows = (rows) => rows.map((r) => [
  r.ticket, r.state.padEnd(9), `as ${r.role}`, r.profile.name, `to ${r.email}`, r.reverts && `takes back ${r.reverts}`,
  r.turn && `turn of: ${list(r.turn)}`, r.age_minutes !== undefined && `${r.age_minutes} of ${r.target_minutes} minutes`,
].filter(Boolean).join("  ")).join("\n") || "(none)";

const showProfiles = (rows) => rows.map((p) => `${p.name}${p.from_share ? " (shared)" : ""}`).join(", ");
const showTeam = (rows) => rows.map((m) => `${m.name} (${m.email}): ${m.permission ?? (m.active ? "member" : "invited")}`).join("\n") || "(nobody)";
const showName = (p) => `${p.info.name}, its owner is ${named(p.info.account)}, plan ${p.account_plan}`;
const showEvents = (events) => events.map((e) => `${e.time.slice(11, 19)}  ${e.by.padEnd(12)} ${e.event}${e.text ? `: ${e.text.replaceAll("\n", " ")}` : ""}`).join("\n");

// gates holds a view to what is closed, in the order owner, receiving side, desk, prerequisites.
const gates = (v, ...wanted) =>
  same([v.gates.source, v.gates.destination, v.gates.support, v.gates.prerequisites], wanted, `the gates of ${v.ticket}`);

// ---- the story

async function signIn(name, quiet) {
  const email = `${name}@example.com`;
  const show = (result) => `{"id":"...","profiles":[${result.profiles.map((p) => `"${p.name}"`)}],...}`;
  const { id, profiles } = await curl(null, "POST", "/account/login", { email, password }, { quiet, show });
  const own = profiles.find((p) => !p.from_share && p.account === id) ?? profiles[0];
  names.set(own.id, `$${name.toUpperCase()}_HOME`);
  const made = await curl(null, "POST", "/account/profile/token",
    { profile_id: own.id, email, password, name: "story", expire_time: "1 day" }, { quiet, show: () => `{"token":"p-...","name":"story",...}` });
  names.set(made.token, `$${name.toUpperCase()}`).set(id, `$${name.toUpperCase()}_ID`);
  return { id, email, token: made.token, variable: `$${name.toUpperCase()}` };
}

async function story() {
  print(wrap("This is the story of a profile that changes its owner, on a local stack that was made for it and is gone afterwards. " +
    "Ana gives her profile Plant to Ben. Sam, of the support desk, has to approve it. Mia is a member of Plant. " +
    "Lines with a $ are requests; what is in a frame is a mail of the mailbox.", width));
  tell(`API=${TAGOIO_API}\nThe password of everybody is "${password}"; the console, where the links of the mails lead, is $API/console.`);

  chapter("Who takes part", "Ben signs in and makes a token. Mia and Sam do the same, which is not shown; Ana has the token of the demo.");
  const ben = await signIn("ben");
  const [mia, sam] = [await signIn("mia", true), await signIn("sam", true)];
  const ana = { email: "ana@example.com", token: demoToken, variable: "$ANA" };
  names.set(demoToken, "$ANA");
  ana.id = (await curl(ana, "GET", "/account", undefined, { quiet: true })).id;
  names.set(ana.id, "$ANA_ID");
  const plant = (await curl(ana, "GET", "/profile", undefined, { show: showProfiles })).find((p) => p.name === "Plant");
  must(plant, "Ana should have the profile Plant");
  names.set(plant.id, "$PLANT");
  const profile = `/profile/${plant.id}`;
  tell("A device of Ana's uses a token that is Plant's own. Mia may write in Plant. For Ben the profile does not exist.");
  const { token } = await curl(ana, "POST", `${profile}/token`,
    { name: "device", permission: "full", expire_time: "never", password, email: ana.email }, { show: () => `{"token":"p-...","name":"device",...}` });
  const device = { token, variable: "$DEVICE" };
  await curl(device, "GET", "/info", undefined, { show: (t) => JSON.stringify({ type: t.type, name: t.name, permission: t.permission }) });
  const teamBefore = await curl(ana, "GET", `${profile}/team`, undefined, { show: showTeam });
  same(teamBefore.map((m) => m.id), [mia.id], "the team of Plant");
  await curl(mia, "PUT", profile, { name: "Plant" });
  await curl(ben, "GET", profile, undefined, { status: 404 });

  chapter("Could Plant be transferred at all?", "Ana asks before she begins. Only she can: members and strangers cannot.");
  const before = await curl(ana, "GET", `${profile}/transfer`, undefined, { show: showView });
  same([before.ticket, before.checks.every((c) => c.ok)], [undefined, true], "the owner's prerequisites");
  must(before.checks.every((c) => c.side === "source"), "before a request only the owner's prerequisites should be shown");
  await curl(mia, "GET", `${profile}/transfer`, undefined, { status: 403 });

  chapter("The request", "Ana offers Plant to an address. A ticket is opened, and three mails go out: to the desk, to Ana, who has to say " +
    "once more that she means it, and to Ben.");
  const opened = await curl(ana, "POST", `${profile}/transfer`,
    { email: ben.email, password, message: "Hello Ben, as we said on the phone: Plant is yours." });
  same(opened.state, "requested", "the state");
  must(/^TR-[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(opened.ticket), `a ticket should be a number for the phone, came ${opened.ticket}`);
  const ticket = opened.ticket;
  const [, asked, offered] = await mails(
    [desk, new RegExp(`^${ticket}: transfer of`)], [ana.email, /^Confirm the transfer/], [ben.email, /^"Ana" offers you/]);
  const [confirmCode, acceptCode] = [codeIn(asked, "confirm"), codeIn(offered, "accept")];
  same(codeIn(offered, "decline"), acceptCode, "the code to decline");
  names.set(confirmCode, "$CONFIRM_CODE").set(acceptCode, "$ACCEPT_CODE");
  tell("The codes of the two links are $CONFIRM_CODE and $ACCEPT_CODE from here on. A second request while this one is open is refused.");
  await curl(ana, "POST", `${profile}/transfer`, { email: mia.email, password }, { status: 409 });

  chapter("How it stands", "Each side sees its own prerequisites, and of the other only whether it is ready. The desk sees everything.");
  const forAna = await curl(ana, "GET", `/transfer/${ticket}`, undefined, { show: showView });
  same([forAna.role, forAna.turn, forAna.offer], ["source", ["source", "destination", "support"], undefined], "what the owner sees");
  gates(forAna, false, false, false, false);
  same(forAna.checks.filter((c) => c.side === "destination").map((c) => c.code), ["destination"], "what the owner sees of the other side");
  const forBen = await curl(ben, "GET", `/transfer/${ticket}`, undefined, { show: showView });
  same([forBen.role, forBen.offer?.team.map((m) => m.id)], ["destination", [mia.id]], "what the receiving side sees");
  same(forBen.checks.filter((c) => c.side === "source").map((c) => c.code), ["source"], "what the receiving side sees of the owner");
  await curl(mia, "GET", `/transfer/${ticket}`, undefined, { status: 404 });
  const queue = await curl(sam, "GET", "/desk/transfer", undefined, { show: showRows });
  same(queue.map((q) => [q.ticket, q.late]), [[ticket, false]], "the desk's queue");
  const forSam = await curl(sam, "GET", `/desk/transfer/${ticket}`, undefined, { show: showView });
  same([forSam.source?.email, forSam.destination?.email, forSam.role], [ana.email, ben.email, "support"], "what the desk sees");
  must(["source", "destination"].every((side) => forSam.checks.filter((c) => c.side === side).length > 1), "the desk should see both sides");
  tell("The desk is there for its agents only.");
  await curl(ben, "GET", `/desk/transfer/${ticket}`, undefined, { status: 404 });

  chapter("Ana confirms", "She opens the link of her mail and signs in; the page sends its code. The code of Ben's mail would not do.");
  await curl(ana, "POST", `/transfer/${ticket}/confirm`, { code: acceptCode, password }, { status: 400 });
  same((await curl(ana, "POST", `/transfer/${ticket}/confirm`, { code: confirmCode, password })).state, "requested", "the state");

  chapter("The desk asks, and approves", "Sam has a question. It reaches Ana by mail; what she answers by mail, Sam records in the ticket.");
  await curl(sam, "POST", `/desk/transfer/${ticket}/note`, { kind: "question", text: "Do you know that your devices need new tokens then?" });
  const [question] = await mails([ana.email, new RegExp(`^${ticket}: a question`)]);
  must(question.includes("Do you know that your devices"), "the question should be in the mail");
  const waits = await curl(ana, "GET", `/transfer/${ticket}`, undefined, { show: (v) => `turn of: ${list(v.turn)}` });
  same(waits.turn, ["source", "destination", "support"], "whose turn it is");
  await curl(sam, "POST", `/desk/transfer/${ticket}/note`, { kind: "answer", text: "Yes, Ben will make them." });
  same((await curl(sam, "POST", `/desk/transfer/${ticket}/approve`)).state, "requested", "the state");
  const approved = await curl(sam, "GET", `/desk/transfer/${ticket}`, undefined,
    { show: (v) => `turn of: ${list(v.turn)}\n${showEvents(v.timeline)}` });
  same(approved.turn, ["destination"], "whose turn it is");
  gates(approved, true, false, true, true);
  const seen = await curl(ben, "GET", `/transfer/${ticket}`, undefined, { quiet: true });
  must(!JSON.stringify(seen).includes("devices"), "what the desk and the owner say to each other should be theirs");

  chapter("Ben accepts", "He chooses: Plant gets a new name, Mia stays and may read, and Ana, whom he does not name, leaves. His is the last " +
    "word that was missing, so the profile moves at once.");
  const moved = await curl(ben, "POST", `/transfer/${ticket}/accept`,
    { code: acceptCode, password, name: "Glasshouse", members: [{ id: mia.id, permission: "read" }] });
  same(moved.state, "completed", "the state");
  await mails([ana.email, /no longer yours/], [ben.email, /is yours$/]);

  chapter("Who can open it now", "Ana's token opens Plant no longer, and the token of her device is dead. Ben's opens it.");
  await curl(ana, "GET", profile, undefined, { status: 404 });
  await curl(device, "GET", "/info", undefined, { status: 401 });
  const nowBens = await curl(ben, "GET", profile, undefined, { show: showName });
  same([nowBens.info.name, nowBens.info.account, nowBens.account_plan], ["Glasshouse", ben.id, "starter"], "the profile");
  tell("Mia reads, and writes no more.");
  await curl(mia, "GET", profile, undefined, { show: showName });
  await curl(mia, "PUT", profile, { name: "Plant" }, { status: 403 });
  same((await curl(ben, "GET", `${profile}/team`, undefined, { show: showTeam })).map((m) => m.id), [mia.id], "the team");

  chapter("The lists of both", "Profiles, and transfers.");
  same((await curl(ana, "GET", "/profile", undefined, { show: showProfiles })).map((p) => p.name), ["Ana"], "Ana's profiles");
  same((await curl(ben, "GET", "/profile", undefined, { show: showProfiles })).map((p) => p.name).sort(), ["Ben", "Glasshouse"], "Ben's profiles");
  const rows = async (who, role, ...tickets) => {
    const found = await curl(who, "GET", "/transfer", undefined, { show: showRows });
    same(found.map((r) => [r.ticket, r.state, r.role]), tickets.map((t, i) => [t, "completed", role[i]]), "the list of transfers");
  };
  await rows(ana, ["source"], ticket);
  await rows(ben, ["destination"], ticket);
  same(await curl(sam, "GET", "/desk/transfer", undefined, { show: showRows, quiet: true }), [], "the desk's queue");

  chapter("Taking it back", "For 7 days it can be undone, if both sides say so, or two agents of the desk. Ana asks; that is a transfer of its own.");
  const back = await curl(ana, "POST", `/transfer/${ticket}/revert`, { password });
  same(back.state, "requested", "the state");
  must(back.ticket !== ticket, "taking back should be a transfer of its own");
  await mails([ben.email, new RegExp(`^${back.ticket}: .* asked back`)], [desk, new RegExp(back.ticket)]);
  tell("Ben agrees. Plant returns with what it had: its name, and Mia with write permission.");
  const returned = await curl(ben, "POST", `/transfer/${ticket}/revert`, { password });
  same([returned.ticket, returned.state], [back.ticket, "completed"], "the transfer that takes it back");
  await mails([ana.email, /was taken back/], [ben.email, /was taken back/]);
  const again = await curl(ana, "GET", profile, undefined, { show: showName });
  same([again.info.name, again.info.account, again.account_plan], ["Plant", ana.id, "scale"], "the profile");
  await curl(ben, "GET", profile, undefined, { status: 404 });
  await curl(mia, "PUT", profile, { name: "Plant" });
  tell("What was dead stays dead: the device needs a new token.");
  await curl(device, "GET", "/info", undefined, { status: 401 });
  await rows(ana, ["destination", "source"], back.ticket, ticket);
  await rows(ben, ["source", "destination"], back.ticket, ticket);
  tell("And for 7 days Plant stays where it is.");
  await curl(ana, "POST", `${profile}/transfer`, { email: ben.email, password }, { status: 403 });

  chapter("What happened", "The desk's timeline of both transfers:");
  for (const id of [ticket, back.ticket]) {
    const done = await curl(sam, "GET", `/desk/transfer/${id}`, undefined, { quiet: true });
    same(done.state, "completed", `the state of ${id}`);
    console.log(`\n  ${bold(id)}${done.reverts ? `, which takes back ${done.reverts}` : ""}`);
    print(wrap(showEvents(done.timeline)), "  ", "  ");
  }
  // A mail too many would have arrived by now.
  same((await inbox()).length, read, "mails in the mailbox");
  console.log(`\n${green("All is as it should be")}: ${requests} requests, ${read} mails, ${held} checks.`);
}

try {
  await story();
} catch (error) {
  const reason = error instanceof Wrong ? error.message : error.stack;
  console.log(`\n${red("NOT AS IT SHOULD BE")}: ${reason}`);
  process.exitCode = 1;
}
