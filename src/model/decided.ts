import type { INotebookModel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { CellProvenance } from '../wire/schema';
import { withRecord } from './record';
import type { ICellDecision } from './record';

/**
 * A decision on a whole cell, as it is made.
 */
export type IVerdict = ICellDecision;

/**
 * A decision on a whole cell, once it was made.
 */
export interface IDecided extends IVerdict {
  /**
   * The cell's id in the notebook.
   */
  readonly id: string;

  /**
   * What was known of the cell while it waited.
   */
  readonly before: CellProvenance;

  /**
   * What its metadata hold now; null where the cell has gone.
   */
  readonly after: CellProvenance | null;
}

/**
 * Say what a cell's metadata hold after a decision.
 *
 * #### Notes
 * Pure, and called within the undo step of the decision, the record with it.
 * The cell that a rejected change leaves is the person's own: it keeps who
 * proposed the change, and nothing that tells of generated text.
 */
export function decided(
  before: CellProvenance,
  made: IVerdict
): CellProvenance {
  const after = withRecord(before, made);
  if (made.verdict === 'accepted') {
    return { ...after, review: 'accepted', raw: '' };
  }
  return {
    ...after,
    review: 'rejected',
    original: '',
    task: '',
    raw: '',
    language: '',
    sources: [],
    units: [],
    checks: [],
    verification: {
      status: 'off',
      duration_s: 0,
      peak_memory_bytes: null,
      runtime: 'none',
      image: '',
      error: ''
    }
  };
}

/**
 * Tells of decisions, cells that have gone with theirs included.
 */
export class DecisionLog {
  /**
   * Emitted after the decisions of one undo step.
   */
  get made(): ISignal<
    this,
    { model: INotebookModel; decisions: readonly IDecided[] }
  > {
    return this._made;
  }

  /**
   * Tell of the decisions of one undo step.
   */
  add(model: INotebookModel, decisions: readonly IDecided[]): void {
    if (decisions.length) {
      this._made.emit({ model, decisions });
    }
  }

  private readonly _made = new Signal<
    this,
    { model: INotebookModel; decisions: readonly IDecided[] }
  >(this);
}
