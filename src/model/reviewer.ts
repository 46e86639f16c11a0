import { Notification } from '@jupyterlab/apputils';
import type { Cell, ICellModel } from '@jupyterlab/cells';
import type {
  INotebookModel,
  INotebookTracker,
  NotebookPanel
} from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { HunkVerdict } from './hunks';
import { isPending, readProvenance } from './provenance';
import { acceptCells, pendingCells, rejectCells, setPending } from './review';
import { decidedText } from './review_texts';

/**
 * What a reviewer works with.
 */
export interface IReviewerOptions {
  tracker: Pick<INotebookTracker, 'currentWidget' | 'activeCell'>;
  trans: TranslationBundle;

  /**
   * Whether text is still arriving in this cell.
   */
  isWriting: (job: string, cell: string) => boolean;
}

/**
 * A sentence about a notebook, for those who do not see it change.
 */
export interface ISaid {
  readonly panel: NotebookPanel;
  readonly text: string;
}

/**
 * Decides on the pending cells of the current notebook.
 */
export class Reviewer {
  constructor(private readonly _options: IReviewerOptions) {}

  /**
   * Emitted after each decision with what was decided, and what remains.
   */
  get said(): ISignal<this, ISaid> {
    return this._said;
  }

  /**
   * Whether the current notebook has a pending cell.
   */
  get hasPending(): boolean {
    const { model } = this;
    return model !== null && Array.from(model.cells).some(isPending);
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
    this._decideOne(cell, 'accepted');
  }

  /**
   * Reject a cell, the active one by default, and go to the next pending one.
   */
  reject(cell = this.active(isPending)): void {
    this._decideOne(cell, 'rejected');
  }

  /**
   * Accept what waits in the notebook, or in it of one generation.
   */
  acceptAll(job?: string): void {
    this._decideAll('accepted', job);
  }

  /**
   * Reject what waits in the notebook, or in it of one generation.
   */
  rejectAll(job?: string): void {
    this._decideAll('rejected', job);
  }

  /**
   * Accept what still waits of the active cell's generation, or of the last.
   */
  acceptGeneration(): void {
    const job = this._generation();
    if (job !== null) {
      this._decideAll('accepted', job);
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
   * Remove what still waits of a generation: the given one, the active cell's,
   * or the last.
   */
  undoGeneration(job = this._generation()): void {
    const { model } = this;
    if (!model || job === null) {
      return;
    }
    const count = rejectCells(model, pendingCells(model, job), 'generation');
    const { trans } = this._options;
    Notification.info(
      trans._n(
        '%1 pending cell was removed. Undo in the notebook brings it back.',
        '%1 pending cells were removed. Undo in the notebook brings them back.',
        count
      ),
      { autoClose: 4000 }
    );
    this.sayDecided('rejected', count);
    this.focus();
  }

  /**
   * Go to the next (1) or previous (-1) pending cell, around the ends.
   *
   * @returns The cell, or null where none waits.
   */
  go(step: 1 | -1, job?: string): Cell<ICellModel> | null {
    const { panel } = this;
    const cells = panel?.content.widgets ?? [];
    const from = panel?.content.activeCellIndex ?? 0;
    for (let offset = 1; offset <= cells.length; offset += 1) {
      const index = (from + step * offset + cells.length * 2) % cells.length;
      const cell = cells[index];
      if (panel && cell && waits(cell.model, job)) {
        panel.content.deselectAll();
        panel.content.activeCellIndex = index;
        void panel.content.scrollToCell(cell);
        this.focus();
        return cell;
      }
    }
    return null;
  }

  /**
   * The focused button may have gone: put the focus on the notebook.
   */
  focus(): void {
    this.panel?.content.activate();
  }

  /**
   * Make a cell the active one.
   */
  activate(cell: ICellModel): void {
    const { panel, model } = this;
    const index = Array.from(model?.cells ?? []).indexOf(cell);
    if (panel && index >= 0) {
      panel.content.activeCellIndex = index;
    }
  }

  /**
   * Say something about the current notebook.
   */
  say(text: string): void {
    const { panel } = this;
    if (panel) {
      this._said.emit({ panel, text });
    }
  }

  /**
   * Whether a cell can be decided on; says so where it cannot.
   */
  isFinished(cell: ICellModel): boolean {
    if (!this._isWriting(cell)) {
      return true;
    }
    Notification.warning(
      this._options.trans.__(
        'This cell is still being written. Wait for its end, or stop the generation.'
      ),
      { autoClose: 4000 }
    );
    return false;
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

  private _decideOne(cell: ICellModel | null, verdict: HunkVerdict): void {
    const { model } = this;
    if (!model || !cell || !isPending(cell)) {
      return;
    }
    if (!this.isFinished(cell)) {
      return;
    }
    this.activate(cell);
    const count = DECIDE[verdict](model, [cell]);
    this.sayDecided(verdict, count);
    this.goOn();
  }

  /**
   * Go on after a decision: to the next pending cell, if this one is done.
   */
  goOn(): void {
    if (this.active(isPending) === null && this.hasPending) {
      this.go(1);
    }
    this.focus();
  }

  private _decideAll(verdict: HunkVerdict, job?: string): void {
    const { model } = this;
    if (!model) {
      return;
    }
    const cells = pendingCells(model, job).filter(
      cell => !this._isWriting(cell)
    );
    this.sayDecided(verdict, DECIDE[verdict](model, cells, 'generation'));
    this.focus();
  }

  /**
   * Say what was decided on cells, and how many remain.
   */
  sayDecided(verdict: HunkVerdict, count = 1): void {
    const { model } = this;
    const left = model ? pendingCells(model).length : 0;
    this.say(decidedText(verdict, count, left, this._options.trans));
  }

  private _generation(): string | null {
    const { model } = this;
    const here = this._options.tracker.activeCell?.model;
    const last = model ? pendingCells(model).pop() : undefined;
    return (
      (here && readProvenance(here)?.job) ||
      ((last && readProvenance(last)?.job) ?? null)
    );
  }

  private _isWriting(cell: ICellModel): boolean {
    const provenance = readProvenance(cell);
    return (
      provenance !== null &&
      this._options.isWriting(provenance.job, provenance.cell)
    );
  }

  private readonly _said = new Signal<this, ISaid>(this);
}

const DECIDE = { accepted: acceptCells, rejected: rejectCells };

function waits(cell: ICellModel, job?: string): boolean {
  return (
    isPending(cell) && (job === undefined || readProvenance(cell)?.job === job)
  );
}

/**
 * Whether a cell was generated and accepted.
 */
export function isAccepted(cell: ICellModel): boolean {
  return readProvenance(cell)?.review === 'accepted';
}
