import { plural } from "../../lib/format.ts";

export const more = {
  title: "More",
  lead: "The id of the profile, how long its tokens may live, and what changes it for good.",
  id: "Id of the profile",
  idLead: "Programs name the profile by it. It stays the same for ever, with another name or owner too.",
  danger: "For good",
  dangerLead: "Read what happens before you go on.",
  readOnly: (owner: string) =>
    `Only ${owner} may say how long tokens live, revoke all of them, and transfer or delete the profile.`,

  transfer: "Transfer this profile to another account",
  transferText:
    "The profile moves with its data, settings and what it has of your limits. The other side has to accept, and support to approve.",
  transferGo: "Transfer",
  transferOpen: (ticket: string) => `The transfer ${ticket} is open.`,
  transferSee: "See how it stands",
  transferLacks: (count: number) => `Not yet: ${count} ${plural(count, "thing is", "things are")} missing.`,
  transferWhy: "See what is missing",

  revokeGo: "Revoke all",

  remove: "Delete this profile",
  removeText:
    "The profile and all that is in it stop at once. For seven days you can restore them; then they are gone for good.",
  removeGo: "Delete",
  removeTitle: (name: string) => `Delete “${name}”?`,
  removeWhat: "You can restore it for seven days. At once end:",
  removeOnly: "An account keeps one profile, and this is your only one. Add another one first.",
  removeWaits: (ticket: string) => `The transfer ${ticket} is open: it fails when you delete the profile.`,
  dies: {
    members: (count: number) => `the access of ${count} ${plural(count, "member", "members")}`,
    invitations: (count: number) =>
      `${count} open ${plural(count, "invitation", "invitations")}, which are not restored`,
    tokens: "all its tokens: programs that use one stop working",
    addons: (names: string) => `its add-ons: ${names}`,
    usage: "its statistics, and what it has of your limits becomes free",
  },
  removed: (name: string) => `${name} is deleted`,
};

export const requesting = {
  title: "Transfer this profile",
  lead: (name: string) => `Give “${name}” to another account. Nothing moves before everybody has agreed.`,
  back: "Back to More",
  before: "What it needs from you",
  beforeMissing: "Put this right first; then you can name the account.",
  onHold: (until: string) =>
    `You can request it now. As your password, address or second factor changed a short time ago, it moves on ${until} at the earliest.`,
  effects: "What happens then",
  moves: "Moves",
  movesList: (addons: string, members: number) => [
    "the profile, with its id, data and statistics",
    members > 0
      ? `${members} ${plural(members, "member", "members")}, as far as the other side keeps them`
      : "no members, as it has none",
    addons ? `the add-ons ${addons}, if the other side takes them` : "no add-ons, as it has none",
    "what it has of your limits, which the other side needs as room",
  ],
  ends: "Ends",
  endsList: [
    "your ownership, and your access unless the other side lets you stay",
    "every token of yours and of members who leave",
    "open invitations",
    "all webhooks and alerts, as the new owner has not agreed to them",
    "its cost for you, at the moment of the move",
  ],
  chooses: "The other side chooses",
  choosesList: [
    "its name",
    "who of the team stays",
    "whether you stay, and with which permission",
    "how much of its limits it takes",
  ],
  undo: "For seven days after the move both sides together can take it back, or support can.",
  form: "To whom",
  email: "E-mail address of the other account",
  emailHint: "It gets a mail with the offer. You get the same answer whether it has an account or not.",
  message: "Message to the other side",
  submit: "Request the transfer",
  opened: (ticket: string) => `Ticket ${ticket} is open`,
};
