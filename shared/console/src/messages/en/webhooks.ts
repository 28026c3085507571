import type { Delivery, Group } from "../../screens/webhooks/events.ts";

/** The groups of events of a profile, each with what it is about. */
const groups: Readonly<Record<Exclude<Group, "account.*">, string>> = {
  "profile.*": "The profile: its name, its logo, its token policy, its soft limits",
  "team.*": "The team: invitations, members, permissions",
  "token.*": "Tokens: made, changed, rotated, expired, deleted",
  "transfer.*": "A transfer to another account, step by step",
  "usage.*": "Usage: a service at 80 or 90 %, or blocked, and alerts that are reached",
  "alert.*": "Alerts: added, changed, deleted",
  "subscription.*": "What is paid for the profile: its add-ons and its part of the limits",
  "backup.*": "Backups: made, downloaded, restored, deleted",
  "webhook.*": "Webhooks themselves, and tests",
  "auditlog.*": "The audit log, if its chain is broken",
};

/** The groups of events of an account. */
const accountGroups: Readonly<Partial<Record<Group, string>>> = {
  "account.*": "The account: who signs in, its address, its password, its end",
  "subscription.*": "The plan, the limits, and how they are divided",
  "profile.*": "A profile that was deleted or restored",
  "transfer.*": "A profile that moved to this account or away from it",
  "backup.*": "Backups of profiles that are gone, and what is done here",
  "webhook.*": "Webhooks of the account, and tests",
  "auditlog.*": "The audit log, if its chain is broken",
};

const states: Readonly<Record<Delivery["state"], string>> = {
  pending: "Waits",
  delivered: "Delivered",
  dead: "Given up",
};

export const webhooks = {
  title: "Webhooks",
  lead: "Programs that are told of each change of this profile, within about a minute.",
  accountLead: "Programs that are told of each change of this account, within about a minute.",
  ownerOnly: (owner: string) => `Only ${owner} sees and changes the webhooks of this profile.`,
  list: "Webhooks",
  add: "Add a webhook",
  emptyTitle: "No program is told of changes yet",
  empty:
    "Add the https address of a program. It is sent a signed event whenever somebody joins the team, a token expires or a limit is near.",
  accountEmpty:
    "Add the https address of a program. It is sent a signed event whenever somebody signs in, the plan changes or a profile is deleted.",

  address: "Address",
  events: "Events",
  state: "State",
  allEvents: "All events",
  enabled: "Enabled",
  disabled: "Disabled",
  failed: "Disabled, as it took nothing for three days",
  rowActions: "Actions",
  deliveries: "Deliveries",
  edit: "Edit",
  test: "Send a test",
  rotate: "New secret",
  disable: "Disable",
  enable: "Enable",
  remove: "Delete",

  addTitle: "Add a webhook",
  editTitle: "Edit the webhook",
  url: "Address of the program",
  urlHint: "It begins with https:// and is reached from the internet.",
  description: "What it is for",
  choice: "Which events",
  choices: {
    all: { name: "All events", text: "Also kinds that are added later." },
    some: { name: "Some events", text: "Choose groups, or single types of them." },
  },
  groups,
  accountGroups,
  single: (group: string, count: number) => `Single types of ${group} (${count})`,
  noneChosen: "Choose at least one group or type of events.",
  save: "Save",
  added: "The webhook is added",
  saved: "The webhook is changed",

  secretTitle: "The secret of the webhook",
  secretLead:
    "The program verifies with it that an event comes from here. It is shown only now: store it where the program finds it.",
  secret: "Secret",
  oldUntil: "Until then, events are signed with the secret before, too:",
  stored: "I have stored it",
  leaveTitle: "Have you stored the secret?",
  leaveText: "It is not shown again. Without it the program cannot verify events, until you make a new one.",

  rotateTitle: "Make a new secret?",
  rotateText: "For a day, events are signed with both secrets. Give the new one to the program within that time.",
  removeTitle: (url: string) => `Delete the webhook to ${url}?`,
  removeText: "Nothing more is sent to it. What waits for it is dropped, and its deliveries are not shown any more.",
  removed: "The webhook is deleted",
  tested: "A test is sent within about a minute: look at the deliveries",
  isDisabled: "The webhook is disabled: nothing more is sent to it",
  isEnabled: "The webhook is enabled",

  deliveriesTitle: "Deliveries",
  deliveriesLead: (url: string) => `What waits for ${url}, and what was sent to it in the last 7 days.`,
  deliveriesList: "Deliveries, those that wait first",
  noDeliveriesTitle: "Nothing was sent yet",
  noDeliveries: "Send a test, or change something.",
  back: "All webhooks",
  event: "Event",
  when: "When",
  result: "Result",
  answer: "Answer",
  states,
  tries: (count: number) => (count === 1 ? "1 attempt" : `${count} attempts`),
  next: "Next attempt",
  status: (status: number) => `Status ${status}`,
  resend: (type: string) => `Send ${type} again`,
  resent: "The event is sent again within about a minute",
  more: "Show older ones",
  gone: "This webhook does not exist any more.",
};
