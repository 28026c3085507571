import type { components } from "../../api/schema.d.ts";
import { plural } from "../../lib/format.ts";

type View = components["schemas"]["TransferView"];
export type Party = View["turn"][number];
type State = NonNullable<View["state"]>;
type Happening = components["schemas"]["EventView"]["event"];
type CheckCode = components["schemas"]["CheckView"]["code"];
type Side = "source" | "destination";

/** What a transfer and one that takes another back call their two sides. */
const parties: Record<Party, string> = {
  source: "the owner",
  destination: "the receiving side",
  support: "support",
  system: "the service itself",
};

export const transfer = {
  title: (profile: string) => `Transfer of “${profile}”`,
  returnTitle: (profile: string) => `Return of “${profile}”`,
  plainTitle: "Transfer of a profile",
  notYoursTitle: "This account has no part in it",
  notYours: (ticket: string, email: string) =>
    `You are signed in as ${email}, which is neither side of ${ticket}. Sign in with the account that the mail was sent to. An offer that ended before it was answered is not shown either; the last mail about it says how it ended.`,
  otherAccount: "Sign in with another account",
  allTransfers: "All transfers",
  ticket: "Ticket",

  you: "you",
  parties,
  returnParties: { ...parties, source: "the present owner", destination: "the previous owner" } as Record<
    Party,
    string
  >,
  nobody: "nobody",

  states: {
    requested: "Open",
    completed: "Completed",
    canceled: "Canceled",
    declined: "Declined",
    rejected: "Rejected",
    expired: "Expired",
    failed: "Failed",
  } satisfies Record<State, string> as Record<State, string>,
  stateText: {
    requested: "Nothing has moved yet.",
    completed: "The profile has a new owner.",
    canceled: "The owner canceled it. The profile stayed where it was.",
    declined: "The receiving side declined it. The profile stayed where it was.",
    rejected: "Support rejected it. The profile stayed where it was.",
    expired: "Its time was over before everybody had agreed. The profile stayed where it was.",
    failed: "It could not go on. The profile stayed where it was.",
  } satisfies Record<State, string> as Record<State, string>,
  returned: "The profile is back with its previous owner.",

  progress: "Progress",
  steps: "Steps of the transfer",
  step: {
    request: "Request",
    confirm: "Confirm",
    accept: "Other side",
    support: "Support",
    done: "Done",
    giver: "Present owner",
    taker: "Previous owner",
    agents: "Or two of support",
  },
  stepState: { done: "done", now: "next", todo: "to come", skipped: "not needed", stopped: "not reached" },
  yourTurn: "your turn",
  agentsOf: (count: number) => `${count} of 2 agents`,
  next: (who: string) => `The next step is with ${who}.`,
  nextYou: "The next step is yours.",
  nextYouAlso: (who: string) => `The next step is yours; ${who} can act at the same time.`,
  nextNobody: "Everybody has agreed. It completes by itself when nothing is missing any more.",
  nextHeld: "Everybody has agreed. It completes by itself when the hold ends.",
  openUntil: "It stays open until",
  openUntilAfter: ". If not everybody has agreed by then, it expires and nothing moves.",
  holdTitle: (until: string) => `On hold until ${until}`,
  hold: "The owner's password, address or second factor changed a short time ago. The move waits for three days, so that the person behind the account has time to notice. Steps can be done meanwhile.",
  waits: (what: string) => `It waits: ${what}. It is tried again every quarter of an hour.`,
  left: (span: string) => `${span} left`,

  about: "About this transfer",
  takesBack: "Takes back",
  profile: "Profile",
  from: "From",
  to: "To",
  person: (name: string, email: string) => `${name}, ${email}`,
  youAre: (email: string) => `you, ${email}`,
  requested: "Requested",
  until: "Open until",
  ended: "Ended",
  message: "Message of the owner",
  unchecked: "As the owner wrote it; nobody has checked it.",

  checks: "What it needs",
  missing: (count: number) => `${count} ${plural(count, "thing is", "things are")} missing.`,
  nothingMissing: "Nothing is missing.",
  holding: (count: number) => `${count} ${plural(count, "thing that is", "things that are")} there`,
  neededNow: (expected: string, actual: string) => `Needed: ${expected}. There is: ${actual}.`,
  fix: (what: string) => `${what}.`,
  ready: "Ready",
  notReady: "Missing",
  checkNames: {
    "source-active": "Owner's account",
    "source-plan": "Owner's plan",
    "source-keeps-profile": "A profile that stays",
    "no-other-transfer": "No other transfer",
    lock: "Time since the last transfer",
    hold: "No recent change of credentials",
    "destination-account": "Receiving account",
    "destination-active": "Receiving account in good standing",
    "destination-plan": "Receiving plan",
    "destination-profiles": "Room for one more profile",
    "destination-allocation": "Room",
    "destination-stored": "Room for what is stored",
    "destination-team": "Size of the team",
    "destination-addons": "Add-ons",
    source: "The owner's side",
    destination: "The receiving side",
  } satisfies Record<CheckCode, string> as Record<CheckCode, string>,
  checkOf: (check: string, service: string) => `${check}: ${service}`,
  fixes: {
    plan: "Compare plans",
    profiles: "Manage profiles",
    allocation: "Change the allocation",
    ticket: (ticket: string) => `Open ${ticket}`,
  },

  happened: "What happened",
  events: {
    requested: "Requested",
    confirmed: "Confirmed",
    accepted: "Accepted",
    approved: "Approved",
    note: "Note",
    question: "Question",
    answer: "Answer",
    extended: "Given more time",
    reminded: "Reminder mailed",
    waiting: "Could not complete yet",
    ended: "Ended",
  } satisfies Record<Happening, string> as Record<Happening, string>,
  by: (what: string, who: string) => `${what} by ${who}`,
  agent: (what: string, agent: string) => `${what} (agent ${agent})`,
  extendedUntil: (moment: string) => `Open until ${moment}`,
  mailed: {
    requested: "Mailed: the owner, to confirm; the receiving side, with the offer; support.",
    returned: "Mailed: both sides and support.",
    question: "Mailed to the owner.",
    note: "Mailed to the owner.",
    reminded: "Mailed to those who owe a step.",
    ended: "Mailed to both sides.",
    extended: "Both sides were notified.",
  } as Partial<Record<Happening | "returned", string>>,
  answerByMail: "Answer by replying to the mail that has the question; support records it here.",

  terms: "What the receiving side chose",
  termName: "Name",
  termAsIs: "as it is",
  termOwner: "Previous owner",
  leaves: "leaves",
  stays: (permission: string) => `stays, with ${permission}`,
  termAddons: "Add-ons that come along",
  termPolicy: "Longest life of tokens",
  days: (days: string) => `${days} days`,
  noLimit: "no limit",
  none: "none",
  termMembers: "Members who stay",
  membersStay: (count: number) => (count === 0 ? "none" : `${count} ${plural(count, "member", "members")}`),
  member: (name: string, permission: string) => `${name} (${permission})`,
  unnamed: (id: string) => `member ${id}`,
  termAmounts: "Amounts",

  otherSide: {
    source: "This step is for the receiving side. Sign in with the account that the mail was sent to.",
    destination: "This step is for the owner. Sign in with the account that the mail was sent to.",
  } satisfies Record<Side, string> as Record<string, string>,
  needsMail: {
    confirm: (email: string) =>
      `Open the link in the mail that we sent to ${email}: it has the code with which you confirm.`,
    accept: (email: string) =>
      `Open the link in the mail that we sent to ${email}: it has the code with which you accept or decline.`,
  },
  sendAgain: "Send the mail again",
  sentAgain: (email: string) => `Sent to ${email}. The links of earlier mails still work.`,
  codeVoid: "Ask for a new mail, and open the link in it.",

  confirm: "Confirm the transfer",
  confirmText: (to: string) =>
    `When ${to} has accepted and support has approved, the profile is no longer yours: your tokens of it stop working, and its new owner chooses who stays in its team.`,
  accept: "Accept the profile",
  acceptAgain: "Change what you chose",
  acceptText:
    "When everybody has agreed, the profile is yours: from then on its use and its add-ons count on your subscription.",
  accepted: "You have accepted it. Until it completes you can choose anew.",
  decline: "Decline",
  declineTitle: "Decline the transfer?",
  declineText:
    "The profile stays with its owner, who gets to know. This cannot be undone; the owner can offer it anew.",
  cancel: "Cancel the transfer",
  cancelTitle: "Cancel the transfer?",
  cancelText: "The profile stays yours, and the other side gets to know. You can request a new one in a minute.",
  cancelKeep: "Keep it open",

  receipt: "Receipt",
  receiptLead: "What the move did, at one moment.",
  moved: "Moved",
  movedTo: (profile: string, to: string) => `“${profile}” to ${to}`,
  movedToYou: (profile: string) => `“${profile}” to you`,
  revoked: "Revoked",
  revokedText: "every token of the previous owner and of members who left; open invitations",
  costCut: "Cost cut at",
  costCutText: "What was used before counts for the previous owner, what comes after for the new one.",
  openProfile: (name: string) => `Open ${name}`,

  revert: "Take it back",
  revertUntil: "Can be taken back until",
  revertLead: {
    source: "You can ask for it back. The profile returns when its present owner agrees too, or two of support do.",
    destination:
      "If this was a mistake, you can give it back. The profile returns when its previous owner agrees too, or two of support do.",
  } as Record<string, string>,
  revertTitle: "Take the transfer back?",
  revertText:
    "When both sides agree, the profile returns to its previous owner with the name, allocation, token policy, members and add-ons that it had. A ticket of its own is opened for that.",
  revertOver: "The time to take it back is over. The present owner can transfer it to you with a new request.",
  agree: "Agree to take it back",
  agreeText: {
    source: "The profile then goes back to its previous owner, and your tokens of it stop working.",
    destination: "The profile then comes back to you, with what it had before.",
  } as Record<string, string>,
  agreed: "You have agreed to take it back.",

  choose: {
    title: "Your terms",
    lead: "Nothing is chosen for you.",
    name: "Name of the profile",
    nameHint: "Leave it empty to keep the name.",
    team: "Who stays in its team",
    teamText: "Who leaves loses access at once, with all tokens of it.",
    noTeam: "Nobody besides the owner is in its team.",
    hasNow: (name: string, permission: string) => `${name} (has ${permission})`,
    previousOwner: (name: string) => `Previous owner, ${name}`,
    all: { leave: "Everybody leaves", stay: "Members stay as they are" },
    rights: { none: "Leaves", read: "Stays, with read", write: "Stays, with write", full: "Stays, with full" },
    amounts: "What it takes of your limits",
    amountsText: "You can take less than it has, not more.",
    amount: (service: string, unit: string) => `${service} (${unit})`,
    has: (most: string) => `has ${most}`,
    room: (left: string, free: string) => `leaves ${left} of your free ${free}`,
    short: (by: string, free: string) => `${by} more than your free ${free}`,
    shortTitle: (services: string) => `Your account has too little free of ${services}.`,
    shortText: "You can accept all the same: the transfer then waits until there is room. Or take less here.",
    addons: "Its add-ons",
    addonsText: "What you take costs from your next renewal on. What you do not take ends with the move.",
    noAddons: "It has no add-ons.",
    addonPrice: (name: string, price: string) => `${name}, ${price} a month`,
    review: "Go on to the summary",
    summary: "Summary",
    summaryText: "Read it once more. Your password is your signature.",
    cost: "Cost",
    costAdds: (amount: string) => `adds ${amount} a month, from your next renewal on`,
    costNone: "adds nothing: the amounts come out of the limits that you have",
    change: "Change",
    sign: "Accept the profile",
  },
};

export const transfers = {
  title: "Transfers",
  lead: "Profiles that you give to another account, or that somebody offers to you.",
  receiving: "Offered to you",
  giving: "You are giving",
  over: "Done",
  profile: "Profile",
  ticket: "Ticket",
  other: "To",
  state: "State",
  until: "Open until",
  ended: "Ended",
  role: "Your role",
  roles: { source: "gave", destination: "received" } as Record<string, string>,
  takesBack: (ticket: string) => `takes back ${ticket}`,
  emptyTitle: "No transfers",
  empty: "To give a profile to another account, open it and choose More, then Transfer. Offers to you appear here.",
  older: "Show older ones",
};

/** span writes a length of time in two units. */
export const spanOf = (parts: readonly (readonly [number, "d" | "h" | "min"])[]): string =>
  parts
    .map(([count, unit]) => (unit === "d" ? `${count} ${plural(count, "day", "days")}` : `${count} ${unit}`))
    .join(" ");
