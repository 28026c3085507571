import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import Ticket from "lucide-react/icons/ticket";
import { overviewQuery } from "../api/queries.ts";
import { Dialog } from "../kit/Dialog.tsx";
import { ticketOf } from "../lib/tickets.ts";
import { shell as texts } from "../messages/en/shell.ts";
import { useSession } from "../session/store.ts";
import { Finder, type Found } from "./Finder.tsx";
import { accountPages, type NavItem, pagesOf } from "./nav.ts";
import { useProfileGroups } from "./profiles.tsx";

/** Goes to a profile, a screen or a ticket by its name. */
export function Palette({ onClose }: { onClose: () => void }) {
  const { profile } = useParams({ strict: false });
  const session = useSession();
  const groups = useProfileGroups();
  const { data: overview } = useQuery(overviewQuery);
  const found =
    (base: string) =>
    ({ name, path, icon: Icon }: NavItem): Found => ({
      id: base + path,
      name,
      href: base + path,
      picture: <Icon size="1rem" aria-hidden />,
    });
  const open = overview?.profiles.find(({ id }) => id === profile);
  const screens = [
    ...(profile ? pagesOf(open?.role === "owner", open?.permission).map(found(`/p/${profile}`)) : []),
    ...accountPages.filter(({ when }) => !when || when(session)).map(found("")),
  ];
  const tickets = (text: string): Found[] => {
    const name = ticketOf(text);
    if (!name) return [];
    const base = session.roles.includes("support") ? "/desk" : "/transfers";
    return [
      { id: name, name, text: texts.tickets, href: `${base}/${name}`, picture: <Ticket size="1rem" aria-hidden /> },
    ];
  };
  return (
    <Dialog open title={texts.searchTitle} onClose={onClose}>
      <Finder
        broad
        label={texts.searchHint}
        groups={[...groups, { name: texts.screens, items: screens }]}
        more={tickets}
        nothing={texts.nothing}
        onChosen={onClose}
      />
    </Dialog>
  );
}
