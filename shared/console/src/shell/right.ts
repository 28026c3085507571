import { type Permission, permissionIds } from "../messages/en/permissions.ts";
import { useProfile } from "./Profile.tsx";

/** The right of the signed-in account on the open profile. */
export type Right = {
  permission: Permission;
  owner: boolean;
  /** At least this permission. */
  may: (wanted: Permission) => boolean;
};

/**
 * useRight returns what the account that is signed in may do on the profile
 * that is open.
 */
export function useRight(): Right {
  const { own, permission } = useProfile();
  return {
    permission,
    owner: own,
    may: (wanted) => permissionIds.indexOf(permission) >= permissionIds.indexOf(wanted),
  };
}
