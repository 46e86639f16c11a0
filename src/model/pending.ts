import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { KEY, readProvenance } from './provenance';

/**
 * Tells when the review state of a notebook's cells may have changed.
 */
export class ReviewWatch implements IDisposable {
  constructor(readonly model: INotebookModel) {
    model.cells.changed.connect(this._onCells, this);
    this._onCells();
  }

  /**
   * Emitted after cells or their provenance changed.
   */
  get changed(): ISignal<this, void> {
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

  private _onCells(): void {
    for (const cell of this.model.cells) {
      // Connecting twice is refused by the signal, so this stays one handler.
      cell.metadataChanged.connect(this._onMetadata, this);
    }
    this._keepUntrusted();
    this._changed.emit();
  }

  private _onMetadata(cell: ICellModel, change: { key?: string }): void {
    if (change.key === undefined || change.key === KEY) {
      this._keepUntrusted();
      this._changed.emit();
    }
  }

  /**
   * An undo brings the pending state back, but not what belongs to it.
   */
  private _keepUntrusted(): void {
    for (const cell of this.model.cells) {
      if (cell.trusted && readProvenance(cell)?.review === 'pending') {
        cell.trusted = false;
      }
    }
  }

  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
}
