import type { ISharedCell, YNotebook } from '@jupyter/ydoc';
import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';

import { KEY, asMetadata, isPending, readProvenance } from './provenance';

/**
 * The pending cells of a notebook, in order; those of one job when given.
 */
export function pendingCells(
  model: INotebookModel,
  job?: string
): ICellModel[] {
  return Array.from(model.cells).filter(
    cell =>
      isPending(cell) &&
      (job === undefined || readProvenance(cell)?.job === job)
  );
}

/**
 * Accept cells: they may run from now on. One undo step.
 *
 * @returns How many were accepted.
 */
export function acceptCells(
  model: INotebookModel,
  cells: readonly ICellModel[]
): number {
  const pending = cells.filter(isPending);
  asOneStep(model, () => {
    for (const cell of pending) {
      setReview(cell.sharedModel, 'accepted');
      // Writes the cell's metadata again: outside of the step, that would
      // stand between the undo and the review state.
      cell.trusted = true;
    }
  });
  return pending.length;
}

/**
 * Reject cells: a new cell goes, a changed cell gets its old text back.
 * One undo step.
 *
 * @returns How many were rejected.
 */
export function rejectCells(
  model: INotebookModel,
  cells: readonly ICellModel[]
): number {
  const pending = cells.filter(isPending).map(cell => cell.sharedModel);
  const { sharedModel } = model;
  const changed = pending.filter(cell => originalOf(cell) !== '');
  // The list of cells follows only after the step: from the last to the first.
  const added = pending
    .filter(cell => originalOf(cell) === '')
    .map(cell => sharedModel.cells.indexOf(cell))
    .sort((a, b) => b - a);
  const emptied = added.length === sharedModel.cells.length;
  asOneStep(model, () => {
    for (const cell of changed) {
      cell.setSource(originalOf(cell));
      setReview(cell, 'rejected');
    }
    added.forEach(index => sharedModel.deleteCell(index));
    if (emptied) {
      sharedModel.insertCell(0, { cell_type: 'code', source: '' });
    }
  });
  return pending.length;
}

/**
 * Make an accepted cell pending again, so that it cannot run.
 */
export function setPending(model: INotebookModel, cell: ICellModel): void {
  if (readProvenance(cell)?.review === 'accepted') {
    asOneStep(model, () => setReview(cell.sharedModel, 'pending'));
    cell.trusted = false;
  }
}

/**
 * Remember that a part of a changed cell was accepted: the text against which
 * the rest is still compared.
 */
export function setOriginal(cell: ISharedCell, original: string): void {
  const provenance = readProvenance(cell);
  if (provenance?.review === 'pending' && provenance.original !== original) {
    cell.setMetadata(KEY, asMetadata({ ...provenance, original }));
  }
}

function originalOf(cell: ISharedCell): string {
  return readProvenance(cell)?.original ?? '';
}

function setReview(
  cell: ISharedCell,
  review: 'pending' | 'accepted' | 'rejected'
): void {
  const provenance = readProvenance(cell);
  if (provenance) {
    cell.setMetadata(KEY, asMetadata({ ...provenance, review }));
  }
}

function asOneStep(model: INotebookModel, change: () => void): void {
  const { undoManager } = model.sharedModel as YNotebook;
  undoManager.stopCapturing();
  model.sharedModel.transact(change);
  undoManager.stopCapturing();
}
