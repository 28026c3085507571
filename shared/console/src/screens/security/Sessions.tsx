import { queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import { Badge } from "../../kit/Badge.tsx";
import { Button } from "../../kit/Button.tsx";
import { ConfirmDialog } from "../../kit/Dialog.tsx";
import { Failure } from "../../kit/Notice.tsx";
import { Section } from "../../kit/Page.tsx";
import { Loaded } from "../../kit/States.tsx";
import { Table } from "../../kit/Table.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread, useAction } from "../../kit/useAction.ts";
import { Time } from "../../kit/Values.tsx";
import { security as texts } from "../../messages/en/security.ts";
import { agentName } from "./agent.ts";
import styles from "./Security.module.css";

type Row = components["schemas"]["SessionRow"];

const sessionKey = [...keys.account, "sessions"] as const;

const sessionsQuery = queryOptions({
  queryKey: sessionKey,
  queryFn: ({ signal }) => api.GET("/account/session", { signal }),
});

/**
 * The browsers that have a session: this one first, then the others, the last
 * used first.
 */
export function Sessions() {
  const query = useQuery(sessionsQuery);
  const [ending, setEnding] = useState(false);
  const others = (query.data ?? []).some(({ current }) => !current);
  async function endOthers() {
    await api.DELETE("/account/session");
    await reread(sessionKey);
    toast(texts.endedOthers);
  }
  return (
    <Section
      title={texts.sessions}
      lead={texts.sessionsLead}
      actions={others && <Button onPress={() => setEnding(true)}>{texts.endOthers}</Button>}
    >
      <Loaded query={query}>
        {(rows) => (
          <Table
            label={texts.sessions}
            rows={sorted(rows)}
            rowKey={({ id }) => id}
            columns={[
              {
                id: "agent",
                name: texts.session,
                primary: true,
                cell: ({ agent, current }) => (
                  <span className={styles.name}>
                    {agentName(agent)} {current && <Badge tone="good">{texts.current}</Badge>}
                  </span>
                ),
              },
              { id: "address", name: texts.address, cell: ({ address }) => <code>{address}</code> },
              { id: "used", name: texts.used, cell: ({ used_at }) => <Time at={used_at} as="relative" /> },
              { id: "since", name: texts.since, cell: ({ created_at }) => <Time at={created_at} /> },
              { id: "ends", name: texts.ends, cell: ({ expires_at }) => <Time at={expires_at} as="relative" /> },
              {
                id: "end",
                name: texts.actions,
                action: true,
                cell: (row) => (row.current ? null : <End row={row} />),
              },
            ]}
          />
        )}
      </Loaded>
      {ending && (
        <ConfirmDialog
          title={texts.endOthersTitle}
          text={texts.endOthersText}
          action={texts.endOthers}
          onClose={() => setEnding(false)}
          onConfirm={endOthers}
          failure={(error) => <Failure error={error} />}
        />
      )}
    </Section>
  );
}

function End({ row: { id, agent } }: { row: Row }) {
  const { act, pending } = useAction();
  const name = agentName(agent);
  return (
    <Button
      small
      isPending={pending}
      aria-label={texts.endName(name)}
      onPress={() =>
        act(() => api.DELETE("/account/session/{session}", { params: { path: { session: id } } }), {
          done: texts.ended(name),
          reread: [sessionKey],
        })
      }
    >
      {texts.end}
    </Button>
  );
}

const sorted = (rows: readonly Row[]): Row[] =>
  [...rows].sort((a, b) => Number(b.current) - Number(a.current) || b.used_at.localeCompare(a.used_at));
