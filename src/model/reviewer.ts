import { Notification } from '@jupyterlab/apputils';
import type { ICellModel } from '@jupyterlab/cells';
import type {
  INotebookModel,
  INotebookTracker,
  NotebookPanel
} from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { isPending, readProvenance } from './provenance';
import { acceptCells, pendingCells, rejectCells, setPending } from './review';

/**
 * What a reviewer works with.
 */
export interface IReviewerOptions {
  tracker: INotebookTracker;
  trans: TranslationBundle;

  /**
   * Whether text is still arriving in this cell.
   */
  isWriting: (job: string, cell: string) => boolean;
}

/**
 * Decides on the pending cells of the current notebook.
 */
export class Reviewer {
  constructor(private readonly _options: IReviewerOptions) {}

  /**
   * Whether the current notebook has a pending cell.
   */
  get hasPending(): boolean {
    const { model } = this;
    return model !== null && pendingCells(model).length > 0;
  }

  /**
   * The active cell, when it fits.
   */
  active(fits: (cell: ICellModel) => boolean): ICellModel | null {
    const cell = this._options.tracker.activeCell?.model ?? null;
    return cell && fits(cell) ? cell : null;
  }

  /**
   * Accept a cell, the active one by default, and go to the next pending one.
   */
  accept(cell = this.active(isPending)): void {
    this._decide(cell, acceptCells);
  }

  /**
   * Reject a cell, the active one by default, and go to the next pending one.
   */
  reject(cell = this.active(isPending)): void {
    this._decide(cell, rejectCells);
  }

  acceptAll(): void {
    const { model } = this;
    if (model) {
      acceptCells(model, this._finished(model));
      this._focus();
    }
  }

  rejectAll(): void {
    const { model } = this;
    if (model) {
      rejectCells(model, this._finished(model));
      this._focus();
    }
  }

  /**
   * Take the acceptance of the active cell back.
   */
  setPending(): void {
    const cell = this.active(isAccepted);
    if (this.model && cell) {
      setPending(this.model, cell);
    }
  }

  /**
   * Remove what still waits of the active cell's generation, or of the last.
   */
  undoGeneration(): void {
    const { model } = this;
    if (!model) {
      return;
    }
    const here = this._options.tracker.activeCell?.model;
    const job =
      (here && readProvenance(here)?.job) ||
      readProvenance(pendingCells(model).pop() ?? NOTHING)?.job;
    if (job === undefined) {
      return;
    }
    const count = rejectCells(model, pendingCells(model, job));
    const { trans } = this._options;
    Notification.info(
      trans._n(
        '%1 pending cell was removed. Undo in the notebook brings it back.',
        '%1 pending cells were removed. Undo in the notebook brings them back.',
        count
      ),
      { autoClose: 4000 }
    );
    this._focus();
  }

  /**
   * Go to the next (1) or previous (-1) pending cell, around the ends.
   */
  go(step: 1 | -1): void {
    const { panel } = this;
    const cells = panel?.content.widgets ?? [];
    const from = panel?.content.activeCellIndex ?? 0;
    for (let offset = 1; offset <= cells.length; offset += 1) {
      const index = (from + step * offset + cells.length * 2) % cells.length;
      const cell = cells[index];
      if (panel && cell && isPending(cell.model)) {
        panel.content.deselectAll();
        panel.content.activeCellIndex = index;
        void panel.content.scrollToCell(cell);
        this._focus();
        return;
      }
    }
  }

  /**
   * The notebook that is in use.
   */
  get panel(): NotebookPanel | null {
    return this._options.tracker.currentWidget;
  }

  get model(): INotebookModel | null {
    return this.panel?.content.model ?? null;
  }

  private _decide(
    cell: ICellModel | null,
    decide: (model: INotebookModel, cells: readonly ICellModel[]) => number
  ): void {
    const { model } = this;
    if (!model || !cell) {
      return;
    }
    if (!this._finished(model).includes(cell)) {
      Notification.warning(
        this._options.trans.__(
          'This cell is still being written. Wait for its end, or stop the generation.'
        ),
        { autoClose: 4000 }
      );
      return;
    }
    const { panel } = this;
    const index = Array.from(model.cells).indexOf(cell);
    if (panel && index >= 0) {
      panel.content.activeCellIndex = index;
    }
    decide(model, [cell]);
    if (this.active(isPending) === null && this.hasPending) {
      this.go(1);
    }
    this._focus();
  }

  private _finished(model: INotebookModel): ICellModel[] {
    return pendingCells(model).filter(cell => {
      const provenance = readProvenance(cell);
      return !(
        provenance && this._options.isWriting(provenance.job, provenance.cell)
      );
    });
  }

  /**
   * The focused button has gone: put the focus on the notebook.
   */
  private _focus(): void {
    this.panel?.content.activate();
  }
}

const NOTHING = { getMetadata: () => undefined };

/**
 * Whether a cell was generated and accepted.
 */
export function isAccepted(cell: ICellModel): boolean {
  return readProvenance(cell)?.review === 'accepted';
}
