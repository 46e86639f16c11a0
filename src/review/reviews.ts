import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { ISaid } from '../model/reviewer';
import { NotebookReview } from './notebook_review';
import type { INotebookReviewOptions } from './notebook_review';

/**
 * The reviews of all open notebooks.
 */
export class NotebookReviews implements IDisposable {
  constructor(
    tracker: INotebookTracker,
    private readonly _options: Omit<INotebookReviewOptions, 'panel'>
  ) {
    tracker.widgetAdded.connect(this._onAdded, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._reviews.forEach(review => review.dispose());
    this._reviews.clear();
    Signal.clearData(this);
  }

  /**
   * Draw those headers again that show something beside metadata.
   */
  refresh(): void {
    this._reviews.forEach(review => review.refresh());
  }

  /**
   * Draw all headers again: what a cell offers has changed.
   */
  redraw(): void {
    this._reviews.forEach(review => review.redraw());
  }

  /**
   * Say something of a notebook to those who do not see it.
   */
  say(_: unknown, { panel, text }: ISaid): void {
    this._reviews.get(panel)?.say(text);
  }

  private _onAdded(_: INotebookTracker, panel: NotebookPanel): void {
    this._reviews.set(panel, new NotebookReview({ ...this._options, panel }));
    panel.disposed.connect(this._onClosed, this);
  }

  private _onClosed(panel: NotebookPanel): void {
    this._reviews.delete(panel);
  }

  private readonly _reviews = new Map<NotebookPanel, NotebookReview>();
  private _isDisposed = false;
}
