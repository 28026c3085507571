import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { profilesQuery } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import { Badge } from "../../kit/Badge.tsx";
import { Button } from "../../kit/Button.tsx";
import { Link } from "../../kit/Link.tsx";
import { Monogram } from "../../kit/Monogram.tsx";
import { Page, Section } from "../../kit/Page.tsx";
import { SearchField } from "../../kit/SearchField.tsx";
import { Empty, Loaded } from "../../kit/States.tsx";
import { type Column, Table } from "../../kit/Table.tsx";
import { home as texts } from "../../messages/en/home.ts";
import { AddProfile } from "./AddProfile.tsx";
import styles from "./Home.module.css";

type Row = components["schemas"]["ProfileRow"];

const filterFrom = 8;

export function Home() {
  const query = useQuery(profilesQuery);
  const [adding, setAdding] = useState(false);
  const [text, setText] = useState("");
  const add = (
    <Button kind="primary" icon={Plus} onPress={() => setAdding(true)}>
      {texts.add}
    </Button>
  );
  return (
    <Page title={texts.title} lead={texts.lead} actions={add}>
      <Loaded query={query}>
        {(all) => {
          const wanted = text.trim().toLocaleLowerCase();
          const rows = all.filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
          const own = rows.filter(({ from_share }) => !from_share);
          const shared = rows.filter(({ from_share }) => from_share);
          if (all.length === 0) {
            return (
              <Empty title={texts.emptyTitle} actions={add}>
                {texts.empty}
              </Empty>
            );
          }
          return (
            <>
              {all.length > filterFrom && (
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
            </>
          );
        }}
      </Loaded>
      {adding && <AddProfile onClose={() => setAdding(false)} />}
    </Page>
  );
}

function Profiles({ title, rows }: { title: string; rows: readonly Row[] }) {
  const columns: Column<Row>[] = [
    {
      id: "name",
      name: texts.name,
      primary: true,
      cell: ({ id, name, logo_url }) => (
        <span className={styles.who}>
          <Monogram id={id} name={name} logo={logo_url} size={32} />
          <Link to="/p/$profile" params={{ profile: id }}>
            {name}
          </Link>
        </span>
      ),
    },
    {
      id: "role",
      name: texts.role,
      cell: ({ from_share }) =>
        from_share ? <Badge tone="accent">{texts.memberOnly}</Badge> : <Badge>{texts.owner}</Badge>,
    },
  ];
  return (
    <Section plain title={title}>
      <Table label={title} columns={columns} rows={rows} rowKey={({ id }) => id} />
    </Section>
  );
}
