import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

/**
 * A cell of a table: what it says and, where that sorts otherwise, by what.
 */
export type DataCell =
  | string
  | { readonly text: string; readonly by: number; readonly title?: string };

/**
 * A table: its first column names the rows.
 */
export interface IDataTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly DataCell[])[];

  /**
   * Whether a person may sort it.
   */
  readonly sorts?: boolean;
}

/**
 * As many rows are shown at first.
 */
const FIRST_ROWS = 12;

interface ISorting {
  readonly column: number;
  readonly down: boolean;
}

/**
 * A table of figures: long ones show their beginning first, wide ones scroll.
 */
export function DataTable(
  props: IDataTable & { label: string; trans: TranslationBundle }
): JSX.Element {
  const { head, rows, label, trans } = props;
  const [all, setAll] = useState(false);
  const [sorting, setSorting] = useState<ISorting | null>(null);
  const sorted = sorting ? sortRows(rows, sorting) : rows;
  const shown = all ? sorted : sorted.slice(0, FIRST_ROWS);
  return (
    <>
      <div
        className="jp-Gptoss-data-place"
        role="group"
        aria-label={label}
        tabIndex={0}
      >
        <table className="jp-Gptoss-data">
          <thead>
            <tr>
              {head.map((name, column) => (
                <Head
                  key={name}
                  name={name}
                  sorting={sorting?.column === column ? sorting : null}
                  onSort={
                    props.sorts
                      ? () => setSorting(nextSorting(sorting, column, rows))
                      : undefined
                  }
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, at) => (
              <tr key={`${at} ${textOf(row[0] ?? '')}`}>
                {row.map((cell, column) => (
                  <Cell key={head[column]} cell={cell} first={column === 0} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > FIRST_ROWS && (
        <button
          type="button"
          className="jp-Gptoss-link"
          onClick={() => setAll(!all)}
          aria-expanded={all}
        >
          {all
            ? trans.__('Show the first %1', FIRST_ROWS)
            : trans.__('Show all %1', rows.length.toLocaleString())}
        </button>
      )}
    </>
  );
}

function Head(props: {
  name: string;
  sorting: ISorting | null;
  onSort?: () => void;
}): JSX.Element {
  const { name, sorting } = props;
  const order = sorting && (sorting.down ? 'descending' : 'ascending');
  return (
    <th scope="col" aria-sort={props.onSort ? (order ?? 'none') : undefined}>
      {props.onSort ? (
        <button type="button" onClick={props.onSort}>
          {name}
          <span className="jp-Gptoss-order" aria-hidden="true">
            {sorting ? (sorting.down ? '▼' : '▲') : ''}
          </span>
        </button>
      ) : (
        name
      )}
    </th>
  );
}

function Cell(props: { cell: DataCell; first: boolean }): JSX.Element {
  const { cell, first } = props;
  const number = typeof cell !== 'string';
  const className = number ? 'jp-mod-number' : undefined;
  const title = number ? cell.title : undefined;
  return first ? (
    <th scope="row" className={className} title={title}>
      {textOf(cell)}
    </th>
  ) : (
    <td className={className} title={title}>
      {textOf(cell)}
    </td>
  );
}

function textOf(cell: DataCell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/**
 * Numbers begin with the greatest, words with the first; the next click turns
 * that around, the third brings the server's order back.
 */
function nextSorting(
  sorting: ISorting | null,
  column: number,
  rows: IDataTable['rows']
): ISorting | null {
  const down = typeof rows[0]?.[column] !== 'string';
  if (sorting?.column !== column) {
    return { column, down };
  }
  return sorting.down === down ? { column, down: !down } : null;
}

/**
 * Sort rows; what has no number stays at the end either way.
 */
function sortRows(
  rows: IDataTable['rows'],
  { column, down }: ISorting
): IDataTable['rows'] {
  const sign = down ? -1 : 1;
  return [...rows].sort((one, other) => {
    const a = one[column] ?? '';
    const b = other[column] ?? '';
    if (typeof a === 'string' || typeof b === 'string') {
      return sign * textOf(a).localeCompare(textOf(b));
    }
    if (Number.isNaN(a.by) || Number.isNaN(b.by)) {
      return Number(Number.isNaN(a.by)) - Number(Number.isNaN(b.by));
    }
    return sign * (a.by - b.by);
  });
}
