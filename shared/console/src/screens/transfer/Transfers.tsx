import { useInfiniteQuery } from "@tanstack/react-query";
import type { components } from "../../api/schema.d.ts";
import { Button } from "../../kit/Button.tsx";
import { Link } from "../../kit/Link.tsx";
import { Page, Section } from "../../kit/Page.tsx";
import { Empty, Loaded } from "../../kit/States.tsx";
import { type Column, Table } from "../../kit/Table.tsx";
import { Time } from "../../kit/Values.tsx";
import { transfers as texts } from "../../messages/en/transfer.ts";
import { transfersQuery } from "./queries.ts";
import { StateBadge } from "./StateBadge.tsx";
import styles from "./Transfer.module.css";
import { isOpen } from "./words.ts";

type Row = components["schemas"]["TransferRow"];

const ticket: Column<Row> = {
  id: "profile",
  name: texts.profile,
  primary: true,
  cell: ({ ticket, profile }) => (
    <Link to="/transfers/$ticket" params={{ ticket }} className={styles.link}>
      {profile.name}
    </Link>
  ),
};
const number: Column<Row> = {
  id: "ticket",
  name: texts.ticket,
  cell: ({ ticket, reverts }) => (reverts ? `${ticket}, ${texts.takesBack(reverts)}` : ticket),
};
const to: Column<Row> = { id: "to", name: texts.other, cell: ({ email }) => email };
const until: Column<Row> = { id: "until", name: texts.until, cell: ({ expires_at }) => <Time at={expires_at} /> };
const part: Column<Row> = { id: "part", name: texts.role, cell: ({ role }) => texts.roles[role] ?? role };
const state: Column<Row> = { id: "state", name: texts.state, cell: (row) => <StateBadge view={row} /> };
const ended: Column<Row> = {
  id: "ended",
  name: texts.ended,
  cell: ({ ended_at, expires_at }) => <Time at={ended_at ?? expires_at} />,
};

/**
 * The transfers of the account: those to answer first, then those that it
 * offers, then those that have ended.
 */
export function Transfers() {
  const query = useInfiniteQuery(transfersQuery);
  return (
    <Page title={texts.title} lead={texts.lead}>
      <Loaded query={query}>
        {({ pages }) => {
          const rows = pages.flatMap(({ rows }) => rows);
          const open = rows.filter((row) => isOpen(row));
          const receiving = open.filter(({ role }) => role === "destination");
          const giving = open.filter(({ role }) => role !== "destination");
          const over = rows.filter((row) => !isOpen(row));
          if (rows.length === 0) return <Empty title={texts.emptyTitle}>{texts.empty}</Empty>;
          return (
            <>
              <Group title={texts.receiving} rows={receiving} columns={[ticket, number, until]} />
              <Group title={texts.giving} rows={giving} columns={[ticket, number, to, until]} />
              <Group title={texts.over} rows={over} columns={[ticket, number, part, to, state, ended]} />
              {query.hasNextPage && (
                <div>
                  <Button isPending={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
                    {texts.older}
                  </Button>
                </div>
              )}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Group({ title, rows, columns }: { title: string; rows: readonly Row[]; columns: readonly Column<Row>[] }) {
  if (rows.length === 0) return null;
  return (
    <Section plain title={title}>
      <Table label={title} columns={columns} rows={rows} rowKey={({ ticket }) => ticket} />
    </Section>
  );
}
