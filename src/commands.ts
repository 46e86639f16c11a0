import { Notification } from '@jupyterlab/apputils';
import type { ICellModel } from '@jupyterlab/cells';
import type {
  INotebookModel,
  INotebookTracker,
  NotebookPanel
} from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  checkIcon,
  closeIcon,
  caretDownIcon,
  caretUpIcon,
  undoIcon
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';

import { isPending, readProvenance } from './model/provenance';
import {
  acceptCells,
  pendingCells,
  rejectCells,
  setPending
} from './model/review';

/**
 * The commands of the extension.
 */
export namespace CommandIDs {
  export const openPanel = 'gptoss-lab:open-panel';
  export const stop = 'gptoss-lab:stop';
  export const acceptCell = 'gptoss-lab:accept-cell';
  export const rejectCell = 'gptoss-lab:reject-cell';
  export const acceptAll = 'gptoss-lab:accept-all';
  export const rejectAll = 'gptoss-lab:reject-all';
  export const nextPending = 'gptoss-lab:next-pending';
  export const previousPending = 'gptoss-lab:previous-pending';
  export const setPending = 'gptoss-lab:set-pending';
  export const undoGeneration = 'gptoss-lab:undo-generation';
}

/**
 * The commands that belong in the palette, in their order there.
 */
export const PALETTE = [
  CommandIDs.openPanel,
  CommandIDs.stop,
  CommandIDs.acceptCell,
  CommandIDs.rejectCell,
  CommandIDs.acceptAll,
  CommandIDs.rejectAll,
  CommandIDs.nextPending,
  CommandIDs.previousPending,
  CommandIDs.setPending,
  CommandIDs.undoGeneration
];

/**
 * What the review commands work with.
 */
export interface IReviewCommandOptions {
  commands: CommandRegistry;
  tracker: INotebookTracker;
  trans: TranslationBundle;

  /**
   * Whether text is still arriving in this cell.
   */
  isWriting: (job: string, cell: string) => boolean;
}

/**
 * Register the commands that decide on pending cells.
 */
export function registerReviewCommands(options: IReviewCommandOptions): void {
  const { commands, tracker, trans } = options;
  const reviewer = new Reviewer(options);
  const describedBy = { args: NO_ARGUMENTS };

  commands.addCommand(CommandIDs.acceptCell, {
    label: trans.__('Accept Cell'),
    caption: trans.__('Accept the pending cell, so that it may run'),
    icon: checkIcon,
    describedBy,
    isEnabled: () => reviewer.active(isPending) !== null,
    execute: () => reviewer.accept()
  });
  commands.addCommand(CommandIDs.rejectCell, {
    label: trans.__('Reject Cell'),
    caption: trans.__('Remove the pending cell, or bring its old text back'),
    icon: closeIcon,
    describedBy,
    isEnabled: () => reviewer.active(isPending) !== null,
    execute: () => reviewer.reject()
  });
  commands.addCommand(CommandIDs.acceptAll, {
    label: trans.__('Accept All Pending Cells'),
    caption: trans.__('Accept every pending cell of this notebook'),
    describedBy,
    isEnabled: () => reviewer.hasPending,
    execute: () => reviewer.acceptAll()
  });
  commands.addCommand(CommandIDs.rejectAll, {
    label: trans.__('Reject All Pending Cells'),
    caption: trans.__('Reject every pending cell of this notebook'),
    describedBy,
    isEnabled: () => reviewer.hasPending,
    execute: () => reviewer.rejectAll()
  });
  commands.addCommand(CommandIDs.nextPending, {
    label: trans.__('Next Pending Cell'),
    caption: trans.__('Go to the next cell that waits for review'),
    icon: caretDownIcon,
    describedBy,
    isEnabled: () => reviewer.hasPending,
    execute: () => reviewer.go(1)
  });
  commands.addCommand(CommandIDs.previousPending, {
    label: trans.__('Previous Pending Cell'),
    caption: trans.__('Go to the previous cell that waits for review'),
    icon: caretUpIcon,
    describedBy,
    isEnabled: () => reviewer.hasPending,
    execute: () => reviewer.go(-1)
  });
  commands.addCommand(CommandIDs.setPending, {
    label: trans.__('Set Cell Back to Pending'),
    caption: trans.__('Take the acceptance of this cell back'),
    describedBy,
    isEnabled: () => reviewer.active(isAccepted) !== null,
    execute: () => reviewer.setPending()
  });
  commands.addCommand(CommandIDs.undoGeneration, {
    label: trans.__('Undo This Generation'),
    caption: trans.__('Remove all cells of this generation that still wait'),
    icon: undoIcon,
    describedBy,
    isEnabled: () => reviewer.hasPending,
    execute: () => reviewer.undoGeneration()
  });

  const refresh = () => commands.notifyCommandChanged();
  tracker.activeCellChanged.connect(refresh);
}

/**
 * Decides on the pending cells of the current notebook.
 */
export class Reviewer {
  constructor(private readonly _options: IReviewCommandOptions) {}

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

const NO_ARGUMENTS = { type: 'object', properties: {} } as const;

const NOTHING = { getMetadata: () => undefined };

function isAccepted(cell: ICellModel): boolean {
  return readProvenance(cell)?.review === 'accepted';
}
