import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { accountQuery, profileQuery, teamQuery } from "../../api/queries.ts";
import { Page } from "../../kit/Page.tsx";
import { audit as texts } from "../../messages/en/audit.ts";
import { useSession } from "../../session/store.ts";
import { Given } from "../../shell/Given.tsx";
import { useProfile } from "../../shell/Profile.tsx";
import { AccountTabs } from "../account/AccountTabs.tsx";
import { AuditLog } from "./AuditLog.tsx";
import type { AuditSearch } from "./search.ts";

const profileRoute = getRouteApi("/inside/p/$profile/audit");
const accountRoute = getRouteApi("/inside/account/audit");

/** The audit log of a profile. */
export function ProfileAudit() {
  const { id, name, own, owner_name, account } = useProfile();
  const me = useSession();
  const search = profileRoute.useSearch();
  const navigate = profileRoute.useNavigate();
  const profile = useQuery(profileQuery(id));
  const team = useQuery(teamQuery(id));
  const people = new Map<string, string>();
  for (const member of team.data ?? []) {
    if (member.active) people.set(member.id, member.name || member.email);
  }
  if (!own && account) people.set(account, owner_name);
  people.set(me.account, texts.you);
  return (
    <Page title={texts.title} within={name} lead={texts.lead} beside={<Given />}>
      <AuditLog
        log={{ profile: id }}
        search={search}
        onSearch={(search: AuditSearch) => void navigate({ search })}
        people={people}
        plan={profile.data?.account_plan}
        own={own}
      />
    </Page>
  );
}

/** The audit log of the account. */
export function AccountAudit() {
  const me = useSession();
  const search = accountRoute.useSearch();
  const navigate = accountRoute.useNavigate();
  const account = useQuery(accountQuery);
  return (
    <Page title={texts.title} lead={texts.accountLead}>
      <AccountTabs />
      <AuditLog
        log="account"
        search={search}
        onSearch={(search: AuditSearch) => void navigate({ search })}
        people={new Map([[me.account, texts.you]])}
        plan={account.data?.plan}
        own
      />
    </Page>
  );
}
