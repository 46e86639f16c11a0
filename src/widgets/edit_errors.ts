import type { Cell } from '@jupyterlab/cells';
import { CodeCell } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { whyNot } from '../model/edit_verbs';
import { isPending } from '../model/provenance';
import { placeRow } from './edit_place';

/**
 * What the rows below errors work with.
 */
export interface IErrorRowsOptions {
  tracker: INotebookTracker;
  trans: TranslationBundle;
  onFix: (panel: NotebookPanel, cell: Cell) => void;
}

/**
 * Offers, below each cell that has failed, to have the error fixed.
 */
export class ErrorRows {
  constructor(private readonly _options: IErrorRowsOptions) {
    _options.tracker.widgetAdded.connect(this._onAdded, this);
  }

  private _onAdded(_: INotebookTracker, panel: NotebookPanel): void {
    const { content } = panel;
    const follow = (): void => {
      content.model?.cells.changed.connect(() => this._watch(panel), this);
      this._watch(panel);
    };
    content.modelChanged.connect(follow, this);
    follow();
  }

  private _watch(panel: NotebookPanel): void {
    for (const cell of panel.content.widgets) {
      if (cell instanceof CodeCell && !this._watched.has(cell)) {
        this._watched.add(cell);
        const draw = (): void => this._draw(panel, cell);
        cell.model.outputs.changed.connect(draw, cell);
        cell.model.metadataChanged.connect(draw, cell);
        // A cell that was never in view has no outputs to stand below yet.
        void cell.ready.then(draw, () => undefined);
      }
    }
  }

  private _draw(panel: NotebookPanel, cell: CodeCell): void {
    const { trans } = this._options;
    if (cell.isDisposed || !cell.inputArea) {
      return;
    }
    const subject = {
      model: panel.content.model,
      cells: [cell.model],
      isWriting: () => false
    };
    // A pending cell has a row of its own, with all that can be done to it.
    const wanted =
      !isPending(cell.model) && whyNot('fix', subject, trans) === '';
    const row = this._rows.get(cell);
    if (!wanted) {
      row?.dispose();
      this._rows.delete(cell);
    } else if (!row) {
      const added = new FixRow(trans, () => this._options.onFix(panel, cell));
      this._rows.set(cell, added);
      placeRow(cell, added, 'below-output');
    }
  }

  private readonly _watched = new WeakSet<Cell>();
  private readonly _rows = new WeakMap<Cell, FixRow>();
}

/**
 * One quiet button below an error.
 */
class FixRow extends Widget {
  constructor(trans: TranslationBundle, onFix: () => void) {
    super();
    this.addClass('jp-Gptoss-fix');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'jp-Gptoss-link';
    button.textContent = trans.__('Fix with gpt-oss…');
    button.addEventListener('click', onFix);
    this.node.append(button);
  }
}
