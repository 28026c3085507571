import { plural } from "../../lib/format.ts";

export const team = {
  title: "Team",
  lead: "Who can open this profile beside its owner. Each member has a permission here, and tokens of their own.",
  leadMember: "Who can open this profile beside its owner. Addresses are shown only to the owner.",
  readOnly: (owner: string) => `Only ${owner} invites and removes members, and changes what they may do.`,
  list: "Members and invitations",
  invite: "Invite",
  places: "Places in the team",
  placesWords: (taken: string, all: string) => `${taken} of ${all} taken`,
  placesHint: "Open invitations take a place, too.",
  noPlaces: (plan: string) =>
    `The plan ${plan} has no places for members. With another plan you can share this profile with others, each with a permission of their own.`,
  plans: "Compare plans",
  full: "All places are taken. Remove a member or withdraw an invitation to invite somebody else, or take a plan with more places.",

  who: "Person",
  permission: "Permission",
  since: "State",
  rowActions: "Actions",
  you: "you",
  owner: "Owner",
  everything: "Everything",
  invitedPerson: "An invited person",
  invited: "Invited",
  expired: "Expired",
  sinceMember: "Since",
  memberUntil: "Member until",
  invitedAt: "Invited",
  mailedAt: "Mailed",
  returned: "Undeliverable",
  returnedInvalid: "The address takes no mail: withdraw the invitation, and invite the right one.",
  returnedRefused: "The mailbox takes no mail for now: send a new invitation later.",
  endsAt: "ends",
  endedAt: "ended",

  emptyTitle: "Nobody else is here yet",
  empty: "Invite somebody by their address. They get a mail with a link, and see the profile once they accept.",

  changePermission: "Change permission",
  lastDay: "Last day of the membership",
  lastDayHint: (zone: string) => `Without it there is no end. The day ends in ${zone.replaceAll("_", " ")}.`,
  membershipChanged: (who: string, day: string) =>
    day === "" ? `The membership of ${who} has no end now` : `${who} is a member until the end of ${day}`,
  revoke: "Revoke tokens",
  remove: "Remove from the team",
  renew: "Send a new invitation",
  renewText: "The link of the mail before stops working.",
  withdraw: "Withdraw the invitation",
  again: "Invite again",
  leave: "Leave the team",

  renewed: (who: string) => `A new invitation is on its way to ${who}`,
  permissionTitle: (who: string) => `Permission of ${who}`,
  permissionLead: "It takes effect at once, also for all tokens that they made here.",
  permissionChanged: (who: string, permission: string) => `${who} has ${permission} permission now`,
  saveGoes: "Change permission",

  removeTitle: (who: string) => `Remove ${who} from the team?`,
  removeText: (who: string) =>
    `${who} cannot open this profile any more. All tokens that they made for it stop working at once, in whatever programs use them, and stay revoked if they come back. You can undo the removal right afterwards; later, invite them again.`,
  removed: (who: string) => `${who} is removed`,
  withdrawTitle: (who: string) => `Withdraw the invitation of ${who}?`,
  withdrawText: "The link in the mail stops working, and the place is free again.",
  withdrawn: (who: string) => `The invitation of ${who} is withdrawn`,
  revokeTitle: (who: string) => `Revoke all tokens of ${who}?`,
  revokeText: (who: string) =>
    `All tokens that ${who} made for this profile stop working at once, in whatever programs use them. ${who} stays a member and can make new ones.`,
  revoked: (who: string) => `All tokens of ${who} for this profile are revoked`,
  leaveTitle: (profile: string) => `Leave ${profile}?`,
  leaveText:
    "You cannot open this profile any more, until its owner invites you again. All tokens that you made for it stop working at once, and stay revoked.",
  left: (profile: string) => `You have left ${profile}`,

  inviteTitle: "Invite to the team",
  addresses: "Addresses",
  addressesHint: "One, or a list of many: one a line, or with commas between them.",
  counted: (addresses: number, free: number | undefined) =>
    free === undefined
      ? `${addresses} ${plural(addresses, "address", "addresses")}`
      : `${addresses} ${plural(addresses, "address", "addresses")}, ${free} ${plural(free, "place is", "places are")} free`,
  tooMany: "There are more addresses than free places: those at the end cannot be invited.",
  none: "Give at least one address.",
  noAddress: "This is not an address.",
  fullLine: "The team is full.",
  whatHappens:
    "Each gets a mail with a link that works for 7 days. Whether an address has an account is not said here: both are invited in the same way.",
  send: (count: number) => (count > 1 ? `Invite ${count} people` : "Invite"),
  lineDone: "Invited",
  results: "What became of each address",
  someFailed: (failed: number, all: number) =>
    `${failed} of ${all} could not be invited. They are still in the field, to be corrected and tried again.`,
  sent: (who: readonly string[]) =>
    who.length === 1 ? `An invitation is on its way to ${who[0]}` : `${who.length} invitations are on their way`,
};
