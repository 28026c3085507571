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
  role: "Your part",
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
  noMatch: (text: string) => `No profile has “${text}” in its name.`,
  clear: "Show all",
  full: (limit: number, plan: string) =>
    `The plan ${plan} has ${limit} ${plural(limit, "profile", "profiles")}, and you have that many.`,
};
