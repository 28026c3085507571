import ArrowDown from "lucide-react/icons/arrow-down";
import ArrowUp from "lucide-react/icons/arrow-up";
import { Fragment, type KeyboardEvent, type ReactNode } from "react";
import { classes } from "../lib/classes.ts";
import { common } from "../messages/en/common.ts";
import styles from "./Table.module.css";

export type Column<T> = {
  id: string;
  /**
   * The head of the column; the column of a row's menu has one for screen
   * readers alone.
   */
  name: string;
  cell: (row: T) => ReactNode;
  /** The column that names the row. */
  primary?: boolean;
  /** The column of the row's menu. */
  action?: boolean;
  /** Numbers stand at the end. */
  end?: boolean;
  sortable?: boolean;
};

export type Sort = { by: string; down: boolean };

type Props<T> = {
  /** The name of the table, for screen readers. */
  label: string;
  columns: readonly (Column<T> | false)[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** Columns are as wide as in other tables with the same columns. */
  fixed?: boolean;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  /** The details below a row, across all columns. */
  detail?: (row: T) => ReactNode;
};

// The elements have these roles already. Some browsers drop them if the table
// is shown as a list, so they are given again.
/**
 * A table, which below 720 px is a list. Up and Down go from row to row, along
 * the links or buttons of one column.
 */
export function Table<T>({ label, columns, rows, rowKey, fixed, sort, onSort, detail }: Props<T>) {
  const shown = columns.filter((column) => !!column);
  return (
    <div className={styles.wrap}>
      {/* biome-ignore-start lint/a11y/noRedundantRoles: see above */}
      {/* biome-ignore-start lint/a11y/useSemanticElements: see above */}
      <table role="table" aria-label={label} className={classes(styles.table, fixed && styles.fixed)} onKeyDown={walk}>
        <thead role="rowgroup">
          <tr role="row">
            {shown.map((column) => (
              <th
                key={column.id}
                role="columnheader"
                scope="col"
                className={classes(column.end && styles.end)}
                aria-sort={sort?.by === column.id ? (sort.down ? "descending" : "ascending") : undefined}
              >
                {column.sortable && onSort ? (
                  <button
                    type="button"
                    className={styles.sort}
                    onClick={() => onSort({ by: column.id, down: sort?.by === column.id && !sort.down })}
                  >
                    {column.name}
                    {sort?.by === column.id &&
                      (sort.down ? <ArrowDown size="0.875rem" aria-hidden /> : <ArrowUp size="0.875rem" aria-hidden />)}
                  </button>
                ) : (
                  <span className={column.action ? "visually-hidden" : undefined}>{column.name}</span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => {
            const below = detail?.(row);
            return (
              <Fragment key={rowKey(row)}>
                <tr role="row">
                  {shown.map((column) => (
                    <td
                      key={column.id}
                      role="cell"
                      className={classes(
                        column.primary && styles.primary,
                        column.action && styles.action,
                        column.end && styles.end,
                      )}
                    >
                      {!column.primary && !column.action && (
                        <span className={styles.name} aria-hidden>
                          {column.name}
                        </span>
                      )}
                      <span className={styles.value}>{column.cell(row)}</span>
                    </td>
                  ))}
                </tr>
                {below && (
                  <tr role="row" className={styles.detail}>
                    <td role="cell" colSpan={shown.length}>
                      {below}
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
      {/* biome-ignore-end lint/a11y/useSemanticElements: see above */}
      {/* biome-ignore-end lint/a11y/noRedundantRoles: see above */}
      {rows.length === 0 && <p className={styles.wrap}>{common.noMatch}</p>}
    </div>
  );
}

function walk(event: KeyboardEvent<HTMLTableElement>) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const from = (event.target as HTMLElement).closest("td");
  const row = from?.parentElement;
  const beside = (of: Element | null | undefined) =>
    event.key === "ArrowDown" ? of?.nextElementSibling : of?.previousElementSibling;
  let next = beside(row);
  // The details below a row are skipped.
  if (next?.classList.contains(styles.detail ?? "")) next = beside(next);
  if (
    !from ||
    !row ||
    !next ||
    (event.target as HTMLElement).matches("input, textarea, [aria-haspopup][aria-expanded=true]")
  )
    return;
  const cell = next.children[[...row.children].indexOf(from)];
  const goal = cell?.querySelector<HTMLElement>("a[href], button, [tabindex='0']");
  if (!goal) return;
  event.preventDefault();
  goal.focus();
}
