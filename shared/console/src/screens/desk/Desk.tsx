import { useQuery } from "@tanstack/react-query";
import { ApiError } from "../../api/errors.ts";
import type { components } from "../../api/schema.d.ts";
import { Badge } from "../../kit/Badge.tsx";
import { Bar } from "../../kit/Bar.tsx";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Page } from "../../kit/Page.tsx";
import { Empty, Loaded } from "../../kit/States.tsx";
import { type Column, Table } from "../../kit/Table.tsx";
import { desk as texts } from "../../messages/en/transfer.ts";
import { capital, span, whoseTurn } from "../transfer/words.ts";
import styles from "./Desk.module.css";
import { deskAmount, deskQuery } from "./queries.ts";

type Row = components["schemas"]["QueueRow"];

const columns: Column<Row>[] = [
  {
    id: "ticket",
    name: texts.ticket,
    primary: true,
    cell: ({ ticket }) => (
      <Link to="/desk/$ticket" params={{ ticket }} className={styles.ticket}>
        {ticket}
      </Link>
    ),
  },
  { id: "profile", name: texts.profile, cell: ({ profile }) => profile.name },
  { id: "to", name: texts.to, cell: ({ email, reverts }) => (reverts ? texts.takesBack(reverts) : email) },
  {
    id: "age",
    name: texts.age,
    cell: ({ age_minutes, target_minutes, late }) => (
      <span className={styles.age}>
        <Bar
          label={texts.age}
          used={age_minutes}
          limit={target_minutes}
          words={texts.of(span(age_minutes), span(target_minutes))}
        >
          {late && <Badge tone="bad">{texts.late(span(target_minutes))}</Badge>}
        </Bar>
      </span>
    ),
  },
  { id: "next", name: texts.next, cell: (row) => capital(whoseTurn(row)) },
];

export function Desk() {
  const query = useQuery(deskQuery);
  if (query.isError && query.error instanceof ApiError && query.error.status === 404) return <NoAgent />;
  return (
    <Page title={texts.title} lead={texts.lead}>
      <Loaded query={query}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={texts.emptyTitle}>{texts.empty}</Empty>
          ) : (
            <>
              <Table label={texts.list} columns={columns} rows={rows} rowKey={({ ticket }) => ticket} />
              {rows.length === deskAmount && <Notice>{texts.more}</Notice>}
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

/** For this account there is no desk. */
export function NoAgent() {
  return (
    <Page title={texts.title}>
      <Notice kind="warn">{texts.notAgent}</Notice>
    </Page>
  );
}
