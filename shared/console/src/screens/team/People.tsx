import { useRouter } from "@tanstack/react-router";
import Ellipsis from "lucide-react/icons/ellipsis";
import LogOut from "lucide-react/icons/log-out";
import RefreshCw from "lucide-react/icons/refresh-cw";
import ShieldOff from "lucide-react/icons/shield-off";
import SlidersHorizontal from "lucide-react/icons/sliders-horizontal";
import UserMinus from "lucide-react/icons/user-minus";
import { useState } from "react";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Badge } from "../../kit/Badge.tsx";
import { ConfirmDialog } from "../../kit/Dialog.tsx";
import { IconButton } from "../../kit/IconButton.tsx";
import { Menu } from "../../kit/Menu.tsx";
import { Monogram } from "../../kit/Monogram.tsx";
import { Failure } from "../../kit/Notice.tsx";
import { type Column, Table } from "../../kit/Table.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread, useAction } from "../../kit/useAction.ts";
import { Time } from "../../kit/Values.tsx";
import { common } from "../../messages/en/common.ts";
import { permissions } from "../../messages/en/permissions.ts";
import { team as texts } from "../../messages/en/team.ts";
import { useSession } from "../../session/store.ts";
import { useProfile } from "../../shell/Profile.tsx";
import { ChangePermission } from "./ChangePermission.tsx";
import { isExpired, type Row } from "./rows.ts";
import styles from "./Team.module.css";

type Question = { about: "permission" | "remove" | "withdraw" | "revoke" | "leave"; row: Row };

/** The owner is the first row of the list, without actions. */
const ownerRow = "owner";

/** The owner, the members and the invitations, each with its actions. */
export function People({ rows }: { rows: readonly Row[] }) {
  const { id: profile, name: profileName, own, owner_name } = useProfile();
  const session = useSession();
  const router = useRouter();
  const { act } = useAction();
  const [question, setQuestion] = useState<Question>();
  const nameOf = (row: Row) => row.name || row.email || texts.invitedPerson;
  const ask = (about: Question["about"], row: Row) => () => setQuestion({ about, row });
  const path = (member: string) => ({ params: { path: { id: profile, member } } });
  const renew = (row: Row) => () =>
    void act(
      () =>
        api.POST("/profile/{id}/team", {
          params: { path: { id: profile } },
          body: { email: row.email, permission: row.permission, ends_at: row.ends_at ?? "never" },
        }),
      { done: texts.renewed(row.email), reread: [keys.team(profile), keys.profiles] },
    );

  const actionsOf = (row: Row) => {
    if (row.id === session.account) {
      return [{ id: "leave", name: texts.leave, icon: LogOut, danger: true, onAction: ask("leave", row) }];
    }
    if (!own) return [];
    if (!row.active) {
      const expired = isExpired(row);
      return [
        {
          id: "renew",
          name: expired ? texts.again : texts.renew,
          ...(!expired && { text: texts.renewText }),
          icon: RefreshCw,
          onAction: renew(row),
        },
        !expired && {
          id: "withdraw",
          name: texts.withdraw,
          icon: UserMinus,
          danger: true,
          apart: true,
          onAction: ask("withdraw", row),
        },
      ];
    }
    return [
      {
        id: "permission",
        name: texts.changePermission,
        icon: SlidersHorizontal,
        onAction: ask("permission", row),
      },
      { id: "revoke", name: texts.revoke, icon: ShieldOff, apart: true, onAction: ask("revoke", row) },
      { id: "remove", name: texts.remove, icon: UserMinus, danger: true, onAction: ask("remove", row) },
    ];
  };

  const columns: Column<Row>[] = [
    {
      id: "who",
      name: texts.who,
      primary: true,
      cell: (row) => (
        <span className={styles.who}>
          <Monogram id={row.id} name={nameOf(row)} size={32} />
          <span className={styles.names}>
            <span className={styles.name}>
              {nameOf(row)}
              {row.id === session.account && <Badge>{texts.you}</Badge>}
            </span>
            {row.name && row.email && <span className={styles.quiet}>{row.email}</span>}
          </span>
        </span>
      ),
    },
    {
      id: "permission",
      name: texts.permission,
      cell: (row) => (row.id === ownerRow ? texts.everything : permissions.names[row.permission]),
    },
    { id: "state", name: texts.since, cell: (row) => <State row={row} /> },
    {
      id: "actions",
      name: texts.rowActions,
      action: true,
      cell: (row) => {
        const actions = row.id === ownerRow ? [] : actionsOf(row);
        if (actions.length === 0) return null;
        return (
          <Menu label={common.actions(nameOf(row))} actions={actions}>
            <IconButton small icon={Ellipsis} label={common.actions(nameOf(row))} />
          </Menu>
        );
      },
    },
  ];

  const owner: Row = {
    id: ownerRow,
    active: true,
    name: own ? session.name : owner_name,
    email: own ? session.email : "",
    permission: "full",
    created_at: "",
    ends_at: null,
    state: "active",
    expires_at: null,
    mailed_at: null,
    returned: null,
  };
  const close = () => setQuestion(undefined);
  const row = question?.row;
  const who = row ? nameOf(row) : "";
  const changed = () => reread(keys.team(profile), keys.tokens(profile), keys.profiles);
  const remove = async (member: string, done: string, undo?: () => Promise<unknown>) => {
    await api.DELETE("/profile/{id}/team/{member}", path(member));
    await changed();
    toast(done, undo);
  };
  const restore = (member: string) => async () => {
    await api.POST("/profile/{id}/team/{member}/restore", path(member));
    await changed();
  };
  return (
    <>
      <Table label={texts.list} columns={columns} rows={[owner, ...rows]} rowKey={({ id }) => id} />
      {row && question.about === "permission" && <ChangePermission profile={profile} row={row} onClose={close} />}
      {row && question.about === "remove" && (
        <ConfirmDialog
          title={texts.removeTitle(who)}
          text={texts.removeText(who)}
          action={texts.remove}
          onClose={close}
          onConfirm={() => remove(row.id, texts.removed(who), restore(row.id))}
          failure={failure}
        />
      )}
      {row && question.about === "withdraw" && (
        <ConfirmDialog
          title={texts.withdrawTitle(who)}
          text={texts.withdrawText}
          action={texts.withdraw}
          onClose={close}
          onConfirm={() => remove(row.id, texts.withdrawn(who))}
          failure={failure}
        />
      )}
      {row && question.about === "revoke" && (
        <ConfirmDialog
          title={texts.revokeTitle(who)}
          text={texts.revokeText(who)}
          action={texts.revoke}
          onClose={close}
          onConfirm={async () => {
            await api.DELETE("/profile/{id}/team/{member}/token", path(row.id));
            await reread(keys.tokens(profile));
            toast(texts.revoked(who));
          }}
          failure={failure}
        />
      )}
      {row && question.about === "leave" && (
        <ConfirmDialog
          title={texts.leaveTitle(profileName)}
          text={texts.leaveText}
          action={texts.leave}
          onClose={close}
          onConfirm={async () => {
            await api.DELETE("/profile/{id}/team/{member}", path(row.id));
            await router.navigate({ to: "/profiles", replace: true });
            await reread(keys.account);
            toast(texts.left(profileName));
          }}
          failure={failure}
        />
      )}
    </>
  );
}

const failure = (error: unknown) => <Failure error={error} />;

// A membership often ends with a day, so that its end is the next one.
const lastMoment = (end: string) => new Date(Date.parse(end) - 1).toISOString();

function Until({ row }: { row: Row }) {
  if (row.ends_at === null) return null;
  return (
    <span className={styles.quiet}>
      {texts.memberUntil} <Time at={lastMoment(row.ends_at)} as="date" />
    </span>
  );
}

function State({ row }: { row: Row }) {
  if (row.id === ownerRow) return <Badge tone="accent">{texts.owner}</Badge>;
  if (row.active) {
    return (
      <span className={styles.state}>
        <span className={styles.quiet}>
          {texts.sinceMember} <Time at={row.created_at} as="date" />
        </span>
        <Until row={row} />
      </span>
    );
  }
  const expired = isExpired(row);
  return (
    <span className={styles.state}>
      <Badge tone={expired ? "plain" : "accent"}>{expired ? texts.expired : texts.invited}</Badge>
      <span className={styles.quiet}>
        {row.mailed_at ? texts.mailedAt : texts.invitedAt} <Time at={row.mailed_at ?? row.created_at} as="relative" />
      </span>
      {row.returned && (
        <span className={styles.returned}>
          <Badge tone="bad">{texts.returned}</Badge>{" "}
          {row.returned.invalid ? texts.returnedInvalid : texts.returnedRefused}
        </span>
      )}
      <Until row={row} />
      {row.expires_at && (
        <span className={styles.quiet}>
          {expired ? texts.endedAt : texts.endsAt} <Time at={row.expires_at} as="relative" />
        </span>
      )}
    </span>
  );
}
