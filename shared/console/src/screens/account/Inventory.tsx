import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import { Button } from "../../kit/Button.tsx";
import { Link } from "../../kit/Link.tsx";
import { Page } from "../../kit/Page.tsx";
import { Segments } from "../../kit/Segments.tsx";
import { Bone, Empty, Loaded } from "../../kit/States.tsx";
import { Table } from "../../kit/Table.tsx";
import { Time } from "../../kit/Values.tsx";
import { inventory as texts } from "../../messages/en/inventory.ts";
import { permissions } from "../../messages/en/permissions.ts";
import { tokens } from "../../messages/en/tokens.ts";
import { Ends, LastUse, StateBadges } from "../tokens/Cells.tsx";
import { readToken } from "../tokens/tokens.ts";
import { AccountTabs } from "./AccountTabs.tsx";

type Row = components["schemas"]["InventoryRow"];

/** The filters, each with the parameter of the list. */
const filters = { all: {}, never: { never_expires: true }, unused: { unused: true }, former: { removed_member: true } };
type Filter = keyof typeof filters;

const page = 100;

const inventoryQuery = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: [...keys.account, "inventory", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api.page("/account/token", {
        params: { query: { amount: page, ...filters[filter], ...(pageParam && { nextToken: pageParam }) } },
        signal,
      }),
    getNextPageParam: ({ next }) => next,
  });

/** The tokens of all profiles that the account owns. */
export function Inventory() {
  const [filter, setFilter] = useState<Filter>("all");
  const query = useInfiniteQuery(inventoryQuery(filter));
  return (
    <Page title={texts.title} lead={texts.lead}>
      <AccountTabs />
      <Segments
        label={texts.show}
        value={filter}
        onChange={setFilter}
        choices={(Object.keys(filters) as Filter[]).map((id) => ({ id, name: texts.filters[id] }))}
      />
      <Loaded query={query} skeleton={<Bone height="13rem" />}>
        {(data) => {
          const rows = data.pages.flatMap(({ rows }) => rows as Row[]);
          return (
            <>
              {rows.length > 0 ? <Tokens rows={rows} /> : <Empty title={texts.none}>{texts.about[filter]}</Empty>}
              {query.hasNextPage && (
                <Button isPending={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
                  {texts.more}
                </Button>
              )}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Tokens({ rows }: { rows: readonly Row[] }) {
  const all = rows.map((row) => ({ ...readToken(row), profile: row.ref_id ?? "", of: row.profile_name, row }));
  return (
    <Table
      label={texts.title}
      rows={all}
      rowKey={({ id }) => id}
      columns={[
        {
          id: "name",
          name: tokens.name,
          primary: true,
          cell: (token) => (
            <>
              {token.row.former_member ? (
                token.name
              ) : (
                <Link to="/p/$profile/tokens/$token" params={{ profile: token.profile, token: token.id }}>
                  {token.name}
                </Link>
              )}{" "}
              <StateBadges token={token} />
            </>
          ),
        },
        { id: "profile", name: texts.profile, cell: ({ of }) => of },
        { id: "may", name: tokens.may, cell: ({ permission }) => permissions.names[permission] },
        { id: "used", name: tokens.used, cell: (token) => <LastUse token={token} /> },
        { id: "ends", name: tokens.ends, cell: (token) => <Ends token={token} /> },
        { id: "made", name: tokens.made, cell: ({ made }) => <Time at={made} as="date" /> },
      ]}
    />
  );
}
