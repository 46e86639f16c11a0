import type { Cell, ICellModel } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { PanelLayout } from '@lumino/widgets';

import { ReviewWatch } from '../model/pending';
import { isPending } from '../model/provenance';
import { ReviewHeader } from './header';
import type { IHeaderActions } from './header';

const PENDING_CLASS = 'jp-Gptoss-pending';
const HAS_PENDING_CLASS = 'jp-Gptoss-hasPending';

/**
 * Marks the pending cells of every open notebook.
 */
export class ReviewHeaders implements IDisposable {
  constructor(
    tracker: INotebookTracker,
    private readonly _actions: IHeaderActions,
    private readonly _trans: TranslationBundle
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
    this._notebooks.forEach(notebook => notebook.dispose());
    this._notebooks.clear();
    Signal.clearData(this);
  }

  /**
   * Draw the headers again: what they show beside metadata has changed.
   */
  refresh(): void {
    this._notebooks.forEach(notebook => notebook.refresh());
  }

  private _onAdded(_: INotebookTracker, panel: NotebookPanel): void {
    this._notebooks.add(new NotebookHeaders(panel, this._actions, this._trans));
    panel.disposed.connect(this._onClosed, this);
  }

  private _onClosed(): void {
    for (const notebook of this._notebooks) {
      if (notebook.isDisposed) {
        this._notebooks.delete(notebook);
      }
    }
  }

  private readonly _notebooks = new Set<NotebookHeaders>();
  private _isDisposed = false;
}

/**
 * Marks the pending cells of one notebook.
 *
 * #### Notes
 * The header is a row in the cell's own layout: in the flow, so that
 * `content-visibility` clips nothing, and there for Markdown too, whose editor
 * is hidden once it is rendered.
 */
export class NotebookHeaders implements IDisposable {
  constructor(
    private readonly _panel: NotebookPanel,
    private readonly _actions: IHeaderActions,
    private readonly _trans: TranslationBundle
  ) {
    _panel.content.modelChanged.connect(this._onModel, this);
    _panel.disposed.connect(this.dispose, this);
    this._onModel();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._watch?.dispose();
    Signal.clearData(this);
  }

  /**
   * Draw the headers again: what they show beside metadata has changed.
   */
  refresh(): void {
    for (const cell of this._panel.content.widgets) {
      this._headers.get(cell)?.update();
    }
  }

  private _onModel(): void {
    this._watch?.dispose();
    this._watch = null;
    const { model } = this._panel.content;
    if (model) {
      this._watch = new ReviewWatch(model);
      this._watch.changed.connect(this._sync, this);
      this._sync();
    }
  }

  private _sync(): void {
    const { content } = this._panel;
    let any = false;
    for (const cell of content.widgets) {
      const pending = isPending(cell.model);
      any ||= pending;
      cell.toggleClass(PENDING_CLASS, pending);
      if (pending) {
        this._show(cell);
      } else {
        this._hide(cell);
      }
    }
    content.toggleClass(HAS_PENDING_CLASS, any);
  }

  private _show(cell: Cell<ICellModel>): void {
    (this._headers.get(cell) ?? this._add(cell)).update();
  }

  private _add(cell: Cell<ICellModel>): ReviewHeader {
    const header = new ReviewHeader(cell.model, this._actions, this._trans);
    this._headers.set(cell, header);
    (cell.layout as PanelLayout).insertWidget(0, header);
    return header;
  }

  private _hide(cell: Cell<ICellModel>): void {
    this._headers.get(cell)?.dispose();
    this._headers.delete(cell);
  }

  private readonly _headers = new WeakMap<Cell, ReviewHeader>();
  private _watch: ReviewWatch | null = null;
  private _isDisposed = false;
}
