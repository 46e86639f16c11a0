import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { KEY } from './provenance';
import { followTrust, holdTrust } from './trust';

/**
 * Tells when the review state of a notebook's cells may have changed.
 *
 * #### Notes
 * A notebook may hold hundreds of pending cells, and a decision on all of them
 * tells of each: what is done here is about one cell, or about the new ones.
 */
export class ReviewWatch implements IDisposable {
  constructor(readonly model: INotebookModel) {
    model.cells.changed.connect(this._onCells, this);
    this._follow(model.cells);
  }

  /**
   * Emitted after the provenance of a cell changed; with null where the list of
   * cells did.
   */
  get changed(): ISignal<this, ICellModel | null> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private _onCells(
    _: unknown,
    { newValues }: { newValues: readonly ICellModel[] }
  ): void {
    this._follow(newValues);
    this._changed.emit(null);
  }

  private _follow(cells: Iterable<ICellModel>): void {
    for (const cell of cells) {
      // Connecting twice is refused by the signal, so this stays one handler.
      cell.metadataChanged.connect(this._onMetadata, this);
      holdTrust(cell);
    }
  }

  private _onMetadata(cell: ICellModel, change: { key?: string }): void {
    if (change.key === undefined || change.key === KEY) {
      followTrust(cell);
      this._changed.emit(cell);
    }
  }

  private _changed = new Signal<this, ICellModel | null>(this);
  private _isDisposed = false;
}
