import type { ISharedCell } from '@jupyter/ydoc';
import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel, INotebookTracker } from '@jupyterlab/notebook';

import type { CellProvenance, Decision } from '../wire/schema';
import {
  acceptedHunk,
  hunksOf,
  linesOfHunk,
  rejectedHunk,
  replacement
} from './hunks';
import type { HunkVerdict, IHunk } from './hunks';
import { readProvenance } from './provenance';
import { recordPart } from './record';
import { acceptCells, rejectCells, setOriginal } from './review';
import { asDecision } from './step';

/**
 * Decides on the parts of a changed cell.
 *
 * #### Notes
 * What was accepted becomes part of the original in the cell's metadata, and
 * what was rejected is put back in its text. So undo, a reload and a second tab
 * have nothing else to know. The last hunk decides on the cell. The notebook's
 * undo takes a decision back, as it does for whole cells: two undo managers
 * that both know of a change of a text lose parts of it.
 */
export class HunkDecisions {
  constructor(private readonly _tracker: Pick<INotebookTracker, 'find'>) {}

  /**
   * Decide on a hunk, in one undo step.
   *
   * @returns Whether it could be decided: the cell still waits.
   */
  decide(shared: ISharedCell, hunk: IHunk, verdict: HunkVerdict): boolean {
    const found = this._find(shared);
    const before = readProvenance(shared);
    if (!found || before?.review !== 'pending') {
      return false;
    }
    const { model, cell } = found;
    asDecision(model.sharedModel, () => {
      apply(shared, before, hunk, verdict);
      ending(shared)?.(model, [cell]);
    });
    return true;
  }

  private _find(
    shared: ISharedCell
  ): { model: INotebookModel; cell: ICellModel } | null {
    let found: { model: INotebookModel; cell: ICellModel } | null = null;
    this._tracker.find(({ content: { model } }) => {
      for (const cell of model?.cells ?? []) {
        if (model && cell.sharedModel === shared) {
          found = { model, cell };
          return true;
        }
      }
      return false;
    });
    return found;
  }
}

/**
 * Write what a decision on a hunk means for its cell.
 */
function apply(
  cell: ISharedCell,
  before: CellProvenance,
  hunk: IHunk,
  verdict: HunkVerdict
): void {
  const original = plain(before.original);
  const source = plain(cell.source);
  recordPart(cell, verdict, linesOfHunk(original, source, hunk));
  if (verdict === 'accepted') {
    setOriginal(cell, acceptedHunk(original, source, hunk));
    return;
  }
  const part = replacement(cell.source, rejectedHunk(original, source, hunk));
  if (part) {
    cell.updateSource(part.start, part.end, part.text);
  }
}

/**
 * How a cell ends of which no hunk is left; null where one is.
 */
function ending(cell: ISharedCell): typeof acceptCells | null {
  const after = readProvenance(cell);
  const original = plain(after?.original ?? '');
  if (!after || hunksOf(original, plain(cell.source)).length > 0) {
    return null;
  }
  return after.decisions.some(isAcceptedHunk) ? acceptCells : rejectCells;
}

function isAcceptedHunk({ scope, verdict }: Decision): boolean {
  return scope === 'hunk' && verdict === 'accepted';
}

/**
 * A text with the line ends that the editor counts with.
 */
function plain(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}
