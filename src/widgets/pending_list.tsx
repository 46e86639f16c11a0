import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useRef, useState } from 'react';

import type {
  IPendingGeneration,
  IPendingNotebook,
  PendingList
} from '../model/pending_list';
import { notebookName } from './pending_labels';
import { PendingRow } from './pending_row';
import type { IPendingVerbs } from './pending_row';
import { useRovingRows } from './roving';

/**
 * The most cells of a generation that are listed before one asks for more.
 */
export const MAX_ROWS = 40;

/**
 * What the list needs: where the keyboard stands is its own affair.
 */
export interface IPendingListProps extends IPendingVerbs {
  list: Pick<PendingList, 'notebooks' | 'count' | 'isWriting'>;
  trans: TranslationBundle;

  /**
   * Called when the last line has gone that the keyboard was on.
   */
  onEmptied: () => void;
}

/**
 * All pending cells of the open notebooks, by notebook and generation.
 */
export function PendingCells(props: IPendingListProps): JSX.Element {
  const { list, trans } = props;
  const { notebooks, count } = list;
  const root = useRef<HTMLDivElement>(null);
  const handlers = useRovingRows(root, props.onEmptied);
  return (
    <div className="jp-Gptoss-pending-list" ref={root} {...handlers}>
      {count > 0 && (
        <p className="jp-Gptoss-counts">{countText(notebooks, trans)}</p>
      )}
      {notebooks.map(notebook => (
        <section key={notebook.path} className="jp-Gptoss-pending-notebook">
          <h3 title={notebook.path}>
            {notebookName(notebook.path)}{' '}
            <span className="jp-Gptoss-quiet">({notebook.count})</span>
          </h3>
          {notebook.generations.map(generation => (
            <Generation
              {...props}
              key={generation.job}
              path={notebook.path}
              generation={generation}
            />
          ))}
        </section>
      ))}
    </div>
  );
}

function Generation(
  props: IPendingListProps & {
    path: string;
    generation: IPendingGeneration;
  }
): JSX.Element {
  const { path, generation, list, trans } = props;
  const [all, setAll] = useState(false);
  const { cells } = generation;
  const shown = all ? cells : cells.slice(0, MAX_ROWS);
  const task = generation.task || trans.__('Task not known');
  return (
    <div className="jp-Gptoss-pending-generation">
      <h4 title={task}>{task}</h4>
      <div className="jp-Gptoss-pending-group">
        <button
          type="button"
          className="jp-Gptoss-link"
          aria-label={trans.__('Accept all of: %1', task)}
          onClick={() => props.onAccept(path, cells)}
        >
          {trans.__('Accept all')}
        </button>
        <button
          type="button"
          className="jp-Gptoss-link"
          aria-label={trans.__('Reject all of: %1', task)}
          onClick={() => props.onReject(path, cells)}
        >
          {trans.__('Reject all')}
        </button>
      </div>
      <ul className="jp-Gptoss-rows">
        {shown.map(one => (
          <PendingRow
            key={one.cell.id}
            path={path}
            one={one}
            writing={list.isWriting(one)}
            trans={trans}
            onOpen={props.onOpen}
            onAccept={props.onAccept}
            onReject={props.onReject}
          />
        ))}
      </ul>
      {shown.length < cells.length && (
        <button
          type="button"
          className="jp-Gptoss-link"
          onClick={() => setAll(true)}
        >
          {trans.__('Show %1 more', cells.length - shown.length)}
        </button>
      )}
    </div>
  );
}

/**
 * How much waits, and in how many notebooks.
 */
function countText(
  notebooks: readonly IPendingNotebook[],
  trans: TranslationBundle
): string {
  const count = notebooks.reduce((sum, one) => sum + one.count, 0);
  const cells = trans._n(
    '%1 cell waits for review',
    '%1 cells wait for review',
    count
  );
  return notebooks.length > 1
    ? trans.__('%1, in %2 notebooks', cells, notebooks.length)
    : cells;
}
