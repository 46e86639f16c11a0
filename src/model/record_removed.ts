import type { INotebookModel } from '@jupyterlab/notebook';

import type { CellProvenance, RemovedCell } from '../wire/schema';
import { KEY, isObject, readProvenance } from './provenance';
import { recordOf } from './record';
import type { ICellDecision } from './record';

/**
 * How many cells that have gone a notebook remembers, the latest.
 */
export const MAX_REMOVED = 200;

/**
 * Say of a cell that a decision takes out of the notebook what is kept of it.
 */
export function removedCell(
  gone: ICellDecision & { readonly before: CellProvenance }
): RemovedCell {
  const { job, cell, task, generator, model, seed } = gone.before;
  const { change, language } = gone.before;
  const record = recordOf(gone.before, gone);
  const who = { job, cell, task, generator, model, seed };
  return { ...who, change, language, record };
}

/**
 * Remember cells that have gone, in the notebook's own metadata.
 *
 * #### Notes
 * No undo step: undo works on cells. What it brings back has not gone, so the
 * note on it counts for nothing until redo takes the cell away again.
 */
export function noteRemoved(
  model: INotebookModel,
  cells: readonly RemovedCell[]
): void {
  if (cells.length === 0) {
    return;
  }
  const { sharedModel } = model;
  const ours = sharedModel.getMetadata(KEY);
  const noted = isObject(ours) ? ours : {};
  const known = new Set(cells.map(keyOf));
  const others = entries(noted.removed).filter(one => !known.has(keyOf(one)));
  const removed = [...others, ...cells].slice(-MAX_REMOVED);
  sharedModel.transact(() => {
    sharedModel.setMetadata(KEY, { ...noted, removed } as never);
  }, false);
}

/**
 * The names of the cells that decisions have taken out of a notebook and that
 * no undo has brought back.
 */
export function removedKeys(model: INotebookModel): Set<string> {
  const ours = model.sharedModel.getMetadata(KEY);
  const noted = isObject(ours) ? ours : {};
  const gone = new Set(entries(noted.removed).map(keyOf));
  for (const cell of model.cells) {
    const here = readProvenance(cell);
    if (here) {
      gone.delete(keyOf(here));
    }
  }
  return gone;
}

/**
 * By what a generated cell is told from all others.
 */
export function keyOf({
  job,
  cell
}: Pick<CellProvenance, 'job' | 'cell'>): string {
  return `${job}/${cell}`;
}

function entries(value: unknown): RemovedCell[] {
  return (Array.isArray(value) ? value : []).filter(
    (one: unknown): one is RemovedCell =>
      isObject(one) &&
      typeof one.job === 'string' &&
      typeof one.cell === 'string'
  );
}
