import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { api } from "../../api/index.ts";
import { accountQuery, keys } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import { Checkbox } from "../../kit/Checkbox.tsx";
import { Form } from "../../kit/Form.tsx";
import { Link } from "../../kit/Link.tsx";
import { Facts, Page, Section } from "../../kit/Page.tsx";
import { RadioGroup } from "../../kit/RadioGroup.tsx";
import { Select } from "../../kit/Select.tsx";
import { Loaded } from "../../kit/States.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { CopyId, Time } from "../../kit/Values.tsx";
import { languages } from "../../lib/languages.ts";
import { applyTheme, type Theme } from "../../lib/theme.ts";
import { zones } from "../../lib/zones.ts";
import { account as texts } from "../../messages/en/account.ts";
import { plans } from "../../messages/en/services.ts";
import { refreshSession } from "../../session/store.ts";
import { AccountTabs } from "./AccountTabs.tsx";
import { Preferences } from "./Preferences.tsx";

type View = components["schemas"]["AccountView"];
type Dates = keyof typeof texts.dates;
type Times = keyof typeof texts.times;
type Numbers = keyof typeof texts.numbers;

const choices = <K extends string>(names: Record<K, string>) =>
  (Object.keys(names) as K[]).map((id) => ({ id, name: names[id] }));

export function Account() {
  const query = useQuery(accountQuery);
  return (
    <Page title={texts.title} lead={texts.lead}>
      <AccountTabs />
      <Loaded query={query}>
        {(account) => (
          <>
            <Person account={account} />
            <Regional account={account} />
            <Preferences of={account.notifications} />
            <Appearance />
            <About account={account} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

async function saved() {
  await Promise.all([reread(keys.account), refreshSession()]);
  toast(texts.saved);
}

function Person({ account }: { account: View }) {
  const form = useForm({
    initial: {
      name: account.name,
      company: account.company,
      phone: account.phone ?? "",
      country: account.country ?? "",
      newsletter: account.newsletter,
    },
    save: ({ phone, country, ...rest }) =>
      api.PUT("/account", { body: { ...rest, phone: phone || null, country: country || null } }),
    onSaved: saved,
  });
  return (
    <Section title={texts.person}>
      <Form form={form} narrow guard submit={texts.save}>
        <TextField label={texts.name} autoComplete="name" isRequired maxLength={100} {...form.field("name")} />
        <TextField
          label={texts.email}
          type="email"
          isReadOnly
          value={account.email}
          hint={<Link to="/account/security">{texts.emailChange}</Link>}
        />
        <TextField label={texts.company} optional autoComplete="organization" {...form.field("company")} />
        <TextField
          label={texts.country}
          optional
          autoComplete="country-name"
          maxLength={100}
          {...form.field("country")}
        />
        <TextField label={texts.phone} optional type="tel" autoComplete="tel" {...form.field("phone")} />
        <Checkbox
          name="newsletter"
          isSelected={form.values.newsletter}
          onChange={(newsletter) => form.set({ newsletter })}
        >
          {texts.newsletter}
        </Checkbox>
      </Form>
    </Section>
  );
}

function Regional({ account }: { account: View }) {
  const { language, timezone, options } = account;
  const form = useForm<{ language: string; timezone: string; date: Dates; time: Times; numbers: Numbers }>({
    initial: {
      language,
      timezone,
      date: (options.date_format as Dates | undefined) ?? "YYYY-MM-DD",
      time: (options.time_format as Times | undefined) ?? "24",
      numbers: `${options.decimal_separator}${options.thousand_separator}` as Numbers,
    },
    save: ({ language, timezone, date, time, numbers }) =>
      api.PUT("/account", {
        body: {
          language,
          timezone,
          options: {
            date_format: date,
            time_format: time,
            decimal_separator: numbers[0] ?? ".",
            thousand_separator: numbers.slice(1),
          },
        },
      }),
    onSaved: saved,
  });
  const spoken = useMemo(() => languages(language), [language]);
  const known = useMemo(() => zones(timezone), [timezone]);
  return (
    <Section title={texts.regional} lead={texts.regionalLead}>
      <Form form={form} narrow guard submit={texts.save}>
        <Select
          searchable
          label={texts.language}
          hint={texts.languageHint}
          choices={spoken}
          {...form.field("language")}
        />
        <Select searchable label={texts.zone} choices={known} {...form.field("timezone")} />
        <Select label={texts.date} choices={choices(texts.dates)} {...form.field("date")} />
        <Select label={texts.time} choices={choices(texts.times)} {...form.field("time")} />
        <Select label={texts.separators} choices={choices(texts.numbers)} {...form.field("numbers")} />
      </Form>
    </Section>
  );
}

function Appearance() {
  const [theme, setTheme] = useState<Theme>(applyTheme);
  return (
    <Section title={texts.theme} lead={texts.themeLead}>
      <RadioGroup
        label={texts.theme}
        choices={choices(texts.themes)}
        value={theme}
        onChange={(chosen) => setTheme(applyTheme(chosen))}
      />
    </Section>
  );
}

function About({ account }: { account: View }) {
  return (
    <Section title={texts.about}>
      <Facts
        pairs={[
          [texts.id, <CopyId key="id" label={texts.id} value={account.id} />],
          [texts.plan, plans[account.plan]],
          [texts.since, <Time key="since" at={account.created_at} as="date" />],
          [texts.lastLogin, <Time key="login" at={account.last_login} />],
        ]}
      />
    </Section>
  );
}
