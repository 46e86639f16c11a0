import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { GeneratedCells } from './generated_cells';
import type { IGeneratedCell } from './generated_cells';
import { acceptCells, rejectCells } from './review';

/**
 * The pending cells of one generation in one notebook.
 */
export interface IPendingGeneration {
  readonly job: string;
  readonly task: string;
  readonly cells: readonly IGeneratedCell[];
}

/**
 * The pending cells of one open notebook.
 */
export interface IPendingNotebook {
  readonly path: string;
  readonly count: number;
  readonly generations: readonly IPendingGeneration[];
}

/**
 * A place in an open notebook.
 */
export interface ICellPlace {
  readonly path: string;
  readonly cell: ICellModel;
}

/**
 * What a list of pending cells works with.
 */
export interface IPendingListOptions {
  tracker: {
    forEach(visit: (panel: NotebookPanel) => void): void;
    readonly widgetAdded: ISignal<unknown, NotebookPanel>;
  };

  /**
   * Whether text is still arriving in this cell.
   */
  isWriting: (job: string, cell: string) => boolean;

  /**
   * Runs a function soon, at most once per painted frame.
   */
  schedule: (run: () => void) => void;
}

/**
 * All pending cells of the open notebooks.
 */
export class PendingList implements IDisposable {
  constructor(private readonly _options: IPendingListOptions) {
    _options.tracker.forEach(panel => this._add(panel));
    _options.tracker.widgetAdded.connect((_, panel) => this._add(panel), this);
  }

  /**
   * The notebooks with pending cells, in the order in which they were opened.
   */
  get notebooks(): readonly IPendingNotebook[] {
    this._notebooks ??= [...this._open].flatMap(([model, open]) =>
      groupOf(this._pathOf(model), open.all)
    );
    return this._notebooks;
  }

  get count(): number {
    return this.notebooks.reduce((sum, { count }) => sum + count, 0);
  }

  /**
   * Emitted after what is listed has changed, at most once per frame.
   */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._open.forEach(open => open.dispose());
      this._open.clear();
      Signal.clearData(this);
    }
  }

  isWriting({ provenance: { job, cell } }: IGeneratedCell): boolean {
    return this._options.isWriting(job, cell);
  }

  /**
   * Accept cells of the list; those that are still written are left.
   */
  accept(path: string, cells: readonly IGeneratedCell[]): void {
    this._decide(path, cells, acceptCells);
  }

  /**
   * Reject cells of the list; those that are still written are left.
   */
  reject(path: string, cells: readonly IGeneratedCell[]): void {
    this._decide(path, cells, rejectCells);
  }

  /**
   * The first cell of a job in an open notebook, whatever was decided on it.
   */
  find(job: string): ICellPlace | null {
    for (const [model, open] of this._open) {
      const found = open.all.find(({ provenance }) => provenance.job === job);
      if (found) {
        return { path: this._pathOf(model), cell: found.cell };
      }
    }
    return null;
  }

  private _decide(
    path: string,
    cells: readonly IGeneratedCell[],
    decide: (model: INotebookModel, cells: readonly ICellModel[]) => unknown
  ): void {
    const finished = cells
      .filter(one => !this.isWriting(one))
      .map(({ cell }) => cell);
    for (const model of this._open.keys()) {
      if (this._pathOf(model) === path && finished.length > 0) {
        decide(model, finished);
      }
    }
  }

  private _add(panel: NotebookPanel): void {
    const { context } = panel;
    void context.ready.then(() => {
      const { model } = panel.content;
      if (!model || panel.isDisposed || this._isDisposed) {
        return;
      }
      const own = this._views.get(model) ?? new Set();
      this._views.set(model, own.add(panel));
      panel.disposed.connect(() => this._drop(panel, model), this);
      context.pathChanged.connect(this._refresh, this);
      // A second view of a notebook has the same model.
      if (!this._open.has(model)) {
        const open = new GeneratedCells(model);
        open.changed.connect(this._refresh, this);
        this._open.set(model, open);
      }
      this._refresh();
    });
  }

  private _drop(panel: NotebookPanel, model: INotebookModel): void {
    const views = this._views.get(model);
    views?.delete(panel);
    if (!views?.size) {
      this._views.delete(model);
      this._open.get(model)?.dispose();
      this._open.delete(model);
    }
    this._refresh();
  }

  private _pathOf(model: INotebookModel): string {
    const [panel] = this._views.get(model) ?? [];
    return panel?.context.path ?? '';
  }

  private _refresh(): void {
    this._notebooks = null;
    if (this._scheduled) {
      return;
    }
    this._scheduled = true;
    this._options.schedule(() => {
      this._scheduled = false;
      if (!this._isDisposed) {
        this._changed.emit();
      }
    });
  }

  private readonly _open = new Map<INotebookModel, GeneratedCells>();
  private readonly _views = new Map<INotebookModel, Set<NotebookPanel>>();
  private readonly _changed = new Signal<this, void>(this);
  private _notebooks: readonly IPendingNotebook[] | null = null;
  private _scheduled = false;
  private _isDisposed = false;
}

function groupOf(
  path: string,
  cells: readonly IGeneratedCell[]
): IPendingNotebook[] {
  const pending = cells.filter(
    ({ provenance }) => provenance.review === 'pending'
  );
  const jobs = new Map<string, IGeneratedCell[]>();
  for (const one of pending) {
    const { job } = one.provenance;
    const own = jobs.get(job) ?? [];
    own.push(one);
    jobs.set(job, own);
  }
  const generations = [...jobs].map(([job, own]) => ({
    job,
    task: own[0]?.provenance.task ?? '',
    cells: own
  }));
  return pending.length > 0
    ? [{ path, count: pending.length, generations }]
    : [];
}
