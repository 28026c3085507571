import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import RotateCw from "lucide-react/icons/rotate-cw";
import { api } from "../../api/index.ts";
import { idOf, type Of } from "../../api/of.ts";
import { Badge, type Tone } from "../../kit/Badge.tsx";
import { Button } from "../../kit/Button.tsx";
import { IconButton } from "../../kit/IconButton.tsx";
import { Link } from "../../kit/Link.tsx";
import { Page } from "../../kit/Page.tsx";
import { Bone, Empty, Forbidden, Loaded } from "../../kit/States.tsx";
import { type Column, Table } from "../../kit/Table.tsx";
import { useAction } from "../../kit/useAction.ts";
import { Time } from "../../kit/Values.tsx";
import { webhooks as texts } from "../../messages/en/webhooks.ts";
import { Given } from "../../shell/Given.tsx";
import { useProfile } from "../../shell/Profile.tsx";
import { type Delivery, meaningOf } from "./events.ts";
import { listOf } from "./places.ts";
import { deliveriesQuery, routeOf, webhookKey, webhooksQuery } from "./queries.ts";
import styles from "./Webhooks.module.css";

/** What waits for a webhook of a profile, and what was sent to it. */
export function Deliveries() {
  const { id, name, own, owner_name } = useProfile();
  const { webhook } = useParams({ from: "/inside/p/$profile/webhooks/$webhook" });
  if (!own) {
    return (
      <Page title={texts.deliveriesTitle} within={name} beside={<Given />}>
        <Forbidden>{texts.ownerOnly(owner_name)}</Forbidden>
      </Page>
    );
  }
  return <Whole of={{ profile: id }} webhook={webhook} within={name} />;
}

/** What waits for a webhook of the account, and what was sent to it. */
export function AccountDeliveries() {
  const { webhook } = useParams({ from: "/inside/account/webhooks/$webhook" });
  return <Whole of="account" webhook={webhook} />;
}

function Whole({ of, webhook, within }: { of: Of; webhook: string; within?: string }) {
  const hooks = useQuery(webhooksQuery(of));
  const query = useInfiniteQuery(deliveriesQuery(of, webhook));
  const hook = hooks.data?.find((one) => one.id === webhook);
  const back = (
    <Link {...listOf(of)} kind="secondary">
      {texts.back}
    </Link>
  );
  if (hooks.data && !hook) {
    return (
      <Page title={texts.deliveriesTitle} within={within}>
        <Empty title={texts.gone} actions={back}>
          {null}
        </Empty>
      </Page>
    );
  }
  return (
    <Page title={texts.deliveriesTitle} within={within} lead={hook && texts.deliveriesLead(hook.url)} actions={back}>
      <Loaded query={query} skeleton={<Bone height="13rem" />}>
        {(data) => {
          const rows = data.pages.flatMap((page) => page.rows as Delivery[]);
          return (
            <>
              {rows.length > 0 ? (
                <Rows of={of} rows={rows} webhook={webhook} enabled={hook?.enabled ?? false} />
              ) : (
                <Empty title={texts.noDeliveriesTitle}>{texts.noDeliveries}</Empty>
              )}
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

const tones: Readonly<Record<Delivery["state"], Tone>> = { pending: "accent", delivered: "good", dead: "bad" };

type RowsProps = { of: Of; rows: readonly Delivery[]; webhook: string; enabled: boolean };

function Rows({ of, rows, webhook, enabled }: RowsProps) {
  const { act, pending } = useAction();
  const resend = (delivery: string) => () =>
    void act(
      () =>
        api.POST(routeOf(of, "/{webhook}/delivery/{delivery}/resend"), {
          params: { path: { id: idOf(of), webhook, delivery } },
        }),
      { done: texts.resent, reread: [webhookKey(of)] },
    );
  const columns: Column<Delivery>[] = [
    {
      id: "event",
      name: texts.event,
      primary: true,
      cell: ({ type }) => (
        <span className={styles.names}>
          <code>{type}</code>
          <span className={styles.quiet}>{meaningOf(type)}</span>
        </span>
      ),
    },
    { id: "when", name: texts.when, cell: ({ created_at }) => <Time at={created_at} as="relative" /> },
    { id: "result", name: texts.result, cell: (row) => <Result row={row} /> },
    { id: "answer", name: texts.answer, cell: ({ answer }) => <Answer answer={answer} /> },
    {
      id: "actions",
      name: texts.rowActions,
      action: true,
      cell: ({ id: delivery, state, type }) =>
        enabled &&
        state !== "pending" && (
          <IconButton
            small
            icon={RotateCw}
            label={texts.resend(type)}
            isDisabled={pending}
            onPress={resend(delivery)}
          />
        ),
    },
  ];
  return (
    <Table
      label={texts.deliveriesList}
      columns={columns}
      rows={rows}
      rowKey={({ id: key, state }) => `${state} ${key}`}
    />
  );
}

function Result({ row }: { row: Delivery }) {
  return (
    <span className={styles.names}>
      <span>
        <Badge tone={tones[row.state]}>{texts.states[row.state]}</Badge>
      </span>
      {row.attempts > 0 && <span className={styles.quiet}>{texts.tries(row.attempts)}</span>}
      {row.next_attempt_at && (
        <span className={styles.quiet}>
          {texts.next} <Time at={row.next_attempt_at} as="relative" />
        </span>
      )}
    </span>
  );
}

function Answer({ answer }: { answer: Delivery["answer"] }) {
  if (!answer) return null;
  return (
    <span className={styles.names}>
      <span>{answer.status === null ? answer.error : texts.status(answer.status)}</span>
      {answer.body && <span className={styles.body}>{answer.body}</span>}
    </span>
  );
}
