import type { ICellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { Signal } from '@lumino/signaling';
import type { BoxLayout } from '@lumino/widgets';

import { ReviewWatch } from '../model/pending';
import { isPending } from '../model/provenance';
import { tallyOf } from '../model/tally';
import { ReviewBar } from './bar';
import type { IBarActions } from './bar';
import type { IHeaderActions } from './header';
import { CellHeaders } from './headers';
import { EvidenceMarks } from './mark';

const HAS_PENDING_CLASS = 'jp-Gptoss-hasPending';

/**
 * How soon the counts follow what the person types, in milliseconds.
 */
const COUNT_MS = 300;

/**
 * What the review of a notebook works with.
 */
export interface INotebookReviewOptions {
  panel: NotebookPanel;
  trans: TranslationBundle;
  cells: IHeaderActions;
  bar: IBarActions;
}

/**
 * The review of one notebook, as it is seen: headers, marks, the bar, and what
 * is said of it.
 */
export class NotebookReview implements IDisposable {
  constructor(options: INotebookReviewOptions) {
    const { panel, trans } = options;
    this.panel = panel;
    this._headers = new CellHeaders(options.cells, trans);
    this._marks = new EvidenceMarks(options.cells, trans);
    this._bar = new ReviewBar(options.bar, trans);
    (panel.layout as BoxLayout).addWidget(this._bar);
    this._live = liveRegion(panel.node);
    panel.content.modelChanged.connect(this._onModel, this);
    panel.content.activeCellChanged.connect(this._onActive, this);
    panel.content.node.addEventListener('pointerover', this._onPointer);
    panel.disposed.connect(this.dispose, this);
    this._onModel();
  }

  readonly panel: NotebookPanel;

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.panel.content.node?.removeEventListener(
      'pointerover',
      this._onPointer
    );
    this._counter.dispose();
    this._watch?.dispose();
    Signal.clearData(this);
  }

  /**
   * Draw those headers again that show something beside metadata.
   */
  refresh(): void {
    this._headers.refresh(this.panel.content.widgets);
  }

  /**
   * Draw all headers again: what a cell offers has changed.
   */
  redraw(): void {
    this._headers.redraw(this.panel.content.widgets);
  }

  /**
   * Say something to those who do not see it.
   */
  say(text: string): void {
    this._live.textContent = '';
    // The same words twice are two events only if they went in between.
    setTimeout(() => {
      this._live.textContent = text;
    }, 50);
  }

  private _onModel(): void {
    this._watch?.dispose();
    this._watch = null;
    const { model } = this.panel.content;
    if (model) {
      this._watch = new ReviewWatch(model);
      this._watch.changed.connect(this._onChanged, this);
      model.contentChanged.connect(this._onContent, this);
      this._sync();
    }
  }

  /**
   * Cells change by the hundred at once: look at all of them once, soon.
   */
  private _onChanged(_: ReviewWatch, cell: ICellModel | null): void {
    if (cell) {
      this._changed.add(cell);
    }
    if (this._scheduled) {
      return;
    }
    this._scheduled = true;
    queueMicrotask(() => {
      this._scheduled = false;
      if (!this._isDisposed) {
        this._sync();
      }
    });
  }

  private _sync(): void {
    const { content } = this.panel;
    let any = false;
    for (const cell of content.widgets) {
      if (isPending(cell.model)) {
        any = true;
        this._marks.hide(cell);
        this._headers.show(cell, this._changed.has(cell.model));
      } else {
        this._headers.hide(cell);
        if (this._changed.has(cell.model)) {
          this._marks.hide(cell);
        }
      }
    }
    this._changed.clear();
    this._any = any;
    this.panel.toggleClass(HAS_PENDING_CLASS, any);
    this._marks.show(content.activeCell);
    this._count();
  }

  private _count(): void {
    const { model } = this.panel.content;
    if (model && !this._isDisposed) {
      this._bar.showTally(tallyOf(model));
    }
  }

  private _onContent(): void {
    if (this._any) {
      void this._counter.invoke();
    }
  }

  private _onActive(): void {
    this._marks.show(this.panel.content.activeCell);
  }

  private readonly _onPointer = (event: PointerEvent): void => {
    const node = (event.target as Element | null)?.closest('.jp-Cell');
    if (node && node !== this._hovered) {
      this._hovered = node;
      const cells = this.panel.content.widgets;
      this._marks.show(cells.find(cell => cell.node === node) ?? null);
    }
  };

  private readonly _headers: CellHeaders;
  private readonly _marks: EvidenceMarks;
  private readonly _bar: ReviewBar;
  private readonly _live: HTMLElement;
  private readonly _changed = new Set<ICellModel>();
  private readonly _counter = new Debouncer(() => this._count(), COUNT_MS);
  private _hovered: Element | null = null;
  private _watch: ReviewWatch | null = null;
  private _scheduled = false;
  private _any = false;
  private _isDisposed = false;
}

function liveRegion(parent: HTMLElement): HTMLElement {
  const node = document.createElement('div');
  node.className = 'jp-Gptoss-live';
  node.setAttribute('role', 'status');
  node.setAttribute('aria-live', 'polite');
  parent.append(node);
  return node;
}
