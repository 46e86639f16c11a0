import { CodeCell } from '@jupyterlab/cells';
import type { Cell } from '@jupyterlab/cells';
import { runCell } from '@jupyterlab/notebook';
import type { INotebookCellExecutor } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import { DisposableDelegate } from '@lumino/disposable';
import type { IDisposable } from '@lumino/disposable';

import { isPending } from '../model/provenance';
import { isWaitingCode } from '../model/raw';

/**
 * Told of each pending cell that was asked to run.
 */
export type OnRefused = (cell: Cell) => void;

/**
 * Runs some cells in its own way.
 */
export interface ICellRunner {
  /**
   * Whether this cell is one of those.
   */
  takes(options: INotebookCellExecutor.IRunCellOptions): boolean;

  /**
   * Run it; `original` runs a cell as JupyterLab does, and `together` is how
   * many cells were asked to run at once, as "run all" does it.
   */
  run(
    options: INotebookCellExecutor.IRunCellOptions,
    original: typeof runCell,
    together: Promise<number>
  ): Promise<boolean>;
}

/**
 * What stands between the notebook and whatever runs its cells.
 */
export interface IRunGuard {
  /**
   * Leave some cells to another runner; false where no executor asks us.
   */
  leaveTo(runner: ICellRunner): boolean;
}

/**
 * The token of the run guard.
 */
export const IRunGuard = new Token<IRunGuard>(
  'gptoss-lab:IRunGuard',
  'Stands between the notebook and whatever runs its cells.'
);

/**
 * Runs cells as JupyterLab does, but refuses code that waits for review.
 */
export class GuardedExecutor implements INotebookCellExecutor {
  constructor(
    private readonly _onRefused: OnRefused,
    private readonly _run: typeof runCell = runCell
  ) {}

  /**
   * Run a cell; false when it was refused or did not run.
   *
   * #### Notes
   * Rendering Markdown runs no code, so pending text may be rendered.
   */
  async runCell(
    options: INotebookCellExecutor.IRunCellOptions
  ): Promise<boolean> {
    const together = this._count();
    if (isWaitingCode(options.cell.model)) {
      this._onRefused(options.cell);
      options.onCellExecuted({ cell: options.cell, success: false });
      return false;
    }
    if (this._runner?.takes(options)) {
      return this._runner.run(options, this._run, together);
    }
    return this._run(options);
  }

  /**
   * Leave some cells to another runner. What waits for review never reaches it.
   */
  leaveTo(runner: ICellRunner): void {
    this._runner = runner;
  }

  private _count(): Promise<number> {
    const batch = (this._batch ??= {
      size: 0,
      full: new Promise(resolve => {
        setTimeout(() => {
          this._batch = null;
          resolve();
        });
      })
    });
    batch.size += 1;
    return batch.full.then(() => batch.size);
  }

  private _runner: ICellRunner | null = null;
  private _batch: { size: number; full: Promise<void> } | null = null;
}

/**
 * Put the guard before an executor that another extension has brought.
 *
 * @returns Null where it cannot be changed. JupyterLab's own is such a one;
 * it runs code cells through `CodeCell.execute`.
 */
export function guardExecutor(
  executor: INotebookCellExecutor,
  onRefused: OnRefused
): GuardedExecutor | null {
  if (executor instanceof GuardedExecutor) {
    return executor;
  }
  const guarded = new GuardedExecutor(
    onRefused,
    executor.runCell.bind(executor)
  );
  const runCell = guarded.runCell.bind(guarded);
  return Reflect.set(executor, 'runCell', runCell) ? guarded : null;
}

/**
 * Refuse pending code wherever a code cell is executed without the executor:
 * another extension may have brought its own.
 */
export function guardCodeCells(onRefused: OnRefused): IDisposable {
  const original = CodeCell.execute;
  const guarded: typeof CodeCell.execute = (cell, ...rest) => {
    if (isPending(cell.model)) {
      onRefused(cell);
      return Promise.resolve();
    }
    return original(cell, ...rest);
  };
  CodeCell.execute = guarded;
  return new DisposableDelegate(() => {
    if (CodeCell.execute === guarded) {
      CodeCell.execute = original;
    }
  });
}

/**
 * Gathers refusals that come together, so that "run all" says it once.
 */
export class RefusalNotice {
  constructor(
    private readonly _show: (cells: readonly Cell[]) => void,
    private readonly _delayMs = 150
  ) {}

  /**
   * Note a refused cell.
   */
  add(cell: Cell): void {
    this._cells.add(cell);
    this._timer ??= setTimeout(() => {
      const cells = [...this._cells];
      this._cells.clear();
      this._timer = null;
      this._show(cells);
    }, this._delayMs);
  }

  private readonly _cells = new Set<Cell>();
  private _timer: ReturnType<typeof setTimeout> | null = null;
}
