import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { profileQuery, subscriptionQuery, summaryQuery } from "../../api/queries.ts";
import { Badge } from "../../kit/Badge.tsx";
import { Bar } from "../../kit/Bar.tsx";
import { Facts, Page, Section } from "../../kit/Page.tsx";
import { Bone, Loaded } from "../../kit/States.tsx";
import { CopyId, Time } from "../../kit/Values.tsx";
import { listed, useFormat } from "../../lib/format.ts";
import { common } from "../../messages/en/common.ts";
import { general as texts } from "../../messages/en/general.ts";
import { addons, levels, plans, serviceIds, services } from "../../messages/en/services.ts";
import { useProfile } from "../../shell/Profile.tsx";
import styles from "./General.module.css";
import { NameButton, NameForm } from "./Rename.tsx";

export function General() {
  const { id, name, own } = useProfile();
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
      heading={own && !renaming ? <NameButton ref={button} name={name} onPress={() => setRenaming(true)} /> : name}
      editor={renaming && <NameForm id={id} name={name} onClose={close} />}
      beside={!own && <Badge tone="accent">{texts.shared}</Badge>}
      lead={texts.lead}
    >
      <Usage id={id} own={own} />
      <About id={id} own={own} />
    </Page>
  );
}

function Usage({ id, own }: { id: string; own: boolean }) {
  const summary = useQuery(summaryQuery(id));
  const subscription = useQuery({ ...subscriptionQuery, enabled: own });
  const { moment } = useFormat();
  const end = subscription.data?.current_cycle.end;
  const bars = (which: readonly (typeof serviceIds)[number][]) => (
    <Loaded
      query={summary}
      skeleton={
        <Bars>
          {which.map((service) => (
            <Bone key={service} height="2rem" />
          ))}
        </Bars>
      }
    >
      {({ limit, limit_used }) => (
        <Bars>
          {which.map((service) => (
            <Bar
              key={service}
              label={texts.service(services[service].name, services[service].unit)}
              used={limit_used[service] ?? 0}
              limit={limit[service] ?? 0}
            >
              {services[service].name}
            </Bar>
          ))}
        </Bars>
      )}
    </Loaded>
  );
  return (
    <>
      <Section title={texts.usage} lead={end && texts.usageLead(moment(end))}>
        {bars(serviceIds.filter((service) => !levels.includes(service)))}
      </Section>
      <Section title={texts.stored} lead={texts.storedLead}>
        {bars(levels)}
      </Section>
    </>
  );
}

function Bars({ children }: { children: React.ReactNode }) {
  return <div className={styles.bars}>{children}</div>;
}

function About({ id, own }: { id: string; own: boolean }) {
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
                [texts.owner, own ? texts.you : texts.shared],
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
