export type Permission = "read" | "write" | "full";

/** Permissions, from the least to the most. */
export const permissionIds: readonly Permission[] = ["read", "write", "full"];

/** The permissions of members and of tokens, each with a sentence. */
export const permissions = {
  names: { read: "Read", write: "Write", full: "Full" } satisfies Record<Permission, string>,
  inText: { read: "read", write: "write", full: "full" } satisfies Record<Permission, string>,
  ofMember: {
    read: "Sees the profile, and changes nothing.",
    write: "Also creates and changes things. Deletes nothing, and ends no tokens.",
    full: "Does everything except what only the owner may do: the team, the limits, giving the profile away.",
  } satisfies Record<Permission, string>,
  ofToken: {
    read: "Reads, and changes nothing.",
    write: "Also creates and changes things. Deletes nothing.",
    full: "Does everything that you may do.",
  } satisfies Record<Permission, string>,
  /** The owner and the permission, on every page of a profile of another account. */
  given: {
    read: (owner: string) => `Read only: ${owner} gave you read`,
    write: (owner: string) => `${owner} gave you write`,
    full: (owner: string) => `${owner} gave you full`,
  } satisfies Record<Permission, (owner: string) => string>,
};
