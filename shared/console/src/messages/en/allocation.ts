import { plural } from "../../lib/format.ts";

/** Texts of the allocation: the part of the account's limits that each profile has. */
export const allocation = {
  title: "Allocation",
  lead: "Divide the limits of your account over its profiles. A profile that has used up its part is blocked for that service; the others go on.",
  onlyTitle: (name: string) => `${name} has everything`,
  only: "It is the only profile of the account, so there is nothing to divide. Add another one to share the limits between them.",
  noneTitle: "You have no profile",
  none: "Limits are divided over your own profiles. Add one first.",
  toProfiles: "To your profiles",
  larger: "Larger limits",

  table: "Allocation by service and profile",
  service: "Service",
  left: "Left to give",
  leftOver: (amount: string) => `${amount} too many`,
  of: (limit: string, unit: string) => `of ${limit} ${unit}`,
  cell: (service: string, profile: string) => `${service} of ${profile}`,
  used: (amount: string) => `${amount} used`,
  stored: (amount: string) => `${amount} stored`,
  theirs: (amount: string) => `Elsewhere: ${amount}`,
  notNumber: "Write a whole number.",
  tooLow: (amount: string) => `Already used: at least ${amount} until the cycle ends.`,
  tooLowLevel: (amount: string) => `It holds ${amount}: remove some first.`,
  tooMuch: (amount: string) => `The account has ${amount}.`,
  actions: (service: string) => `Divide ${service}`,
  evenly: "Divide evenly",
  evenlyText: "The same for each, and no less than it has used.",
  rest: (profile: string) => `Give the rest to ${profile}`,
  restText: (amount: string) => `${amount} more`,
  undoRow: "As it was",
  everything: "Divide all evenly",
  keys: "Arrow keys and Enter go from field to field.",

  changes: (count: number) => `${count} ${plural(count, "change", "changes")}, not saved`,
  discard: "Discard",
  review: "Review and save",
  overSays: (service: string, amount: string) =>
    `${service} adds up to ${amount} more than the account has: lower it for one of the profiles, or raise the limit.`,
  fixFirst: "Correct the marked numbers first.",
  stale:
    "Somebody changed the allocation in the meantime. Your numbers are kept. The present value is shown below each number that was changed.",
  staleCell: (service: string, profile: string, was: string, is: string) =>
    `${service} of ${profile}: ${was} when you began, now ${is}`,
  keepMine: "Keep mine",
  takeTheirs: "Take theirs",
  resolve: "Choose first which numbers to keep.",

  confirmTitle: "Save the allocation?",
  confirmLead: "It takes effect at once.",
  diff: (profile: string, service: string) => `${profile}: ${service}`,
  arrow: (from: string, to: string) => `${from} → ${to}`,
  diffSpoken: (from: string, to: string) => `from ${from} to ${to}`,
  blocks: "used up with that: blocked at once",
  unblocks: "not blocked any more",
  save: "Save",
  saved: "The allocation is saved",
};
