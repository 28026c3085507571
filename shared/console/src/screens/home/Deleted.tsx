import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import { Button } from "../../kit/Button.tsx";
import { Section } from "../../kit/Page.tsx";
import { Table } from "../../kit/Table.tsx";
import { useAction } from "../../kit/useAction.ts";
import { Time } from "../../kit/Values.tsx";
import { home as texts } from "../../messages/en/home.ts";

type Row = components["schemas"]["DeletedProfileRow"];

/** The deleted profiles that can be restored. */
export function Deleted({ rows }: { rows: readonly Row[] }) {
  return (
    <Section plain title={texts.deleted} lead={texts.deletedLead}>
      <Table
        label={texts.deleted}
        rows={rows}
        rowKey={({ id }) => id}
        columns={[
          { id: "name", name: texts.name, primary: true, cell: ({ name }) => name },
          { id: "deleted", name: texts.deletedAt, cell: ({ deleted_at }) => <Time at={deleted_at} as="relative" /> },
          { id: "until", name: texts.deletedUntil, cell: ({ purge_at }) => <Time at={purge_at} /> },
          { id: "restore", name: texts.deletedActions, action: true, cell: (row) => <Restore row={row} /> },
        ]}
      />
    </Section>
  );
}

function Restore({ row: { id, name } }: { row: Row }) {
  const { act, pending } = useAction();
  async function restore() {
    const back = await act(() => api.POST("/profile/{id}/restore", { params: { path: { id } } }), {
      done: texts.restored(name),
      reread: [keys.account],
    });
    // The button is gone.
    if (back) document.getElementById("main")?.focus();
  }
  return (
    <Button small isPending={pending} aria-label={texts.restoreNamed(name)} onPress={restore}>
      {texts.restore}
    </Button>
  );
}
