import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { overviewQuery, profileQuery } from "../../api/queries.ts";
import { Bar } from "../../kit/Bar.tsx";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Facts, Page, Section } from "../../kit/Page.tsx";
import { Loaded } from "../../kit/States.tsx";
import { CopyId, Time } from "../../kit/Values.tsx";
import { listed, useFormat } from "../../lib/format.ts";
import { shareOf } from "../../lib/limits.ts";
import { common } from "../../messages/en/common.ts";
import { general as texts } from "../../messages/en/general.ts";
import { addons, plans, serviceIds, services } from "../../messages/en/services.ts";
import { Given } from "../../shell/Given.tsx";
import { type OpenProfile, useProfile } from "../../shell/Profile.tsx";
import styles from "./General.module.css";
import { Logo } from "./Logo.tsx";
import { NameButton, NameForm } from "./Rename.tsx";
import { Spending } from "./Spending.tsx";

export function General() {
  const profile = useProfile();
  const { id, name, own, owner_name, permission, writes } = profile;
  const [renaming, setRenaming] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  function close() {
    setRenaming(false);
    // The button is there again after the next drawing.
    setTimeout(() => button.current?.focus());
  }
  return (
    <Page
      title={texts.title}
      within={name}
      heading={writes && !renaming ? <NameButton ref={button} name={name} onPress={() => setRenaming(true)} /> : name}
      editor={renaming && <NameForm id={id} name={name} onClose={close} />}
      beside={<Given />}
      lead={texts.lead}
    >
      {!writes && <Notice>{texts.readOnly}</Notice>}
      <UsedUp profile={profile} />
      <Stopped profile={profile} />
      <Usage profile={profile} />
      {permission === "billing" && !own && <Spending />}
      {writes && <Logo profile={profile} />}
      <About id={id} owner={own ? texts.you : owner_name} />
    </Page>
  );
}

// The services that are used up, and the ways to get more of them.
function UsedUp({ profile }: { profile: OpenProfile }) {
  const { data } = useQuery(overviewQuery);
  const used = serviceIds.filter((service) => shareOf(profile, service).blocked && !profile.stopped.includes(service));
  if (used.length === 0) return null;
  const several = data?.profiles.filter(({ role }) => role === "owner").length !== 1;
  return (
    <Notice kind="warn">
      {texts.stopped(listed(used.map((service) => services[service].name)), used.length > 1)}{" "}
      {profile.own ? (
        <>
          {texts.ways} {several && <Link to="/allocation">{texts.divide}</Link>}
          {several && ", "}
          <Link to="/subscription">{texts.raise}</Link>
        </>
      ) : (
        texts.askOwner(profile.owner_name)
      )}
    </Notice>
  );
}

// The services that an alert stops.
function Stopped({ profile: { id, stopped, permission } }: { profile: OpenProfile }) {
  const named = serviceIds.filter((service) => stopped.includes(service));
  if (named.length === 0) return null;
  const all = named.length === serviceIds.length;
  return (
    <Notice kind="warn">
      {texts.stoppedBy(all ? texts.all : listed(named.map((service) => services[service].name)), named.length > 1)}{" "}
      {permission !== "usage" && (
        <Link to="/p/$profile/alerts" params={{ profile: id }}>
          {texts.toAlerts}
        </Link>
      )}
    </Notice>
  );
}

function Usage({ profile }: { profile: OpenProfile }) {
  const { moment, number } = useFormat();
  const shares = serviceIds.map((service) => shareOf(profile, service));
  const bars = (level: boolean) => (
    <Bars>
      {shares
        .filter((share) => share.level === level)
        .map(({ service, used, limit, blocked }) => (
          <div key={service}>
            <Bar
              label={texts.service(services[service].name, services[service].unit)}
              used={used}
              limit={limit}
              blocked={blocked}
            >
              {services[service].name}
            </Bar>
            {blocked && (
              <p className={styles.blocked}>
                {profile.stopped.includes(service)
                  ? texts.stoppedNow
                  : level
                    ? texts.blockedLevel
                    : texts.blocked(moment(profile.reset_at))}
              </p>
            )}
            {(profile.over[service] ?? 0) > 0 && (
              <p className={styles.over}>{texts.over(number(profile.over[service] ?? 0))}</p>
            )}
          </div>
        ))}
    </Bars>
  );
  return (
    <>
      <Section title={texts.usage} lead={texts.usageLead(moment(profile.reset_at))}>
        {bars(false)}
      </Section>
      <Section title={texts.stored} lead={texts.storedLead}>
        {bars(true)}
      </Section>
    </>
  );
}

function Bars({ children }: { children: React.ReactNode }) {
  return <div className={styles.bars}>{children}</div>;
}

function About({ id, owner }: { id: string; owner: string }) {
  const query = useQuery(profileQuery(id));
  const { number } = useFormat();
  return (
    <Section title={texts.about}>
      <Loaded query={query}>
        {(profile) => {
          const { longest_days, never } = profile.token_policy;
          const has = (Object.keys(addons) as (keyof typeof addons)[]).filter((addon) => profile.addons[addon]);
          return (
            <Facts
              pairs={[
                [texts.id, <CopyId key="id" label={texts.id} value={id} />],
                [texts.owner, owner],
                [texts.plan, plans[profile.account_plan]],
                [texts.addons, listed(has.map((addon) => addons[addon])) || common.none],
                [
                  texts.tokens,
                  longest_days ? texts.days(number(longest_days)) : never ? texts.unlimited : texts.limitless,
                ],
                [texts.created, <Time key="created" at={profile.info.created_at} as="date" />],
              ]}
            />
          );
        }}
      </Loaded>
    </Section>
  );
}
