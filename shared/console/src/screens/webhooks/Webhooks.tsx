import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import Ellipsis from "lucide-react/icons/ellipsis";
import KeyRound from "lucide-react/icons/key-round";
import List from "lucide-react/icons/list";
import Pencil from "lucide-react/icons/pencil";
import Play from "lucide-react/icons/play";
import Plus from "lucide-react/icons/plus";
import Power from "lucide-react/icons/power";
import Trash2 from "lucide-react/icons/trash-2";
import { type ReactNode, useState } from "react";
import { api } from "../../api/index.ts";
import { idOf, type Of } from "../../api/of.ts";
import { Badge } from "../../kit/Badge.tsx";
import { Button } from "../../kit/Button.tsx";
import { ConfirmDialog } from "../../kit/Dialog.tsx";
import { IconButton } from "../../kit/IconButton.tsx";
import { Link } from "../../kit/Link.tsx";
import { Menu } from "../../kit/Menu.tsx";
import { Failure } from "../../kit/Notice.tsx";
import { Page } from "../../kit/Page.tsx";
import { Bone, Empty, Forbidden, Loaded } from "../../kit/States.tsx";
import { type Column, Table } from "../../kit/Table.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread, useAction } from "../../kit/useAction.ts";
import { common } from "../../messages/en/common.ts";
import { webhooks as texts } from "../../messages/en/webhooks.ts";
import { Given } from "../../shell/Given.tsx";
import { useProfile } from "../../shell/Profile.tsx";
import { AccountTabs } from "../account/AccountTabs.tsx";
import { EditWebhook } from "./EditWebhook.tsx";
import { selectsAll, type Webhook } from "./events.ts";
import { Made } from "./Made.tsx";
import { deliveriesOf } from "./places.ts";
import { routeOf, webhookKey, webhooksQuery } from "./queries.ts";
import styles from "./Webhooks.module.css";

type Question = { about: "edit" | "rotate" | "remove"; webhook: Webhook } | { about: "add"; webhook?: undefined };

/** The programs that are told of changes of the profile, for its owner. */
export function Webhooks() {
  const { id, name, own, owner_name } = useProfile();
  if (!own) {
    return (
      <Page title={texts.title} within={name} beside={<Given />}>
        <Forbidden>{texts.ownerOnly(owner_name)}</Forbidden>
      </Page>
    );
  }
  return <Whole of={{ profile: id }} within={name} lead={texts.lead} empty={texts.empty} />;
}

/** The programs that are told of changes of the account. */
export function AccountWebhooks() {
  return <Whole of="account" lead={texts.accountLead} empty={texts.accountEmpty} tabs={<AccountTabs />} />;
}

type Props = { of: Of; within?: string; lead: string; empty: string; tabs?: ReactNode };

function Whole({ of, within, lead, empty, tabs }: Props) {
  const query = useQuery(webhooksQuery(of));
  const [question, setQuestion] = useState<Question>();
  const [made, setMade] = useState<{ secret: string; previousUntil?: string | null }>();
  const close = () => setQuestion(undefined);
  const add = (
    <Button kind="primary" icon={Plus} onPress={() => setQuestion({ about: "add" })}>
      {texts.add}
    </Button>
  );
  const path = (webhook: Webhook) => ({ params: { path: { id: idOf(of), webhook: webhook.id } } });
  return (
    <Page title={texts.title} within={within} lead={lead} actions={query.data?.length ? add : false}>
      {tabs}
      <Loaded query={query} skeleton={["a", "b"].map((key) => <Bone key={key} height="3.25rem" />)}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={texts.emptyTitle} actions={add}>
              {empty}
            </Empty>
          ) : (
            <Rows of={of} rows={rows} ask={setQuestion} />
          )
        }
      </Loaded>
      {(question?.about === "add" || question?.about === "edit") && (
        <EditWebhook
          of={of}
          webhook={question.webhook}
          onClose={close}
          onMade={(secret) => {
            toast(texts.added);
            setMade({ secret });
          }}
        />
      )}
      {question?.about === "rotate" && (
        <ConfirmDialog
          title={texts.rotateTitle}
          text={texts.rotateText}
          action={texts.rotate}
          danger={false}
          onClose={close}
          onConfirm={async () => {
            const rotated = await api.POST(routeOf(of, "/{webhook}/rotate"), path(question.webhook));
            setMade({ secret: rotated.secret, previousUntil: rotated.previous_until });
            await reread(webhookKey(of));
          }}
          failure={failure}
        />
      )}
      {question?.about === "remove" && (
        <ConfirmDialog
          title={texts.removeTitle(question.webhook.url)}
          text={texts.removeText}
          action={texts.remove}
          onClose={close}
          onConfirm={async () => {
            await api.DELETE(routeOf(of, "/{webhook}"), path(question.webhook));
            await reread(webhookKey(of));
            toast(texts.removed);
          }}
          failure={failure}
        />
      )}
      {made && <Made {...made} onClose={() => setMade(undefined)} />}
    </Page>
  );
}

const failure = (error: unknown) => <Failure error={error} />;

function Rows({ of, rows, ask }: { of: Of; rows: readonly Webhook[]; ask: (question: Question) => void }) {
  const router = useRouter();
  const { act } = useAction();
  const path = (webhook: Webhook) => ({ params: { path: { id: idOf(of), webhook: webhook.id } } });
  const enable = (webhook: Webhook, enabled: boolean) => () =>
    void act(() => api.PUT(routeOf(of, "/{webhook}"), { ...path(webhook), body: { enabled } }), {
      done: enabled ? texts.isEnabled : texts.isDisabled,
      reread: [webhookKey(of)],
    });
  const test = (webhook: Webhook) => () =>
    void act(() => api.POST(routeOf(of, "/{webhook}/test"), path(webhook)), {
      done: texts.tested,
      reread: [webhookKey(of)],
    });
  const actionsOf = (webhook: Webhook) => [
    {
      id: "deliveries",
      name: texts.deliveries,
      icon: List,
      onAction: () => void router.navigate(deliveriesOf(of, webhook.id)),
    },
    webhook.enabled && { id: "test", name: texts.test, icon: Play, onAction: test(webhook) },
    { id: "edit", name: texts.edit, icon: Pencil, apart: true, onAction: () => ask({ about: "edit", webhook }) },
    { id: "rotate", name: texts.rotate, icon: KeyRound, onAction: () => ask({ about: "rotate", webhook }) },
    {
      id: "enable",
      name: webhook.enabled ? texts.disable : texts.enable,
      icon: Power,
      onAction: enable(webhook, !webhook.enabled),
    },
    {
      id: "remove",
      name: texts.remove,
      icon: Trash2,
      danger: true,
      apart: true,
      onAction: () => ask({ about: "remove", webhook }),
    },
  ];
  const columns: Column<Webhook>[] = [
    {
      id: "address",
      name: texts.address,
      primary: true,
      cell: (webhook) => (
        <span className={styles.names}>
          <Link {...deliveriesOf(of, webhook.id)}>{webhook.url}</Link>
          {webhook.description && <span className={styles.quiet}>{webhook.description}</span>}
        </span>
      ),
    },
    {
      id: "events",
      name: texts.events,
      cell: ({ events }) => (selectsAll(events) ? texts.allEvents : events.join(", ")),
    },
    { id: "state", name: texts.state, cell: (webhook) => <State webhook={webhook} /> },
    {
      id: "actions",
      name: texts.rowActions,
      action: true,
      cell: (webhook) => (
        <Menu label={common.actions(webhook.url)} actions={actionsOf(webhook)}>
          <IconButton small icon={Ellipsis} label={common.actions(webhook.url)} />
        </Menu>
      ),
    },
  ];
  return <Table label={texts.list} columns={columns} rows={rows} rowKey={({ id: key }) => key} />;
}

function State({ webhook }: { webhook: Webhook }) {
  if (webhook.enabled) return <Badge tone="good">{texts.enabled}</Badge>;
  return webhook.failed_at ? <Badge tone="bad">{texts.failed}</Badge> : <Badge>{texts.disabled}</Badge>;
}
