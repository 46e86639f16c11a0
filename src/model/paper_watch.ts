import type { INotebookModel, INotebookTracker } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { readPaper } from './paper_notes';
import type { INotedPaper } from './paper_notes';

/**
 * What of a tracker is needed to follow the notebook in front.
 */
export type IFrontTracker = Pick<
  INotebookTracker,
  'currentWidget' | 'currentChanged'
>;

/**
 * The paper that the notebook in front notes.
 */
export class PaperWatch {
  constructor(private readonly _tracker: IFrontTracker) {
    _tracker.currentChanged.connect(this._onFront, this);
    this._onFront();
  }

  /**
   * Null where it notes none.
   */
  get noted(): INotedPaper | null {
    return this._noted;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  private _onFront(): void {
    const panel = this._tracker.currentWidget;
    void panel?.context.ready.then(() => {
      if (this._tracker.currentWidget === panel) {
        this._follow(panel.content.model);
      }
    });
    this._follow(panel?.content.model ?? null);
  }

  private _follow(model: INotebookModel | null): void {
    if (model !== this._model) {
      if (this._model && !this._model.isDisposed) {
        this._model.metadataChanged.disconnect(this._read, this);
      }
      this._model = model;
      model?.metadataChanged.connect(this._read, this);
    }
    this._read();
  }

  private _read(): void {
    const { _model: model } = this;
    const before = this._noted;
    this._noted =
      model && !model.isDisposed ? readPaper(model.sharedModel) : null;
    if (before || this._noted) {
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _model: INotebookModel | null = null;
  private _noted: INotedPaper | null = null;
}
