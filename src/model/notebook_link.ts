import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { ICounts, IJob, ITarget, ITargets } from '../tokens';
import { NO_COUNTS, NotebookBinding } from './binding';
import type { INotice, SentCells } from './writer_target';

/**
 * Where a job's cells go, as it must be known to find the notebook again.
 */
export interface IWhereabouts {
  readonly path: string;

  /**
   * Id of the cell below which the first cell goes; null for the top.
   */
  readonly after: string | null;

  /**
   * Ids of the job's cells that the person removed; they are not put back.
   */
  readonly gone: readonly string[];

  /**
   * The person's cells that may be changed.
   */
  readonly sent: SentCells;
}

/**
 * Holds on to the notebook of a job while it is closed, opened and renamed.
 */
export class NotebookLink implements IDisposable {
  constructor(private readonly _targets: ITargets) {
    _targets.opened.connect(this._onOpened, this);
    _targets.renamed.connect(this._onRenamed, this);
  }

  get where(): IWhereabouts {
    return this._where;
  }

  /**
   * Whether the notebook is open.
   */
  get attached(): boolean {
    return this._binding !== null;
  }

  /**
   * What the person should know of how the cells were written.
   */
  get notices(): readonly INotice[] {
    return this._binding?.notices ?? [];
  }

  /**
   * Emitted when the notebook was opened, closed or renamed.
   */
  get moved(): ISignal<this, 'opened' | 'closed' | 'renamed'> {
    return this._moved;
  }

  /**
   * Emitted when the person has decided on a cell.
   */
  get reviewed(): ISignal<this, void> {
    return this._reviewed;
  }

  /**
   * Emitted when the person has undone the generation, or removed every cell
   * of it while they were written.
   */
  get unwanted(): ISignal<this, void> {
    return this._unwanted;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.forget();
    Signal.clearData(this);
  }

  /**
   * Write into this notebook from now on.
   */
  attach(
    target: ITarget,
    { gone = [], sent = new Map() }: Partial<IWhereabouts> = {}
  ): void {
    this._detach();
    const { path, after } = target;
    this._where = { path, after, gone, sent };
    const binding = new NotebookBinding(target, { gone, sent });
    binding.reviewed.connect(this._onReviewed, this);
    binding.undone.connect(this._onUndone, this);
    binding.closed.connect(this._onClosed, this);
    this._binding = binding;
  }

  /**
   * Wait for a notebook, and write into it if it is open.
   */
  await(where: IWhereabouts): void {
    this._detach();
    this._where = where;
    this._waits = true;
    this._onOpened(this._targets, where.path);
  }

  /**
   * Let the notebook go.
   */
  forget(): void {
    this._detach();
    this._where = NOWHERE;
    this._waits = false;
  }

  /**
   * Bring the notebook to the state of the job.
   */
  apply(job: IJob): void {
    const { _binding: binding } = this;
    if (!binding) {
      return;
    }
    const before = this._where.gone.length;
    binding.apply(job);
    const { gone } = binding;
    if (gone.length === before) {
      return;
    }
    this._where = { ...this._where, gone };
    if (binding.emptied) {
      this._unwanted.emit();
    }
  }

  /**
   * Count the job's cells by their state of review.
   */
  count(job: IJob | null): ICounts {
    return job && this._binding ? this._binding.count(job) : NO_COUNTS;
  }

  private _detach(): void {
    const { _binding: binding } = this;
    this._binding = null;
    binding?.dispose();
  }

  private _onOpened(_: ITargets, path: string): void {
    const target =
      this._waits && path === this._where.path
        ? this._targets.find(path)
        : null;
    if (target) {
      this._waits = false;
      this.attach({ ...target, after: this._where.after }, this._where);
      this._moved.emit('opened');
    }
  }

  private _onClosed(): void {
    if (this._binding) {
      this._binding = null;
      this._waits = true;
      this._moved.emit('closed');
    }
  }

  private _onRenamed(_: ITargets, { from, to }: IRename): void {
    if (from === this._where.path) {
      this._where = { ...this._where, path: to };
      this._moved.emit('renamed');
    }
  }

  private _onReviewed(): void {
    this._reviewed.emit();
  }

  private _onUndone(): void {
    this._unwanted.emit();
  }

  private readonly _moved = new Signal<this, 'opened' | 'closed' | 'renamed'>(
    this
  );
  private readonly _reviewed = new Signal<this, void>(this);
  private readonly _unwanted = new Signal<this, void>(this);
  private _where: IWhereabouts = NOWHERE;
  private _binding: NotebookBinding | null = null;
  private _waits = false;
  private _isDisposed = false;
}

type IRename = { from: string; to: string };

const NOWHERE: IWhereabouts = {
  path: '',
  after: null,
  gone: [],
  sent: new Map()
};
