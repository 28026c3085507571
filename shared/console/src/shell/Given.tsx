import { Badge } from "../kit/Badge.tsx";
import { permissions } from "../messages/en/permissions.ts";
import { useProfile } from "./Profile.tsx";

/**
 * Beside the heading of each page of a profile: who gave this person what.
 * Nothing on an own one.
 */
export function Given() {
  const { own, owner_name, permission } = useProfile();
  return own ? null : <Badge tone="accent">{permissions.given[permission](owner_name)}</Badge>;
}
