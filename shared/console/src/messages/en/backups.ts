import type { Backup, Part } from "../../screens/backups/queries.ts";

const parts: Readonly<Record<Part, string>> = {
  settings: "Settings",
  alerts: "Alerts",
  webhooks: "Webhooks",
  allocation: "Allocation",
  addons: "Add-ons",
  team: "Team",
};

const partTexts: Readonly<Partial<Record<Part, string>>> = {
  webhooks: "A webhook that comes back has a new secret.",
  allocation: "As far as the account has as much left.",
  addons: "For the usual price, from now on.",
  team: "They are invited again, by mail.",
};

const reasons: Readonly<Record<Backup["reason"], string>> = {
  request: "Made by its owner",
  deletion: "Before the profile was removed",
};

export const backups = {
  title: "Backups",
  lead: "Copies of this profile: settings, team, webhooks, alerts, usage and audit log. They are kept for 12 months.",
  accountTitle: "Backups of the account",
  accountLead: "The backups of all profiles, with those that are gone. They are kept for 12 months.",
  ownerOnly: (owner: string) => `Only ${owner} makes and sees the backups of this profile.`,
  add: "Make a backup",
  added: "The backup is complete",
  emptyTitle: "No backups yet",
  empty: "Make one before you change much. One can be made each day, with the plans Starter and Scale.",
  accountEmpty: "Make one on the page Backups of a profile. A profile that is deleted gets one before it is removed.",

  made: "Made",
  profile: "Profile",
  reason: "Why",
  reasons,
  size: "Size",
  kilobytes: (size: string) => `${size} KB`,
  until: "Kept until",
  rowActions: "Actions",
  more: "Show more",
  download: "Download",
  restore: "Restore",
  restoreNew: "Restore into a new profile",
  remove: "Delete",

  downloadTitle: "Download the backup?",
  downloadText: "The file has who is in the team, and what happened in the profile. It has no secrets.",
  downloadMail: (email: string) => `A mail to ${email} says that it was downloaded.`,
  downloaded: "The download begins",
  removeTitle: "Delete the backup?",
  removeText: "It is gone for good.",
  removed: "The backup is deleted",

  restoreTitle: (name: string) => `Restore ${name}?`,
  restoreText: "What was lost comes back, and what changed becomes what it was. What came later stays.",
  restoreNewText: "The backup is restored into a new profile of the account.",
  restoreNot: "Tokens are not restored: make new ones. Usage and audit log stay as they are.",
  parts,
  partTexts,
  nothing: "Nothing would change.",
  settings: {
    name: "Name",
    logo_url: "Logo",
    banner_url: "Banner",
    soft_limits: "Soft limits",
    "token_policy.longest_days": "Longest life of a token, in days",
    "token_policy.never": "Tokens that never expire",
    "token_policy.disable_unused": "Disables tokens that nobody uses",
    "token_policy.notify_new_network": "Notifies of new networks",
  },
  changed: (what: string, before: string, after: string) => {
    const change = before ? `${before} → ${after || "none"}` : after;
    return what && what !== change ? `${what}: ${change}` : change;
  },
  refusedNow: "Does not come back now:",
  refusal: (what: string, why: string) => `${what}: ${why}`,
  noPart: "Choose at least one part.",
  restored: "The backup is restored",
  doneTitle: "What was restored",
  refused: "This did not come back:",
  secrets: "The new secrets of the webhooks. They are shown only this once.",
  secretOf: (url: string) => `Secret of ${url}`,
  leaveTitle: "Are the secrets stored?",
  leaveText: "They are not shown again. A new one can be made for each webhook.",
  close: "Done",
  toProfile: "Go to the profile",
};
