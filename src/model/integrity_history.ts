import type { ICellState, IStep, Mends } from './integrity_state';
import { pendingIn, provenanceIn } from './integrity_state';
import { unknownProvenance } from './provenance';

/**
 * How many texts of one cell are remembered.
 */
const MAX_TEXTS = 50;

/**
 * Knows with which texts a cell could run when it was left, so that an undo or
 * redo can bring back those and no others.
 *
 * #### Notes
 * Text that streams into a cell is not in the undo history. An acceptance that
 * is taken back and then redone would else be one of a text nobody has seen.
 */
export class SettledTexts {
  /**
   * Remember the cells that a step leaves, and those it decides on.
   */
  note(step: IStep): void {
    step.gone.forEach(cell => this._add(cell));
    for (const { before, after } of step.altered) {
      if (pendingIn(before) !== null || pendingIn(after) !== null) {
        this._add(before);
        this._add(after);
      }
    }
    // A decision may have put another cell in the place of the one decided on.
    const left = new Set(step.gone.map(({ id }) => id));
    step.came.filter(({ id }) => left.has(id)).forEach(cell => this._add(cell));
  }

  /**
   * Make pending again what an undo or redo has made runnable with a text that
   * was not so before.
   */
  mend(step: IStep): Mends {
    const mends: Mends = new Map();
    for (const { before, after } of step.altered) {
      const waiting = pendingIn(before);
      if (waiting && this._isUnknown(after)) {
        mends.set(after, waiting);
      }
    }
    for (const cell of step.came) {
      if (this._isUnknown(cell)) {
        const last = this._texts.get(cell.id)?.at(-1) ?? '';
        mends.set(cell, {
          ...(provenanceIn(cell) ?? unknownProvenance()),
          review: 'pending',
          change: 'changed',
          original: last
        });
      }
    }
    return mends;
  }

  private _add(cell: ICellState): void {
    if (pendingIn(cell)) {
      return;
    }
    const texts = this._texts.get(cell.id) ?? [];
    if (texts.at(-1) !== cell.source) {
      texts.push(cell.source);
      this._texts.set(cell.id, texts.slice(-MAX_TEXTS));
    }
  }

  private _isUnknown(cell: ICellState): boolean {
    return (
      !pendingIn(cell) &&
      cell.source.trim() !== '' &&
      this._texts.get(cell.id)?.includes(cell.source) !== true
    );
  }

  private readonly _texts = new Map<string, string[]>();
}
