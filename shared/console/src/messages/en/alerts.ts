import type { Action, Stop } from "../../screens/alerts/alerts.ts";

const actions: Readonly<Record<Action, string>> = {
  mail: "Mail",
  notification: "Notification",
  webhook: "Webhook",
};

const stops: Readonly<Record<Stop, { name: string; text: string }>> = {
  none: { name: "Nothing", text: "The owner is only notified." },
  service: { name: "This service", text: "No more of it is admitted for this profile." },
  all: { name: "All services", text: "Nothing more is admitted for this profile." },
};

export const alerts = {
  title: "Alerts",
  lead: "When this profile reaches an alert, its owner is notified, once in a cycle. An alert can also stop services.",
  readOnly: (owner: string) => `Only ${owner} and members with the permission billing can change alerts.`,
  add: "Add an alert",
  emptyTitle: "No alerts of its own yet",
  empty:
    "The owner hears of 80, 90 and 100 % of each limit in any case. Add an alert for another amount, for cost, or to stop a service before its limit.",
  none: "There are none. The owner hears of 80, 90 and 100 % of each limit in any case.",

  alert: "Alert",
  how: "Notifies by",
  stop: "Stops",
  state: "State",
  rowActions: "Actions",
  percent: (service: string, percent: string, amount: string) => `${service} at ${percent} %, now ${amount}`,
  amount: (service: string, amount: string, unit: string) => `${service} at ${amount} ${unit}`,
  cost: (amount: string) => `Cost of a cycle at ${amount}`,
  actions,
  stops,
  waits: "Not reached",
  reached: "Reached",
  stopping: "Stops now",
  lifted: "Lifted",

  lift: "Lift the stop",
  edit: "Edit",
  remove: "Delete",
  liftTitle: "Lift the stop?",
  liftText: "What it stops is admitted again, up to the limits, until this cycle ends.",
  isLifted: "The stop is lifted until this cycle ends",
  removeTitle: "Delete the alert?",
  removeText: "Nobody is notified by it any more, and what it stops is admitted again.",
  removed: "The alert is deleted",

  addTitle: "Add an alert",
  editTitle: "Edit the alert",
  save: "Save",
  added: "The alert is added",
  saved: "The alert is changed",
  about: "What it watches",
  costOfCycle: "Cost of a cycle",
  kind: "Its threshold",
  kinds: {
    percent: { name: "A part of the limit", text: "It follows the limit." },
    amount: { name: "An amount", text: "It stays when the limit changes." },
  },
  threshold: { percent: "Per cent", amount: "Amount", cost: "US dollars" },
  thresholdHint: {
    percent: "1 to 1,000. More than 100 is for soft limits.",
    cost: "What the profile costs in a cycle, by its allocation and its add-ons.",
  },
  notify: "How its owner is notified",
  noAction: "Choose at least one way.",
  noNumber: "Give the threshold.",
  stopWhat: "What it stops",
  anew: "With another threshold or stop it can be reached again in this cycle.",

  soft: "Soft limits",
  softLead: "Above a soft limit, use is admitted, counted apart and not charged. Other limits are hard.",
  softFixed: "Services with a soft limit:",
  softNone: "All limits are hard.",
  over: (amount: string, unit: string) => `${amount} ${unit} above the limit`,
  isSoft: (service: string) => `The limit of ${service} is soft`,
  isHard: (service: string) => `The limit of ${service} is hard`,
};
