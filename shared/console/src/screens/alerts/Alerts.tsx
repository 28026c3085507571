import { useQuery } from "@tanstack/react-query";
import CirclePlay from "lucide-react/icons/circle-play";
import Ellipsis from "lucide-react/icons/ellipsis";
import Pencil from "lucide-react/icons/pencil";
import Plus from "lucide-react/icons/plus";
import Trash2 from "lucide-react/icons/trash-2";
import { useState } from "react";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Badge } from "../../kit/Badge.tsx";
import { Button } from "../../kit/Button.tsx";
import { ConfirmDialog } from "../../kit/Dialog.tsx";
import { IconButton } from "../../kit/IconButton.tsx";
import { Menu } from "../../kit/Menu.tsx";
import { Failure, Notice } from "../../kit/Notice.tsx";
import { Page } from "../../kit/Page.tsx";
import { Bone, Empty, Loaded } from "../../kit/States.tsx";
import { type Column, Table } from "../../kit/Table.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { Time } from "../../kit/Values.tsx";
import { useFormat } from "../../lib/format.ts";
import { alerts as texts } from "../../messages/en/alerts.ts";
import { common } from "../../messages/en/common.ts";
import { services } from "../../messages/en/services.ts";
import { Given } from "../../shell/Given.tsx";
import { useProfile } from "../../shell/Profile.tsx";
import type { Alert } from "./alerts.ts";
import { EditAlert } from "./EditAlert.tsx";
import { alertsQuery } from "./queries.ts";
import { SoftLimits } from "./SoftLimits.tsx";

type Question = { about: "edit" | "lift" | "remove"; alert: Alert } | { about: "add"; alert?: undefined };

/** The alerts of a profile, what they stop, and its soft limits. */
export function Alerts() {
  const { id, name, own, owner_name, permission } = useProfile();
  const may = own || permission === "billing";
  const query = useQuery(alertsQuery(id));
  const [question, setQuestion] = useState<Question>();
  const close = () => setQuestion(undefined);
  const add = may && (
    <Button kind="primary" icon={Plus} onPress={() => setQuestion({ about: "add" })}>
      {texts.add}
    </Button>
  );
  // Its summary says what is stopped.
  const again = () => reread(keys.profile(id), keys.profiles);
  const of = (alert: Alert) => ({ params: { path: { id, alert: alert.id } } });
  return (
    <Page
      title={texts.title}
      within={name}
      beside={<Given />}
      lead={texts.lead}
      actions={query.data?.length ? add : false}
    >
      {!may && <Notice>{texts.readOnly(owner_name)}</Notice>}
      <Loaded query={query} skeleton={["a", "b"].map((key) => <Bone key={key} height="3.25rem" />)}>
        {(rows) =>
          rows.length > 0 ? (
            <Rows rows={rows} may={may} ask={setQuestion} />
          ) : (
            <Empty title={texts.emptyTitle} actions={add}>
              {may ? texts.empty : texts.none}
            </Empty>
          )
        }
      </Loaded>
      <SoftLimits profile={id} may={may} />
      {(question?.about === "add" || question?.about === "edit") && (
        <EditAlert profile={id} alert={question.alert} onClose={close} />
      )}
      {question?.about === "lift" && (
        <ConfirmDialog
          title={texts.liftTitle}
          text={texts.liftText}
          action={texts.lift}
          danger={false}
          onClose={close}
          onConfirm={async () => {
            await api.POST("/profile/{id}/alert/{alert}/lift", of(question.alert));
            await again();
            toast(texts.isLifted);
          }}
          failure={failure}
        />
      )}
      {question?.about === "remove" && (
        <ConfirmDialog
          title={texts.removeTitle}
          text={texts.removeText}
          action={texts.remove}
          onClose={close}
          onConfirm={async () => {
            await api.DELETE("/profile/{id}/alert/{alert}", of(question.alert));
            await again();
            toast(texts.removed);
          }}
          failure={failure}
        />
      )}
    </Page>
  );
}

const failure = (error: unknown) => <Failure error={error} />;

/** useCondition returns how an alert is called: what it watches, and its threshold. */
function useCondition() {
  const { number, money } = useFormat();
  return ({ service, percent, threshold, cost }: Alert): string => {
    if (service === null) return texts.cost(money(cost ?? 0));
    const { name, unit } = services[service];
    return percent === null
      ? texts.amount(name, number(threshold), unit)
      : texts.percent(name, number(percent), number(threshold));
  };
}

type RowsProps = { rows: readonly Alert[]; may: boolean; ask: (question: Question) => void };

function Rows({ rows, may, ask }: RowsProps) {
  const condition = useCondition();
  const columns: Column<Alert>[] = [
    { id: "alert", name: texts.alert, primary: true, cell: condition },
    { id: "how", name: texts.how, cell: ({ actions }) => actions.map((action) => texts.actions[action]).join(", ") },
    { id: "stop", name: texts.stop, cell: ({ stop }) => texts.stops[stop].name },
    { id: "state", name: texts.state, cell: (alert) => <State alert={alert} /> },
  ];
  if (may) {
    columns.push({
      id: "actions",
      name: texts.rowActions,
      action: true,
      cell: (alert) => (
        <Menu label={common.actions(condition(alert))} actions={actionsOf(alert, ask)}>
          <IconButton small icon={Ellipsis} label={common.actions(condition(alert))} />
        </Menu>
      ),
    });
  }
  return <Table label={texts.title} columns={columns} rows={rows} rowKey={({ id }) => id} />;
}

const actionsOf = (alert: Alert, ask: (question: Question) => void) => [
  alert.stopping && {
    id: "lift",
    name: texts.lift,
    icon: CirclePlay,
    onAction: () => ask({ about: "lift", alert }),
  },
  { id: "edit", name: texts.edit, icon: Pencil, onAction: () => ask({ about: "edit", alert }) },
  {
    id: "remove",
    name: texts.remove,
    icon: Trash2,
    danger: true,
    apart: true,
    onAction: () => ask({ about: "remove", alert }),
  },
];

function State({ alert: { reached_at: reached, stopping, lifted } }: { alert: Alert }) {
  if (reached === null) return texts.waits;
  return (
    <>
      <Badge tone={stopping ? "bad" : "warn"}>
        {stopping ? texts.stopping : lifted ? texts.lifted : texts.reached}
      </Badge>{" "}
      <Time at={reached} />
    </>
  );
}
