// The form in which answers about transfers are printed.

import { green, red } from "./print.mjs";
import { named } from "./request.mjs";

const yes = (is) => (is ? green("yes") : red("no"));
export const list = (items) => (items?.length ? items.join(", ") : "nobody");

// checks lists prerequisites: the missing ones with their remedies.
const checks = (rows) =>
  rows.map((c) => {
    const line = `${c.ok ? green("ok     ") : red("missing")} ${[c.code, c.service].filter(Boolean).join(" ")}`;
    return c.ok ? line : `${line}: ${c.actual}. ${c.fix}`;
  });

// short folds the nine services of an allocation into one line.
function short(rows) {
  const services = rows.filter((c) => c.code === "destination-allocation");
  if (!services.length || services.some((c) => !c.ok)) return rows;
  const first = rows.indexOf(services[0]);
  return rows.toSpliced(first, services.length, {
    code: `destination-allocation (all ${services.length} services)`,
    ok: true,
  });
}

export const showView = (v) =>
  [
    ...(v.ticket
      ? [
          `${v.ticket}: ${v.state}, you are: ${v.role}, turn of: ${list(v.turn)}`,
          `gates: owner ${yes(v.gates.source)}, receiving side ${yes(v.gates.destination)}, desk ${yes(v.gates.support)}, prerequisites ${yes(v.gates.prerequisites)}`,
        ]
      : ["no open transfer; what the owner needs for one:"]),
    ...(v.offer
      ? [
          `offered: ${v.offer.name} of ${v.offer.owner}; its team: ${list(v.offer.team.map((m) => `${m.name || m.id} (${m.permission})`))}`,
        ]
      : []),
    ...["source", "destination"]
      .filter((side) => v[side])
      .map(
        (side) =>
          `${side}: ${v[side].name} (${v[side].email}), plan ${v[side].plan}, profiles: ${v[side].profiles}`,
      ),
    ...checks(short(v.checks)),
    ...(v.revert_until ? [`it can be taken back until ${v.revert_until}`] : []),
  ].join("\n");

export const showRows = (rows) =>
  rows
    .map((r) =>
      [
        r.ticket,
        r.state.padEnd(9),
        `as ${r.role}`,
        r.profile.name,
        `to ${r.email}`,
        r.reverts && `takes back ${r.reverts}`,
        r.turn && `turn of: ${list(r.turn)}`,
        r.age_minutes !== undefined && `${r.age_minutes} of ${r.target_minutes} minutes`,
      ]
        .filter(Boolean)
        .join("  "),
    )
    .join("\n") || "(none)";

export const showProfiles = (rows) =>
  rows.map((p) => `${p.name}${p.from_share ? " (shared)" : ""}`).join(", ");
export const showTeam = (rows) =>
  rows
    .map((m) => `${m.name} (${m.email}): ${m.permission ?? (m.active ? "member" : "invited")}`)
    .join("\n") || "(nobody)";
export const showName = (p) =>
  `${p.info.name}, its owner is ${named(p.info.account)}, plan ${p.account_plan}`;
export const showEvents = (events) =>
  events
    .map(
      (e) =>
        `${e.time.slice(11, 19)}  ${e.by.padEnd(12)} ${e.event}${e.text ? `: ${e.text.replaceAll("\n", " ")}` : ""}`,
    )
    .join("\n");
