import { plural } from "../../lib/format.ts";

export const home = {
  title: "Profiles & Teams",
  lead: "Each profile has its own limits, team and tokens.",
  add: "Add profile",
  addTitle: "Add a profile",
  addName: "Name",
  addHint: "You can change it at any time.",
  addAll: "Give it all that is free",
  addAllText: "It gets what no profile has of your limits. You can divide it anew later.",
  added: (name: string) => `${name} is there`,
  create: "Add profile",
  filter: "Filter profiles",
  own: "Your profiles",
  shared: "Shared with you",
  name: "Profile",
  role: "Your role",
  closest: "Closest to its limit",
  team: "Team",
  people: (members: number, invitations: number) =>
    [
      members === 0 ? "only the owner" : `${members} ${plural(members, "member", "members")}`,
      invitations > 0 && `${invitations} invited`,
    ]
      .filter(Boolean)
      .join(", "),
  owner: "Owner",
  member: (permission: string) => `Member: ${permission}`,
  nothingUsed: "nothing used yet",
  blocked: (until: string | undefined) => (until ? `Blocked until ${until}` : "Blocked until there is less of it"),
  openTransfer: (ticket: string) => `Transfer ${ticket} is open`,
  emptyTitle: "You have no profile",
  empty:
    "A profile holds its own services, limits, team and tokens. Add one, or ask somebody to share theirs with you.",
  deleted: "Deleted",
  deletedLead:
    "Restore a profile with its team, tokens and add-ons, or leave it: after seven days it is gone for good. With the plans Starter and Scale, a backup of it stays under Account.",
  deletedAt: "Deleted",
  deletedUntil: "Kept until",
  deletedActions: "Actions",
  restore: "Restore",
  restoreNamed: (name: string) => `Restore ${name}`,
  restored: (name: string) => `${name} is back`,
  noMatch: (text: string) => `No profile has “${text}” in its name.`,
  clear: "Show all",
  full: (limit: number, plan: string) =>
    `The plan ${plan} has ${limit} ${plural(limit, "profile", "profiles")}, and you have that many.`,
};

export const firstDay = {
  title: "First steps",
  lead: (done: number, all: number) => `${done} of ${all} done`,
  done: "(done)",
  hide: "Hide",
  hidden: "The first steps are hidden",
  steps: {
    token: "Make a token",
    invite: "Invite somebody",
    limits: "See your limits",
    factor: "Add a second factor",
  },
  texts: {
    token: () => "A program uses it in place of your password. You get a line to try it with.",
    invite: () => "They work on the profile with an account of their own, as far as you let them.",
    limits: (plan: string) => `What the plan ${plan} gives, and what is used of it. This is ticked with the first use.`,
    factor: () => "A code besides the password, so that nobody can sign in with a stolen password alone.",
  },
};
