import { useInfiniteQuery } from "@tanstack/react-query";
import Archive from "lucide-react/icons/archive";
import Download from "lucide-react/icons/download";
import Ellipsis from "lucide-react/icons/ellipsis";
import RotateCcw from "lucide-react/icons/rotate-ccw";
import Trash2 from "lucide-react/icons/trash-2";
import { type ReactNode, useState } from "react";
import { api } from "../../api/index.ts";
import type { Of } from "../../api/of.ts";
import { Button } from "../../kit/Button.tsx";
import { IconButton } from "../../kit/IconButton.tsx";
import { Menu } from "../../kit/Menu.tsx";
import { Page } from "../../kit/Page.tsx";
import { Bone, Empty, Forbidden, Loaded } from "../../kit/States.tsx";
import { type Column, Table } from "../../kit/Table.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread, useAction } from "../../kit/useAction.ts";
import { Time } from "../../kit/Values.tsx";
import { useFormat } from "../../lib/format.ts";
import { backups as texts } from "../../messages/en/backups.ts";
import { common } from "../../messages/en/common.ts";
import { useSession } from "../../session/store.ts";
import { Given } from "../../shell/Given.tsx";
import { useProfile } from "../../shell/Profile.tsx";
import { AccountTabs } from "../account/AccountTabs.tsx";
import { Done } from "./Done.tsx";
import { ProveDialog } from "./ProveDialog.tsx";
import { type Backup, backupKey, backupsQuery, pathOf, type Restored, routeOf } from "./queries.ts";
import { Restore } from "./Restore.tsx";

type Question = { about: "download" | "restore" | "remove"; backup: Backup };

/** The backups of a profile, for its owner. */
export function Backups() {
  const { id, name, own, owner_name } = useProfile();
  const { act, pending } = useAction();
  const of = { profile: id };
  if (!own) {
    return (
      <Page title={texts.title} within={name} beside={<Given />}>
        <Forbidden>{texts.ownerOnly(owner_name)}</Forbidden>
      </Page>
    );
  }
  const make = () =>
    void act(() => api.POST("/profile/{id}/backup", { params: { path: { id } } }), {
      done: texts.added,
      reread: [backupKey(of), backupKey("account")],
    });
  const add = (
    <Button kind="primary" icon={Archive} isPending={pending} onPress={make}>
      {texts.add}
    </Button>
  );
  return <Whole of={of} title={texts.title} within={name} lead={texts.lead} empty={texts.empty} add={add} />;
}

/** The backups of all profiles of the account, with those that are gone. */
export function AccountBackups() {
  return (
    <Whole
      of="account"
      title={texts.accountTitle}
      lead={texts.accountLead}
      empty={texts.accountEmpty}
      tabs={<AccountTabs />}
    />
  );
}

type Props = {
  of: Of;
  title: string;
  within?: string;
  lead: string;
  empty: string;
  add?: ReactNode;
  tabs?: ReactNode;
};

function Whole({ of, title, within, lead, empty, add, tabs }: Props) {
  const query = useInfiniteQuery(backupsQuery(of));
  const { email } = useSession();
  const [question, setQuestion] = useState<Question>();
  const [done, setDone] = useState<Restored>();
  const close = () => setQuestion(undefined);
  const path = (backup: Backup) => ({ params: { path: pathOf(of, backup.id) } });
  return (
    <Page title={title} within={within} lead={lead} actions={query.data?.pages[0]?.rows.length ? add : false}>
      {tabs}
      <Loaded query={query} skeleton={<Bone height="13rem" />}>
        {(data) => {
          const rows = data.pages.flatMap((page) => page.rows as Backup[]);
          if (rows.length === 0) {
            return (
              <Empty title={texts.emptyTitle} actions={add}>
                {empty}
              </Empty>
            );
          }
          return (
            <>
              <Rows of={of} rows={rows} ask={setQuestion} />
              {query.hasNextPage && (
                <Button isPending={query.isFetchingNextPage} onPress={() => void query.fetchNextPage()}>
                  {texts.more}
                </Button>
              )}
            </>
          );
        }}
      </Loaded>
      {question?.about === "download" && (
        <ProveDialog
          title={texts.downloadTitle}
          action={texts.download}
          onClose={close}
          onConfirm={async (body) => {
            const { url } = await api.POST(routeOf(of, "/{backup}/download"), { ...path(question.backup), body });
            const link = document.createElement("a");
            link.href = url;
            link.click();
            toast(texts.downloaded);
          }}
        >
          <p>{texts.downloadText}</p>
          <p>{texts.downloadMail(email)}</p>
        </ProveDialog>
      )}
      {question?.about === "remove" && (
        <ProveDialog
          title={texts.removeTitle}
          action={texts.remove}
          danger
          onClose={close}
          onConfirm={async (body) => {
            await api.DELETE(routeOf(of, "/{backup}"), { ...path(question.backup), body });
            await reread(backupKey(of), backupKey("account"));
            toast(texts.removed);
          }}
        >
          <p>{texts.removeText}</p>
        </ProveDialog>
      )}
      {question?.about === "restore" && (
        <Restore of={of} backup={question.backup} onClose={close} onRestored={setDone} />
      )}
      {done && <Done restored={done} isNew={of === "account"} onClose={() => setDone(undefined)} />}
    </Page>
  );
}

type RowsProps = { of: Of; rows: readonly Backup[]; ask: (question: Question) => void };

function Rows({ of, rows, ask }: RowsProps) {
  const { number, moment } = useFormat();
  const name: Column<Backup> = { id: "profile", name: texts.profile, cell: ({ profile_name }) => profile_name };
  const columns: Column<Backup>[] = [
    { id: "made", name: texts.made, primary: true, cell: ({ created_at }) => <Time at={created_at} /> },
    ...(of === "account" ? [name] : []),
    { id: "reason", name: texts.reason, cell: ({ reason }) => texts.reasons[reason] },
    { id: "size", name: texts.size, cell: ({ file_size }) => texts.kilobytes(number(Math.ceil(file_size / 1024))) },
    { id: "until", name: texts.until, cell: ({ expire_at }) => <Time at={expire_at} /> },
    {
      id: "actions",
      name: texts.rowActions,
      action: true,
      cell: (backup) => {
        const label = common.actions(moment(backup.created_at));
        return (
          <Menu label={label} actions={actionsOf(of, backup, ask)}>
            <IconButton small icon={Ellipsis} label={label} />
          </Menu>
        );
      },
    },
  ];
  return <Table label={texts.title} columns={columns} rows={rows} rowKey={({ id }) => id} />;
}

const actionsOf = (of: Of, backup: Backup, ask: (question: Question) => void) => [
  { id: "download", name: texts.download, icon: Download, onAction: () => ask({ about: "download", backup }) },
  {
    id: "restore",
    name: of === "account" ? texts.restoreNew : texts.restore,
    icon: RotateCcw,
    onAction: () => ask({ about: "restore", backup }),
  },
  {
    id: "remove",
    name: texts.remove,
    icon: Trash2,
    danger: true,
    apart: true,
    onAction: () => ask({ about: "remove", backup }),
  },
];
