import type { YNotebook } from '@jupyter/ydoc';
import type { IDisposable } from '@lumino/disposable';

import { mendCopies, mendLeaks } from './integrity_leak';
import { mendMerge } from './integrity_merge';
import { SettledTexts } from './integrity_history';
import { mendSplit } from './integrity_split';
import { cellsOf, metadataOf, pendingIn, stateOf } from './integrity_state';
import type { ICellState, IStep, Mends, SharedMap } from './integrity_state';
import { KEY, asMetadata } from './provenance';
import { forgetTyping, isDeciding } from './step';
import { noteTrust } from './trust';

type Transaction = Parameters<Parameters<YNotebook['ydoc']['transact']>[0]>[0];

/**
 * The origin of what is mended outside of an undo step.
 */
const MENDING = Symbol('gptoss-lab:integrity');

const NOTHING: Mends = new Map();

const WATCHED = new WeakMap<object, NotebookIntegrity>();

/**
 * Keeps text that nobody has reviewed in cells that are pending, whatever is
 * done to the cells of a notebook.
 *
 * #### Notes
 * It looks at each transaction of the shared document when that is over, and
 * before anybody is told of it: no cell is ever seen without its mend. A mend
 * joins the undo step that made it due. What another client did, that one
 * mends; here only the trust in outputs is withdrawn.
 */
export class NotebookIntegrity implements IDisposable {
  /**
   * Watch over a notebook; the same watch for the same notebook.
   */
  static of(notebook: YNotebook): NotebookIntegrity {
    const known = WATCHED.get(notebook);
    if (known && !known.isDisposed) {
      return known;
    }
    const made = new NotebookIntegrity(notebook);
    WATCHED.set(notebook, made);
    return made;
  }

  private constructor(private readonly _notebook: YNotebook) {
    this._remember();
    _notebook.ydoc.on('beforeObserverCalls', this._onTransaction);
    _notebook.disposed.connect(this.dispose, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._notebook.disposed.disconnect(this.dispose, this);
    this._notebook.ydoc.off('beforeObserverCalls', this._onTransaction);
    this._states.clear();
  }

  private readonly _onTransaction = (transaction: Transaction): void => {
    const touched = this._touched(transaction);
    const step = this._follow(transaction, touched);
    if (this._own.has(transaction)) {
      return;
    }
    const mends =
      step && transaction.local && !isDeciding(this._notebook)
        ? this._mends(step, transaction)
        : NOTHING;
    const untrusted = this._trusted(step, touched, mends);
    if (mends.size || untrusted.length) {
      this._write(mends, untrusted, transaction);
    }
    if (step) {
      if (!isDeciding(this._notebook)) {
        this._endTyping(step, mends);
      }
      this._settled.note(withMends(step, mends));
    }
  };

  private _mends(step: IStep, transaction: Transaction): Mends {
    if (isHistory(transaction.origin)) {
      return this._settled.mend(step);
    }
    const merged = mendMerge(step);
    return new Map([
      ...mendCopies(step),
      ...(merged.size ? merged : mendLeaks(step)),
      ...mendSplit(step)
    ]);
  }

  /**
   * Pending cells that a transaction left with trusted outputs.
   */
  private _trusted(
    step: IStep | null,
    touched: readonly SharedMap[],
    mends: Mends
  ): SharedMap[] {
    const own = new Set(
      step?.altered
        .filter(({ before }) => !pendingIn(before))
        .map(({ after }) => this._cells.get(after))
    );
    const came = step?.came.map(state => this._cells.get(state)) ?? [];
    return [...came, ...touched].filter((cell): cell is SharedMap => {
      const state = cell && this._states.get(cell);
      if (!state || metadataOf(cell)?.get('trusted') !== true) {
        return false;
      }
      const waits = mends.has(state) || pendingIn(state) !== null;
      if (waits && own.has(cell)) {
        noteTrust(cell);
      }
      return waits;
    });
  }

  private _write(
    mends: Mends,
    untrusted: readonly SharedMap[],
    transaction: Transaction
  ): void {
    const { ydoc, undoManager } = this._notebook;
    const joins =
      !isHistory(transaction.origin) &&
      undoManager.trackedOrigins.has(transaction.origin);
    ydoc.transact(
      own => {
        this._own.add(own);
        mends.forEach((provenance, state) => {
          const cell = this._cells.get(state);
          const metadata = cell && metadataOf(cell);
          metadata?.set(KEY, asMetadata(provenance));
        });
        untrusted.forEach(cell => metadataOf(cell)?.delete('trusted'));
      },
      joins ? this._notebook : MENDING
    );
  }

  /**
   * A cell that waits no longer has no history of typing from that time.
   */
  private _endTyping(step: IStep, mends: Mends): void {
    for (const { before, after } of step.altered) {
      if (pendingIn(before) && !pendingIn(after) && !mends.has(after)) {
        const ycell = this._cells.get(after);
        const cell = this._notebook.cells.find(one => one.ymodel === ycell);
        if (cell) {
          forgetTyping(this._notebook, cell);
        }
      }
    }
  }

  /**
   * Bring what is known of the cells up to date; null where nothing happened.
   */
  private _follow(
    transaction: Transaction,
    touched: readonly SharedMap[]
  ): IStep | null {
    const list = cellsOf(this._notebook);
    const changed = transaction.changed as ReadonlyMap<unknown, unknown>;
    if (changed.has(list)) {
      return this._followList(list.toArray(), new Set(touched));
    }
    const altered: IStep['altered'][number][] = [];
    for (const cell of touched) {
      altered.push(...this._update(cell));
    }
    return altered.length ? { gone: [], came: [], altered, after: [] } : null;
  }

  private _followList(
    cells: SharedMap[],
    touched: ReadonlySet<SharedMap>
  ): IStep {
    const old = this._states;
    const present = new Set(cells);
    const gone = [...old]
      .filter(([cell]) => !present.has(cell))
      .map(([, state]) => state);
    const came: ICellState[] = [];
    const altered: IStep['altered'][number][] = [];
    this._states = new Map();
    for (const cell of cells) {
      const before = old.get(cell);
      if (before) {
        this._states.set(cell, before);
        altered.push(...(touched.has(cell) ? this._update(cell) : []));
      } else {
        came.push(this._store(cell));
      }
    }
    return { gone, came, altered, after: [...this._states.values()] };
  }

  /**
   * The known cells in which something was changed.
   */
  private _touched(transaction: Transaction): SharedMap[] {
    const touched = new Set<SharedMap>();
    for (const type of transaction.changed.keys()) {
      let owner: unknown = type;
      while (isShared(owner) && !this._states.has(owner)) {
        owner = owner.parent;
      }
      if (isShared(owner)) {
        touched.add(owner);
      }
    }
    return [...touched];
  }

  private _update(cell: SharedMap): IStep['altered'][number][] {
    const before = this._states.get(cell);
    const after = this._store(cell);
    return before &&
      (before.source !== after.source || before.value !== after.value)
      ? [{ before, after }]
      : [];
  }

  private _store(cell: SharedMap): ICellState {
    const state = stateOf(cell);
    this._states.set(cell, state);
    this._cells.set(state, cell);
    return state;
  }

  private _remember(): void {
    cellsOf(this._notebook)
      .toArray()
      .forEach(cell => this._store(cell));
  }

  private _states = new Map<SharedMap, ICellState>();
  private readonly _cells = new WeakMap<ICellState, SharedMap>();
  private readonly _settled = new SettledTexts();
  private readonly _own = new WeakSet<Transaction>();
  private _isDisposed = false;
}

/**
 * Whether a value is a part of the shared document.
 */
function isShared(value: unknown): value is SharedMap & { parent: unknown } {
  return typeof value === 'object' && value !== null && 'parent' in value;
}

/**
 * Whether an undo or a redo is the origin of a transaction.
 */
function isHistory(origin: unknown): boolean {
  return (
    typeof origin === 'object' &&
    origin !== null &&
    'undoStack' in origin &&
    'redoStack' in origin
  );
}

/**
 * The step as it is with its mends.
 */
function withMends(step: IStep, mends: Mends): IStep {
  const now = (state: ICellState): ICellState => {
    const provenance = mends.get(state);
    return provenance ? { ...state, value: provenance } : state;
  };
  return {
    ...step,
    came: step.came.map(now),
    altered: step.altered.map(({ before, after }) => ({
      before,
      after: now(after)
    }))
  };
}
