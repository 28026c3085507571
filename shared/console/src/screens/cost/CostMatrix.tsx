import { useState } from "react";
import { Button } from "react-aria-components/Button";
import { StackBars } from "../../charts/StackBars.tsx";
import { Button as CloseButton } from "../../kit/Button.tsx";
import { Buttons } from "../../kit/Buttons.tsx";
import { Dialog } from "../../kit/Dialog.tsx";
import { Table } from "../../kit/Table.tsx";
import { Money } from "../../kit/Values.tsx";
import { useFormat } from "../../lib/format.ts";
import { common } from "../../messages/en/common.ts";
import { cost as texts } from "../../messages/en/cost.ts";
import { addons, serviceIds, serviceName } from "../../messages/en/services.ts";
import styles from "./Cost.module.css";
import { type Line, type Matrix, planRow, type Row, unallocatedRow } from "./matrix.ts";
import type { Cost } from "./queries.ts";

type Charge = Cost["statement"][number];

/** columnName names the thing that a column is for. */
export const columnName = (column: string): string =>
  column === "plan" ? texts.plan : (addons[column as keyof typeof addons] ?? serviceName(column));

const special: Record<string, { name: string; note: string }> = {
  [planRow]: { name: texts.planRow, note: texts.planNote },
  [unallocatedRow]: { name: texts.unallocated, note: texts.unallocatedNote },
};

// A deleted profile has no name any more.
const rowName = ({ id, name }: Row) => special[id]?.name ?? name ?? id;
const rowNote = ({ id, name }: Row) => special[id]?.note ?? (name === null ? texts.gone : undefined);

// Each service has its colour on every page and in every month.
const colours = ["plan", ...serviceIds, ...Object.keys(addons)];
const colourOf = (column: string) => Math.max(colours.indexOf(column), 0) + (colours.includes(column) ? 0 : 11);

type Chosen = { row: Row; column: string };

/**
 * A cost by profile and by plan, service or add-on: as bars, and as a table
 * whose numbers open their charges.
 */
export function CostMatrix({
  matrix,
  what,
  charges,
}: {
  matrix: Matrix;
  what: string;
  charges: readonly Charge[] | undefined;
}) {
  const { money } = useFormat();
  const [chosen, setChosen] = useState<Chosen>();
  const cell = (row: Row, column: string) => {
    const { amount = 0, lines = [] } = row.cells.get(column) ?? {};
    if (lines.length === 0) return undefined;
    return (
      <Button
        className={styles.cell ?? ""}
        aria-label={texts.cell(rowName(row), columnName(column), money(amount))}
        onPress={() => setChosen({ row, column })}
      >
        {money(amount)}
      </Button>
    );
  };
  return (
    <>
      <StackBars
        label={texts.chart(what)}
        parts={matrix.columns.map((column) => ({ name: columnName(column), colour: colourOf(column) }))}
        bars={matrix.rows.map((row) => ({
          id: row.id,
          name: rowName(row),
          parts: matrix.columns.map((column) => row.cells.get(column)?.amount ?? 0),
          sum: money(row.sum),
        }))}
      />
      <section
        className={styles.scroll}
        aria-label={texts.scroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard.
        tabIndex={0}
      >
        <table className={styles.matrix} aria-label={texts.matrix(what)}>
          <thead>
            <tr>
              <th scope="col">{texts.profile}</th>
              {matrix.columns.map((column) => (
                <th key={column} scope="col">
                  {columnName(column)}
                </th>
              ))}
              <th scope="col">{texts.total}</th>
            </tr>
          </thead>
          <tbody>
            {matrix.rows.map((row) => (
              <tr key={row.id}>
                <th scope="row">
                  {rowName(row)}
                  {rowNote(row) && <span className={styles.note}>{rowNote(row)}</span>}
                </th>
                {matrix.columns.map((column) => {
                  const there = cell(row, column);
                  return (
                    <td key={column} className={there ? undefined : styles.none}>
                      {there ?? texts.nothing}
                    </td>
                  );
                })}
                <td className={styles.sum}>{money(row.sum)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{texts.total}</th>
              {matrix.columns.map((column) => (
                <td key={column}>{money(matrix.sums.get(column) ?? 0)}</td>
              ))}
              <td data-total>{money(matrix.total)}</td>
            </tr>
          </tfoot>
        </table>
      </section>
      <div className={styles.list}>
        {matrix.rows.map((row) => (
          <div key={row.id} className={styles.listRow}>
            <h3>
              <span>{rowName(row)}</span>
              <span>{money(row.sum)}</span>
            </h3>
            {matrix.columns.map(
              (column) =>
                row.cells.has(column) && (
                  <div key={column}>
                    <span>{columnName(column)}</span>
                    {cell(row, column)}
                  </div>
                ),
            )}
          </div>
        ))}
        <div className={styles.listRow}>
          <h3>
            <span>{texts.total}</span>
            <span>{money(matrix.total)}</span>
          </h3>
        </div>
      </div>
      {chosen && <Lines chosen={chosen} charges={charges} onClose={() => setChosen(undefined)} />}
    </>
  );
}

function Lines({
  chosen: { row, column },
  charges,
  onClose,
}: {
  chosen: Chosen;
  charges: readonly Charge[] | undefined;
  onClose: () => void;
}) {
  const { money, date } = useFormat();
  const { amount = 0, lines = [] } = row.cells.get(column) ?? {};
  const chargeOf = (line: Line) =>
    charges?.find(({ what, from, to }) => what === line.what && from === line.from && to === line.to)?.amount;
  return (
    <Dialog open broad title={texts.linesTitle(rowName(row), columnName(column))} onClose={onClose}>
      <p>{texts.linesLead(money(amount))}</p>
      <Table
        label={texts.linesTitle(rowName(row), columnName(column))}
        rows={lines.map((line, number) => ({ line, number }))}
        rowKey={({ number }) => String(number)}
        columns={[
          {
            id: "period",
            name: texts.period,
            primary: true,
            cell: ({ line }) => `${date(line.from)} – ${date(line.to)}`,
          },
          charges !== undefined && {
            id: "whole",
            name: texts.whole,
            end: true,
            cell: ({ line }) => {
              const whole = chargeOf(line);
              return whole === undefined ? texts.nothing : <Money cents={whole} />;
            },
          },
          { id: "part", name: texts.part, end: true, cell: ({ line }) => <Money cents={line.amount} /> },
        ]}
      />
      <Buttons>
        <CloseButton autoFocus onPress={onClose}>
          {common.close}
        </CloseButton>
      </Buttons>
    </Dialog>
  );
}
