import type { LucideIcon } from "lucide-react";
import Archive from "lucide-react/icons/archive";
import ArrowLeftRight from "lucide-react/icons/arrow-left-right";
import Bell from "lucide-react/icons/bell";
import BellRing from "lucide-react/icons/bell-ring";
import ChartLine from "lucide-react/icons/chart-line";
import CreditCard from "lucide-react/icons/credit-card";
import Ellipsis from "lucide-react/icons/ellipsis";
import Inbox from "lucide-react/icons/inbox";
import KeyRound from "lucide-react/icons/key-round";
import LayoutGrid from "lucide-react/icons/layout-grid";
import Receipt from "lucide-react/icons/receipt";
import ScrollText from "lucide-react/icons/scroll-text";
import SlidersHorizontal from "lucide-react/icons/sliders-horizontal";
import Split from "lucide-react/icons/split";
import UserRound from "lucide-react/icons/user-round";
import UsersRound from "lucide-react/icons/users-round";
import Webhook from "lucide-react/icons/webhook";
import type { Session } from "../api/session.ts";
import type { Permission } from "../messages/en/permissions.ts";
import { shell as texts } from "../messages/en/shell.ts";

export type NavItem = {
  name: string;
  icon: LucideIcon;
  /** Below /p/{id} for pages of a profile. */
  path: string;
  /** A member with the permission billing or usage does not have it. */
  reads?: boolean;
  /** A member with the permission usage does not have it. */
  costs?: boolean;
  /** The owner of the profile alone has it. */
  owns?: boolean;
  /** Whether this person has it; everybody does without. */
  when?: (session: Session) => boolean;
  /** It is found by search, and not in the navigation. */
  hidden?: boolean;
};

const profilePages: readonly NavItem[] = [
  { name: texts.profile.general, icon: SlidersHorizontal, path: "" },
  { name: texts.profile.team, icon: UsersRound, path: "/team", reads: true },
  { name: texts.profile.tokens, icon: KeyRound, path: "/tokens", reads: true },
  { name: texts.profile.statistics, icon: ChartLine, path: "/statistics" },
  { name: texts.profile.alerts, icon: BellRing, path: "/alerts", costs: true },
  { name: texts.profile.audit, icon: ScrollText, path: "/audit", reads: true },
  { name: texts.profile.webhooks, icon: Webhook, path: "/webhooks", owns: true },
  { name: texts.profile.backups, icon: Archive, path: "/backups", owns: true },
  { name: texts.profile.more, icon: Ellipsis, path: "/more" },
];

/**
 * pagesOf returns the pages of a profile for its owner, or for a member with a
 * permission on it, in the order of the navigation.
 */
export function pagesOf(own: boolean, permission: Permission = "full"): readonly NavItem[] {
  const reads = permission !== "usage" && permission !== "billing";
  const costs = permission !== "usage";
  return profilePages.filter((page) => (own || !page.owns) && (reads || !page.reads) && (costs || !page.costs));
}

/** The pages of the account, in the order of the navigation. */
export const accountPages: readonly NavItem[] = [
  { name: texts.pages.profiles, icon: LayoutGrid, path: "/profiles" },
  { name: texts.pages.statistics, icon: Receipt, path: "/statistics" },
  { name: texts.pages.allocation, icon: Split, path: "/allocation" },
  { name: texts.pages.subscription, icon: CreditCard, path: "/subscription" },
  { name: texts.pages.transfers, icon: ArrowLeftRight, path: "/transfers" },
  { name: texts.pages.notifications, icon: Bell, path: "/notifications", hidden: true },
  { name: texts.pages.account, icon: UserRound, path: "/account" },
  { name: texts.pages.security, icon: KeyRound, path: "/account/security", hidden: true },
  { name: texts.pages.inventory, icon: KeyRound, path: "/account/tokens", hidden: true },
  { name: texts.pages.accountAudit, icon: ScrollText, path: "/account/audit", hidden: true },
  { name: texts.pages.accountBackups, icon: Archive, path: "/account/backups", hidden: true },
  { name: texts.pages.accountWebhooks, icon: Webhook, path: "/account/webhooks", hidden: true },
  { name: texts.pages.desk, icon: Inbox, path: "/desk", when: ({ roles }) => roles.includes("support") },
];

/**
 * subPage returns the page of a profile that an address is at, such as "/team";
 * "" for its first and for other addresses.
 */
export function subPage(pathname: string): string {
  const segment = /^\/p\/[^/]+\/([^/]+)/.exec(pathname)?.[1];
  return segment && profilePages.some(({ path }) => path === `/${segment}`) ? `/${segment}` : "";
}
