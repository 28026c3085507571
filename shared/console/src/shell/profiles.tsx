import { useQuery } from "@tanstack/react-query";
import { useLocation, useParams } from "@tanstack/react-router";
import Mail from "lucide-react/icons/mail";
import { notificationsQuery, overviewQuery } from "../api/queries.ts";
import { Badge } from "../kit/Badge.tsx";
import { Monogram } from "../kit/Monogram.tsx";
import { recentOf, recentProfiles } from "../lib/recent.ts";
import { shell as texts } from "../messages/en/shell.ts";
import { useSession } from "../session/store.ts";
import type { Found, Group } from "./Finder.tsx";
import { subPage } from "./nav.ts";

/**
 * useProfileGroups returns the profiles to switch to: the last ones, own ones,
 * shared ones, and invitations. A link keeps the page that a person is at.
 */
export function useProfileGroups(): Group[] {
  const { data: overview } = useQuery(overviewQuery);
  const profiles = overview?.profiles ?? [];
  const { data: notifications = [] } = useQuery(notificationsQuery);
  const { pathname } = useLocation();
  const { profile: open } = useParams({ strict: false });
  const { account } = useSession();
  const page = subPage(pathname);
  const found = ({ id, name, logo_url, blocked }: (typeof profiles)[number]): Found => ({
    id,
    name,
    href: `/p/${id}${page}`,
    picture: <Monogram id={id} name={name} logo={logo_url} size={22} />,
    badge: blocked.length > 0 && <Badge tone="bad">{texts.blocked}</Badge>,
  });
  const invitations = notifications.filter(({ buttons, buttons_enabled }) => buttons_enabled && buttons?.length);
  const recent = recentOf(profiles, recentProfiles.get(account), open).map(found);
  return [
    { name: texts.recent, items: recent.map((one) => ({ ...one, id: `recent ${one.id}` })), again: true },
    { name: texts.own, items: profiles.filter(({ role }) => role === "owner").map(found) },
    { name: texts.shared, items: profiles.filter(({ role }) => role !== "owner").map(found) },
    {
      name: texts.invited,
      items: invitations.map(({ id, title }) => ({
        id,
        name: title ?? id,
        href: "/notifications",
        picture: <Mail size="1rem" aria-hidden />,
      })),
    },
  ];
}
