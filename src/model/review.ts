import type { ISharedCell, YCodeCell } from '@jupyter/ydoc';
import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';

import type { CellProvenance } from '../wire/schema';
import { DecisionLog, decided } from './decided';
import type { IDecided, IVerdict } from './decided';
import { KEY, asMetadata, isPending, readProvenance } from './provenance';
import { ownType, retype } from './raw';
import { author } from './record_author';
import type { IStamp } from './record_author';
import { noteRemoved, removedCell } from './record_removed';
import { asDecision, forgetTyping } from './step';
import { wasTrusted } from './trust';

/**
 * All decisions that are made here.
 */
export const decisionLog = new DecisionLog();

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
 * Accept cells: new and changed ones may run from now on, deleted ones go.
 * One undo step.
 *
 * @returns How many were accepted.
 */
export function acceptCells(
  model: INotebookModel,
  cells: readonly ICellModel[],
  scope: IVerdict['scope'] = 'cell'
): number {
  return decide(model, cells, 'accepted', scope);
}

/**
 * Reject cells: a new cell goes, a changed cell gets its old text back, and a
 * deleted cell stays as it is. One undo step.
 *
 * @returns How many were rejected.
 */
export function rejectCells(
  model: INotebookModel,
  cells: readonly ICellModel[],
  scope: IVerdict['scope'] = 'cell'
): number {
  return decide(model, cells, 'rejected', scope);
}

/**
 * Make an accepted cell pending again, so that it cannot run.
 */
export function setPending(model: INotebookModel, cell: ICellModel): void {
  const provenance = readProvenance(cell);
  if (provenance?.review === 'accepted') {
    asDecision(model.sharedModel, () => {
      const pending = { ...provenance, review: 'pending' as const };
      cell.sharedModel.setMetadata(KEY, asMetadata(pending));
    });
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

/**
 * Whether a decision takes the cell out of the notebook.
 *
 * #### Notes
 * A new cell of which a part was accepted has a text to go back to.
 */
export function goes(
  { change, original }: Pick<CellProvenance, 'change' | 'original'>,
  verdict: IVerdict['verdict']
): boolean {
  return verdict === 'accepted'
    ? change === 'deleted'
    : change === 'new' && original === '';
}

/**
 * The text of a cell that stays after a decision.
 */
function textAfter(
  { change, original }: CellProvenance,
  { verdict, text }: IVerdict
): string {
  return verdict === 'rejected' && change !== 'deleted' ? original : text;
}

function decide(
  model: INotebookModel,
  cells: readonly ICellModel[],
  verdict: IVerdict['verdict'],
  scope: IVerdict['scope']
): number {
  const chosen = new Set(cells.filter(isPending).map(cell => cell.sharedModel));
  const { sharedModel } = model;
  // The list of cells follows only after the step: from the last to the first.
  const places = sharedModel.cells
    .map((cell, index) => ({ cell, index }))
    .filter(({ cell }) => chosen.has(cell))
    .reverse();
  const decisions: IDecided[] = [];
  const said = { verdict, scope, ...author.stamp() };
  asDecision(model.sharedModel, () => {
    for (const { cell, index } of places) {
      decisions.unshift(decideOne(model, index, cell, said));
    }
    const gone = decisions.filter(({ after }) => after === null);
    noteRemoved(model, gone.map(removedCell));
    if (gone.length && gone.length === sharedModel.cells.length) {
      sharedModel.insertCell(0, { cell_type: 'code', source: '' });
    }
  });
  decisionLog.add(model, decisions);
  return decisions.length;
}

function decideOne(
  model: INotebookModel,
  index: number,
  cell: ISharedCell,
  said: Pick<IVerdict, 'verdict' | 'scope'> & IStamp
): IDecided {
  const before = readProvenance(cell) as CellProvenance;
  const made = { ...said, text: cell.getSource() };
  const id = cell.getId();
  if (goes(before, made.verdict)) {
    model.sharedModel.deleteCell(index);
    return { ...made, id, before, after: null };
  }
  const after = decided(before, made);
  const text = textAfter(before, made);
  const type = ownType(cell, before);
  if (type) {
    retype(model, index, type, text, after);
    return { ...made, id, before, after };
  }
  if (text !== made.text) {
    cell.setSource(text);
  }
  cell.setMetadata(KEY, asMetadata(after));
  forgetTyping(model.sharedModel, cell);
  if (cell.cell_type === 'code' && isTrustedAfter(cell, before, made)) {
    // Writes the cell's metadata again: outside of the step, that would
    // stand between the undo and the review state.
    model.cells.get(index).trusted = true;
  }
  return { ...made, id, before, after };
}

/**
 * Whether a cell that stays may be trusted. One that was to go has its own
 * outputs still.
 */
function isTrustedAfter(
  cell: ISharedCell,
  { change }: CellProvenance,
  { verdict }: Pick<IVerdict, 'verdict'>
): boolean {
  const { ymodel } = cell as YCodeCell;
  return verdict === 'accepted' || (change === 'deleted' && wasTrusted(ymodel));
}
