import type { ISharedCell } from '@jupyter/ydoc';
import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel, INotebookTracker } from '@jupyterlab/notebook';

import { readProvenance } from './provenance';
import { acceptCells, rejectCells, setOriginal } from './review';

/**
 * Records what is decided on parts of a changed cell.
 */
export class ReviewDecisions {
  constructor(private readonly _tracker: Pick<INotebookTracker, 'find'>) {}

  /**
   * A part was accepted: compare the rest with this text.
   */
  onOriginal(cell: ISharedCell, original: string): void {
    const found = this._find(cell);
    if (found) {
      found.model.sharedModel.transact(() => setOriginal(cell, original));
    }
  }

  /**
   * No part is left: the cell as a whole is decided on.
   */
  onAllDecided(cell: ISharedCell): void {
    const found = this._find(cell);
    const provenance = readProvenance(cell);
    if (!found || provenance?.review !== 'pending') {
      return;
    }
    const unchanged = cell.getSource() === provenance.original;
    const decide = unchanged ? rejectCells : acceptCells;
    decide(found.model, [found.cell]);
  }

  private _find(
    shared: ISharedCell
  ): { model: INotebookModel; cell: ICellModel } | null {
    for (const model of this._models()) {
      for (const cell of model.cells) {
        if (cell.sharedModel === shared) {
          return { model, cell };
        }
      }
    }
    return null;
  }

  private _models(): INotebookModel[] {
    const models: INotebookModel[] = [];
    this._tracker.find(({ content }) => {
      if (content.model) {
        models.push(content.model);
      }
      return false;
    });
    return models;
  }
}
