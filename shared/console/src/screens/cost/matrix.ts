import type { components } from "../../api/schema.d.ts";
import { addons, serviceIds } from "../../messages/en/services.ts";

export type Line = components["schemas"]["CostLine"];

/** Unallocated services and the plan have rows of their own. */
export const planRow = "plan";
export const unallocatedRow = "unallocated";

export type Cell = { amount: number; lines: Line[] };
export type Row = { id: string; name: string | null; cells: Map<string, Cell>; sum: number };
export type Matrix = { columns: string[]; rows: Row[]; sums: Map<string, number>; total: number };

const order = ["plan", ...serviceIds, ...Object.keys(addons)];

const columnOf = ({ kind, what }: Line) => (kind === "plan" ? "plan" : what);

function rowOf({ kind, profile }: Line): string {
  if (kind === "plan") return planRow;
  return profile ?? unallocatedRow;
}

/**
 * matrixOf arranges the lines of a cost by profile and by plan, service or
 * add-on. Profiles come first, the most expensive before the others, then
 * unallocated services, and the plan. All sums are sums of the same cells.
 */
export function matrixOf(lines: readonly Line[]): Matrix {
  const rows = new Map<string, Row>();
  const sums = new Map<string, number>();
  let total = 0;
  for (const line of lines) {
    const [id, column] = [rowOf(line), columnOf(line)];
    const row = rows.get(id) ?? { id, name: line.profile_name, cells: new Map<string, Cell>(), sum: 0 };
    const cell = row.cells.get(column) ?? { amount: 0, lines: [] };
    cell.amount += line.amount;
    cell.lines.push(line);
    row.cells.set(column, cell);
    row.sum += line.amount;
    rows.set(id, row);
    sums.set(column, (sums.get(column) ?? 0) + line.amount);
    total += line.amount;
  }
  const place = (column: string) => (order.includes(column) ? order.indexOf(column) : order.length);
  const rank = ({ id }: Row) => (id === planRow ? 2 : id === unallocatedRow ? 1 : 0);
  return {
    columns: [...sums.keys()].sort((a, b) => place(a) - place(b) || a.localeCompare(b)),
    rows: [...rows.values()].sort(
      (a, b) => rank(a) - rank(b) || b.sum - a.sum || (a.name ?? a.id).localeCompare(b.name ?? b.id),
    ),
    sums,
    total,
  };
}
