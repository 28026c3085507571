import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Badge } from "../../kit/Badge.tsx";
import { Bar } from "../../kit/Bar.tsx";
import { Button } from "../../kit/Button.tsx";
import { Form } from "../../kit/Form.tsx";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Page } from "../../kit/Page.tsx";
import { Segments } from "../../kit/Segments.tsx";
import { Empty, Loaded } from "../../kit/States.tsx";
import { type Column, Table } from "../../kit/Table.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { useForm } from "../../kit/useForm.ts";
import { capital } from "../../lib/format.ts";
import { ticketOf } from "../../lib/tickets.ts";
import { desk as texts } from "../../messages/en/desk.ts";
import { span, whoseTurn } from "../transfer/words.ts";
import styles from "./Desk.module.css";
import type { Filter } from "./filter.ts";
import { deskAmount, deskQuery } from "./queries.ts";
import { queueOf, type Row } from "./queue.ts";

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
          {late && <Badge tone="bad">{texts.late}</Badge>}
        </Bar>
      </span>
    ),
  },
  { id: "next", name: texts.next, cell: (row) => capital(whoseTurn(row)) },
];

const filters = (Object.keys(texts.filters) as Filter[]).map((id) => ({ id, name: texts.filters[id] }));

/** The open transfers, for those who decide about them. */
export function Desk() {
  const query = useQuery(deskQuery);
  const { show = "support" } = useSearch({ from: "/inside/desk" });
  const navigate = useNavigate({ from: "/desk" });
  const choose = (show: Filter) => void navigate({ search: show === "support" ? {} : { show }, replace: true });
  return (
    <Page title={texts.title} lead={texts.lead}>
      <Loaded query={query}>
        {(all) => {
          const rows = queueOf(all, show);
          return (
            <>
              <div className={styles.tools}>
                <Segments label={texts.show} value={show} onChange={choose} choices={filters} />
                <Find />
              </div>
              <p role="status" className="visually-hidden">
                {texts.count(rows.length)}
              </p>
              {all.length === 0 ? (
                <Empty title={texts.emptyTitle}>{texts.empty}</Empty>
              ) : rows.length === 0 ? (
                <Empty
                  title={texts.noneHere}
                  actions={<Button onPress={() => choose("all")}>{texts.showAll}</Button>}
                />
              ) : (
                <Table label={texts.list} columns={columns} rows={rows} rowKey={({ ticket }) => ticket} />
              )}
              {all.length === deskAmount && <Notice>{texts.more}</Notice>}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

// Find opens a ticket by its number: those that have ended are in no list.
function Find() {
  const navigate = useNavigate();
  const form = useForm({
    initial: { ticket: "" },
    save: async ({ ticket: typed }) => {
      const ticket = ticketOf(typed);
      if (!ticket) throw new Error(texts.findWrong);
      await navigate({ to: "/desk/$ticket", params: { ticket } });
    },
  });
  return (
    <div className={styles.find}>
      <Form
        form={form}
        submit={
          <Button type="submit" isPending={form.pending}>
            {texts.open}
          </Button>
        }
      >
        <TextField label={texts.find} autoComplete="off" isRequired maxLength={20} {...form.field("ticket")} />
      </Form>
    </div>
  );
}
