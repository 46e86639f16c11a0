import type { INotebookModel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { ICounts, IJob, ITarget } from '../tokens';
import { ReviewWatch } from './pending';
import { isPending, readProvenance } from './provenance';
import { CellWriter } from './writer';
import type { INotice, SentCells } from './writer_target';

/**
 * The counts of a job with no cell.
 */
export const NO_COUNTS: ICounts = {
  total: 0,
  pending: 0,
  accepted: 0,
  rejected: 0
};

/**
 * Ties a job to the notebook that its cells go to, until that is closed.
 */
export class NotebookBinding implements IDisposable {
  constructor(
    readonly target: ITarget,
    options: { gone: readonly string[]; sent: SentCells }
  ) {
    const { model, after } = target;
    this._writer = new CellWriter({ model, after, ...options });
    this._writer.undone.connect(this._onUndone, this);
    this._watch = new ReviewWatch(model);
    this._watch.changed.connect(this._onReview, this);
    model.sharedModel.disposed.connect(this.dispose, this);
  }

  /**
   * Ids of the job's cells that the person removed.
   */
  get gone(): string[] {
    return this._writer.gone;
  }

  /**
   * What the person should know of how the cells were written.
   */
  get notices(): readonly INotice[] {
    return this._writer.notices;
  }

  /**
   * Whether the person has removed every cell that was written.
   */
  get emptied(): boolean {
    return this._writer.gone.length > 0 && this._writer.inserted === 0;
  }

  /**
   * Emitted when the person has decided on a cell.
   */
  get reviewed(): ISignal<this, void> {
    return this._reviewed;
  }

  /**
   * Emitted when the person has undone the generation.
   */
  get undone(): ISignal<this, void> {
    return this._undone;
  }

  /**
   * Emitted when the notebook was closed.
   */
  get closed(): ISignal<this, void> {
    return this._closed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._watch.dispose();
    this._closed.emit();
    Signal.clearData(this);
  }

  /**
   * Bring the notebook to the state of the job.
   */
  apply(job: IJob): void {
    this._writer.apply(job);
  }

  /**
   * Count the job's cells by their state of review.
   */
  count(job: IJob): ICounts {
    const cells = generatedCells(this.target.model, job.id);
    const pending = cells.filter(isPending).length;
    const accepted = cells.filter(
      cell => readProvenance(cell)?.review === 'accepted'
    ).length;
    const total = job.drafts.filter(({ state }) => state !== 'removed').length;
    return {
      total,
      pending,
      accepted,
      rejected: job.ended ? Math.max(0, total - pending - accepted) : 0
    };
  }

  /**
   * Tell once of what was decided at once.
   */
  private _onReview(): void {
    if (this._telling) {
      return;
    }
    this._telling = true;
    queueMicrotask(() => {
      this._telling = false;
      this._reviewed.emit();
    });
  }

  private _onUndone(): void {
    this._undone.emit();
  }

  private readonly _writer: CellWriter;
  private readonly _watch: ReviewWatch;
  private _telling = false;
  private readonly _reviewed = new Signal<this, void>(this);
  private readonly _undone = new Signal<this, void>(this);
  private readonly _closed = new Signal<this, void>(this);
  private _isDisposed = false;
}

function generatedCells(model: INotebookModel, job: string) {
  return Array.from(model.cells).filter(
    cell => readProvenance(cell)?.job === job
  );
}
