import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import ChevronLeft from "lucide-react/icons/chevron-left";
import ChevronRight from "lucide-react/icons/chevron-right";
import Download from "lucide-react/icons/download";
import { useState } from "react";
import { accountQuery } from "../../api/queries.ts";
import { Button } from "../../kit/Button.tsx";
import { IconButton } from "../../kit/IconButton.tsx";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Page, Section } from "../../kit/Page.tsx";
import { Segments } from "../../kit/Segments.tsx";
import { Select } from "../../kit/Select.tsx";
import { Bone, Empty, Loaded } from "../../kit/States.tsx";
import { type Column, Table } from "../../kit/Table.tsx";
import { useAction } from "../../kit/useAction.ts";
import { Amount, Money, Time } from "../../kit/Values.tsx";
import type { Month } from "../../lib/days.ts";
import { download } from "../../lib/download.ts";
import { useFormat } from "../../lib/format.ts";
import { cost as texts } from "../../messages/en/cost.ts";
import { plans, serviceIds } from "../../messages/en/services.ts";
import styles from "./Cost.module.css";
import { CostMatrix, columnName } from "./CostMatrix.tsx";
import { matrixOf } from "./matrix.ts";
import { monthName, monthOf, monthsBetween, shift } from "./months.ts";
import { type Cost as CostView, costFile, costQuery } from "./queries.ts";

type Charge = CostView["statement"][number];

/**
 * The cost of the account in a month by profile and service, its charges, and
 * the forecast.
 */
export function Cost() {
  const { month = monthOf(Date.now()) } = useSearch({ from: "/inside/statistics" });
  const query = useQuery(costQuery(month));
  const { act, pending } = useAction();
  return (
    <Page
      title={texts.title}
      lead={texts.lead}
      actions={
        <div className={styles.picker}>
          <MonthPicker month={month} />
          <Button
            icon={Download}
            isPending={pending}
            aria-label={texts.csvLabel(monthName(month))}
            onPress={() => act(async () => download(`cost-${month}.csv`, await costFile(month)))}
          >
            {texts.csv}
          </Button>
        </div>
      }
    >
      <Loaded
        query={query}
        skeleton={
          <>
            <Bone height="6rem" />
            <Bone height="18rem" />
          </>
        }
      >
        {(cost) => (
          <>
            <Totals cost={cost} />
            <Parts cost={cost} />
            <Statement cost={cost} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function MonthPicker({ month }: { month: Month }) {
  const navigate = useNavigate();
  const account = useQuery(accountQuery);
  const now = monthOf(Date.now());
  // A month in the address is always among the choices.
  const first = [month, account.data ? monthOf(account.data.created_at) : month].sort()[0] ?? month;
  const months = monthsBetween(first, now > month ? now : month);
  const go = (to: Month) => void navigate({ to: "/statistics", search: { month: to }, replace: true });
  return (
    <>
      <IconButton
        icon={ChevronLeft}
        kind="secondary"
        label={texts.earlier}
        isDisabled={month <= (months.at(-1) ?? month)}
        onPress={() => go(shift(month, -1))}
      />
      <Select
        label={texts.month}
        value={month}
        onChange={go}
        choices={months.map((id) => ({ id, name: monthName(id) }))}
      />
      <IconButton
        icon={ChevronRight}
        kind="secondary"
        label={texts.later}
        isDisabled={month >= now}
        onPress={() => go(shift(month, 1))}
      />
    </>
  );
}

function Totals({ cost }: { cost: CostView }) {
  const { money, moment } = useFormat();
  const { renewal, total } = cost.forecast;
  return (
    <div className={styles.totals}>
      <section className={styles.total}>
        <h2>{texts.charged(monthName(cost.month))}</h2>
        <strong data-charged>{money(cost.total)}</strong>
        {cost.month === monthOf(Date.now()) && <p>{texts.running}</p>}
      </section>
      <section className={styles.total}>
        <h2>{texts.next}</h2>
        <strong>{money(total)}</strong>
        <p>{renewal ? texts.nextLead(moment(renewal)) : texts.noRenewal}</p>
      </section>
    </div>
  );
}

function Parts({ cost }: { cost: CostView }) {
  const [what, setWhat] = useState<keyof typeof texts.what>("charged");
  const matrix = matrixOf(what === "charged" ? cost.lines : cost.forecast.lines);
  const name = what === "charged" ? texts.charged(monthName(cost.month)) : texts.next;
  return (
    <Section
      title={texts.byProfile}
      lead={matrix.rows.length > 0 && texts.byProfileLead}
      actions={
        <Segments
          label={texts.showing}
          value={what}
          onChange={setWhat}
          choices={(["charged", "forecast"] as const).map((id) => ({ id, name: texts.what[id] }))}
        />
      }
    >
      {matrix.rows.length > 0 ? (
        <CostMatrix matrix={matrix} what={name} charges={what === "charged" ? cost.statement : undefined} />
      ) : what === "charged" ? (
        <Empty
          title={texts.emptyTitle(monthName(cost.month))}
          actions={
            <Link to="/subscription" kind="secondary">
              {texts.compare}
            </Link>
          }
        >
          {texts.empty}
        </Empty>
      ) : (
        <p className={styles.quiet}>{texts.emptyForecast}</p>
      )}
    </Section>
  );
}

/** chargeName names the thing that a charge is for. */
export function chargeName({ kind, what }: Pick<Charge, "kind" | "what">): string {
  if (kind === "plan") return `${texts.plan} ${plans[what as keyof typeof plans] ?? what}`;
  return kind === "addon" ? texts.addonOf(columnName(what)) : columnName(what);
}

// inOrder sorts charges of the same time in the order of the table above: the
// plan, services, add-ons.
function inOrder(charges: readonly Charge[]): Charge[] {
  const order = ["plan", ...serviceIds];
  const place = ({ kind, what }: Charge) => {
    const at = order.indexOf(kind === "plan" ? kind : what);
    return at < 0 ? order.length : at;
  };
  return [...charges].sort((a, b) => b.from.localeCompare(a.from) || place(a) - place(b));
}

function Statement({ cost }: { cost: CostView }) {
  const { money, number, date } = useFormat();
  const sum = cost.statement.reduce((all, { amount }) => all + amount, 0);
  const columns: Column<Charge>[] = [
    { id: "what", name: texts.chargeOf, primary: true, cell: chargeName },
    {
      id: "limit",
      name: texts.limit,
      end: true,
      cell: ({ limit }) => (limit ? <Amount value={limit} /> : null),
    },
    { id: "at", name: texts.at, cell: ({ from }) => <Time at={from} /> },
    { id: "period", name: texts.period, cell: ({ from, to }) => `${date(from)} – ${date(to)}` },
    { id: "amount", name: texts.amount, end: true, cell: ({ amount }) => <Money cents={amount} /> },
  ];
  if (cost.statement.length === 0) return null;
  return (
    <Section title={texts.statement} lead={texts.statementLead}>
      <Table label={texts.statement} columns={columns} rows={inOrder(cost.statement)} rowKey={({ id }) => id} />
      <div className={styles.statementEnd}>
        {sum === cost.total && <span className={styles.quiet}>{texts.equal}</span>}
        <strong data-statement>{texts.sum(number(cost.statement.length), cost.statement.length, money(sum))}</strong>
      </div>
      {sum !== cost.total && <Notice kind="bad">{texts.unequal(money(sum), money(cost.total))}</Notice>}
    </Section>
  );
}
