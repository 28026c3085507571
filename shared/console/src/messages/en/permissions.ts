export type Permission = "usage" | "billing" | "read" | "write" | "full";

/** Permissions, from the least to the most; read does not include all of billing. */
export const permissionIds: readonly Permission[] = ["usage", "billing", "read", "write", "full"];

/** The permissions of members and of tokens, each with a sentence. */
export const permissions = {
  names: { usage: "Usage", billing: "Billing", read: "Read", write: "Write", full: "Full" } satisfies Record<
    Permission,
    string
  >,
  inText: { usage: "usage", billing: "billing", read: "read", write: "write", full: "full" } satisfies Record<
    Permission,
    string
  >,
  ofMember: {
    usage: "Sees the limits, the use and the statistics. No team, no tokens.",
    billing: "Also sees the cost, and changes limits and add-ons, which you pay. No team, no tokens.",
    read: "Sees the profile, and changes nothing.",
    write: "Also creates and changes things. Deletes nothing, and ends no tokens.",
    full: "Does everything except what only the owner may do: the team, the limits, giving the profile away.",
  } satisfies Record<Permission, string>,
  ofToken: {
    usage: "Reads limits, use and statistics.",
    billing: "Also reads the cost, and changes limits and add-ons.",
    read: "Reads, and changes nothing.",
    write: "Also creates and changes things. Deletes nothing.",
    full: "Does everything that you may do.",
  } satisfies Record<Permission, string>,
  /** The owner and the permission, on every page of a profile of another account. */
  given: {
    usage: (owner: string) => `${owner} gave you usage`,
    billing: (owner: string) => `${owner} gave you billing`,
    read: (owner: string) => `Read only: ${owner} gave you read`,
    write: (owner: string) => `${owner} gave you write`,
    full: (owner: string) => `${owner} gave you full`,
  } satisfies Record<Permission, (owner: string) => string>,
};
