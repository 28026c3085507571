import { useQuery } from "@tanstack/react-query";
import ArrowLeftRight from "lucide-react/icons/arrow-left-right";
import Plus from "lucide-react/icons/plus";
import { lazy, Suspense, useState } from "react";
import { deletedQuery, overviewQuery } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import { Badge } from "../../kit/Badge.tsx";
import { Bar } from "../../kit/Bar.tsx";
import { Button } from "../../kit/Button.tsx";
import { Link } from "../../kit/Link.tsx";
import { Monogram } from "../../kit/Monogram.tsx";
import { Page, Section } from "../../kit/Page.tsx";
import { SearchField } from "../../kit/SearchField.tsx";
import { Bone, Empty, Loaded } from "../../kit/States.tsx";
import { type Column, Table } from "../../kit/Table.tsx";
import { useFormat } from "../../lib/format.ts";
import { byCloseness, closest } from "../../lib/limits.ts";
import { home as texts } from "../../messages/en/home.ts";
import { services } from "../../messages/en/services.ts";
import styles from "./Home.module.css";
import { mayBeNew } from "./steps.ts";

type Row = components["schemas"]["ProfileOutline"];

const AddProfile = lazy(() => import("./AddProfile.tsx").then(({ AddProfile }) => ({ default: AddProfile })));
const Deleted = lazy(() => import("./Deleted.tsx").then(({ Deleted }) => ({ default: Deleted })));
const FirstDay = lazy(() => import("./FirstDay.tsx").then(({ FirstDay }) => ({ default: FirstDay })));

const filterFrom = 8;

export function Home() {
  const query = useQuery(overviewQuery);
  const { data: deleted = [] } = useQuery(deletedQuery);
  const [adding, setAdding] = useState(false);
  const [text, setText] = useState("");
  const add = (
    <Button kind="primary" icon={Plus} onPress={() => setAdding(true)}>
      {texts.add}
    </Button>
  );
  return (
    <Page title={texts.title} lead={texts.lead} actions={add}>
      <Loaded query={query} skeleton={["a", "b", "c"].map((key) => <Bone key={key} height="3.25rem" />)}>
        {(overview) => {
          const { profiles } = overview;
          const wanted = text.trim().toLocaleLowerCase();
          const rows = profiles.filter(({ name }) => name.toLocaleLowerCase().includes(wanted)).sort(byNeed);
          const own = rows.filter(({ role }) => role === "owner");
          const shared = rows.filter(({ role }) => role !== "owner");
          if (profiles.length === 0) {
            return (
              <Empty title={texts.emptyTitle} actions={add}>
                {texts.empty}
              </Empty>
            );
          }
          return (
            <>
              {profiles.length > filterFrom && (
                <div className={styles.filter}>
                  <SearchField label={texts.filter} value={text} onChange={setText} />
                </div>
              )}
              {rows.length === 0 && (
                <Empty
                  title={texts.noMatch(text)}
                  actions={<Button onPress={() => setText("")}>{texts.clear}</Button>}
                />
              )}
              {own.length > 0 && <Profiles title={texts.own} rows={own} />}
              {shared.length > 0 && <Profiles title={texts.shared} rows={shared} />}
              {deleted.length > 0 && (
                <Suspense>
                  <Deleted rows={deleted} />
                </Suspense>
              )}
              {mayBeNew(overview) && (
                <Suspense>
                  <FirstDay overview={overview} />
                </Suspense>
              )}
            </>
          );
        }}
      </Loaded>
      {adding && query.data && (
        <Suspense>
          <AddProfile overview={query.data} onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </Page>
  );
}

// byNeed puts the profile first whose service is closest to its limit.
function byNeed(a: Row, b: Row): number {
  const [first, second] = [closest(a), closest(b)];
  return first && second ? byCloseness(first, second) : Number(!!second) - Number(!!first);
}

function Profiles({ title, rows }: { title: string; rows: readonly Row[] }) {
  const columns: Column<Row>[] = [
    { id: "name", name: texts.name, primary: true, cell: (row) => <Name row={row} /> },
    { id: "closest", name: texts.closest, cell: (row) => <Closest row={row} /> },
    { id: "team", name: texts.team, cell: ({ members, invitations }) => texts.people(members ?? 0, invitations ?? 0) },
    {
      id: "role",
      name: texts.role,
      cell: ({ role, permission }) =>
        role === "owner" ? <Badge>{texts.owner}</Badge> : <Badge tone="accent">{texts.member(permission)}</Badge>,
    },
  ];
  return (
    <Section plain title={title}>
      <Table fixed label={title} columns={columns} rows={rows} rowKey={({ id }) => id} />
    </Section>
  );
}

function Name({ row: { id, name, logo_url, transfer } }: { row: Row }) {
  return (
    <span className={styles.who}>
      <Monogram id={id} name={name} logo={logo_url} size={32} />
      <span className={styles.names}>
        <Link to="/p/$profile" params={{ profile: id }}>
          {name}
        </Link>
        {transfer && (
          <Link to="/transfers/$ticket" params={{ ticket: transfer }} className={styles.transfer}>
            <ArrowLeftRight size="0.875rem" aria-hidden />
            {texts.openTransfer(transfer)}
          </Link>
        )}
      </span>
    </span>
  );
}

function Closest({ row }: { row: Row }) {
  const { date } = useFormat();
  const worst = closest(row);
  if (!worst) return <span className={styles.nothing}>{texts.nothingUsed}</span>;
  const { service, used, limit, blocked, level } = worst;
  const { name } = services[service];
  return (
    <span className={styles.bar}>
      <Bar label={name} used={used} limit={limit} blocked={blocked} />
      {blocked && <span className={styles.blocked}>{texts.blocked(level ? undefined : date(row.reset_at))}</span>}
    </span>
  );
}
