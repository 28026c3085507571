import type { ReactNode } from "react";
import type { components } from "../../api/schema.d.ts";
import { Badge } from "../../kit/Badge.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Section } from "../../kit/Page.tsx";
import { type Column, Table } from "../../kit/Table.tsx";
import { Time } from "../../kit/Values.tsx";
import { useFormat } from "../../lib/format.ts";
import { common } from "../../messages/en/common.ts";
import { desk as texts } from "../../messages/en/desk.ts";
import { plans, serviceIds, services } from "../../messages/en/services.ts";
import { Details } from "../transfer/Checks.tsx";
import type { View } from "../transfer/words.ts";

type Facts = components["schemas"]["AccountFacts"];
type Row = { id: string; name: string; value: (account: Facts) => ReactNode };

/** The accounts of both sides, beside each other. */
export function Accounts({ view }: { view: View }) {
  const { number } = useFormat();
  const { source, destination, email = "", reverts } = view;
  const side = (account: Facts | null | undefined, { value }: Row) => (account ? value(account) : texts.noAccount);
  const columns: Column<Row>[] = [
    { id: "name", name: texts.fact, primary: true, cell: ({ name }) => name },
    { id: "source", name: reverts ? texts.present : texts.owner, cell: (row) => side(source, row) },
    { id: "destination", name: reverts ? texts.previous : texts.receiver, cell: (row) => side(destination, row) },
  ];
  const rows: Row[] = [
    { id: "name", name: texts.rows.name, value: ({ name }) => name },
    { id: "email", name: texts.rows.email, value: ({ email }) => email },
    { id: "plan", name: texts.rows.plan, value: ({ plan }) => plans[plan] },
    {
      id: "blocked",
      name: texts.rows.blocked,
      value: ({ blocked }) => (blocked ? <Badge tone="bad">{texts.yes}</Badge> : texts.no),
    },
    { id: "profiles", name: texts.rows.profiles, value: ({ profiles }) => number(profiles) },
    { id: "since", name: texts.rows.since, value: ({ created_at }) => <Time at={created_at} as="date" /> },
  ];
  const amounts: Row[] = serviceIds.map((service) => ({
    id: service,
    name: services[service].name,
    value: ({ allocated, limits }) => common.usedOf(number(allocated[service] ?? 0), number(limits[service] ?? 0)),
  }));
  return (
    <Section title={texts.accounts}>
      {!destination && <Notice>{texts.offeredTo(email)}</Notice>}
      <Table label={texts.accounts} columns={columns} rows={rows} rowKey={({ id }) => id} />
      <Details summary={texts.allocated}>
        <Table label={texts.allocated} columns={columns} rows={amounts} rowKey={({ id }) => id} />
      </Details>
    </Section>
  );
}
