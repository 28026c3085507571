import { useQuery } from "@tanstack/react-query";
import { teamQuery } from "../api/queries.ts";
import { type Permission, permissionIds } from "../messages/en/permissions.ts";
import { useSession } from "../session/store.ts";
import { useProfile } from "./Profile.tsx";

/** What the account that is signed in may do on the profile that is open. */
export type Right = {
  /** undefined until it is known. */
  permission: Permission | undefined;
  owner: boolean;
  /** At least this permission. */
  may: (wanted: Permission) => boolean;
};

/** useRight returns what the account that is signed in may do on the profile that is open. Until it is known it may nothing. */
export function useRight(): Right {
  const { id, own } = useProfile();
  const { account } = useSession();
  const { data: team } = useQuery({ ...teamQuery(id), enabled: !own });
  const permission = own ? "full" : team?.find((member) => member.id === account)?.permission;
  return {
    permission,
    owner: own,
    may: (wanted) => permission !== undefined && permissionIds.indexOf(permission) >= permissionIds.indexOf(wanted),
  };
}
