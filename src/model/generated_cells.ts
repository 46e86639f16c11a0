import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { CellProvenance } from '../wire/schema';
import { ReviewWatch } from './pending';
import { readProvenance } from './provenance';

/**
 * The longest line that a list shows of a cell, in characters.
 */
const MAX_LINE = 200;

/**
 * A cell that was generated, as a list shows it. The same object for as long
 * as nothing of it has changed.
 */
export interface IGeneratedCell {
  readonly cell: ICellModel;
  readonly provenance: CellProvenance;

  /**
   * The first line that says something.
   */
  readonly line: string;
}

/**
 * The generated cells of one notebook.
 *
 * #### Notes
 * A notebook may have hundreds of them, and every keystroke tells of a change:
 * each cell is read again only after it changed itself.
 */
export class GeneratedCells implements IDisposable {
  constructor(readonly model: INotebookModel) {
    this._watch = new ReviewWatch(model);
    this._watch.changed.connect(this._onReview, this);
  }

  /**
   * The generated cells, in the order of the notebook.
   */
  get all(): readonly IGeneratedCell[] {
    this._list ??= Array.from(this.model.cells).flatMap(cell => {
      const known = this._read(cell);
      return known ? [known] : [];
    });
    return this._list;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._watch.isDisposed;
  }

  dispose(): void {
    this._watch.dispose();
    Signal.clearData(this);
  }

  private _read(cell: ICellModel): IGeneratedCell | null {
    const known = this._known.get(cell);
    if (known !== undefined) {
      return known;
    }
    const provenance = readProvenance(cell);
    const read = provenance ? { cell, provenance, line: lineOf(cell) } : null;
    this._known.set(cell, read);
    if (read) {
      // Connecting twice is refused by the signal, so this stays one handler.
      cell.contentChanged.connect(this._onContent, this);
    }
    return read;
  }

  private _onReview(_: ReviewWatch, cell: ICellModel | null): void {
    if (cell) {
      this._known.delete(cell);
    }
    this._list = null;
    this._changed.emit();
  }

  private _onContent(cell: ICellModel): void {
    const known = this._known.get(cell);
    if (known && known.line !== lineOf(cell)) {
      this._onReview(this._watch, cell);
    }
  }

  private readonly _watch: ReviewWatch;
  private readonly _known = new WeakMap<ICellModel, IGeneratedCell | null>();
  private readonly _changed = new Signal<this, void>(this);
  private _list: readonly IGeneratedCell[] | null = null;
}

function lineOf({ sharedModel }: ICellModel): string {
  const found = /\S.*/.exec(sharedModel.getSource())?.[0] ?? '';
  return found.trim().slice(0, MAX_LINE);
}
