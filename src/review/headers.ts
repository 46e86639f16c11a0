import { MarkdownCell } from '@jupyterlab/cells';
import type { Cell, ICellModel } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { PanelLayout } from '@lumino/widgets';

import { readProvenance } from '../model/provenance';
import type { CellProvenance } from '../wire/schema';
import { ReviewHeader } from './header';
import type { IHeaderActions } from './header';

const PENDING_CLASS = 'jp-Gptoss-pending';
const GOING_CLASS = 'jp-Gptoss-going';

/**
 * Marks the pending cells of a notebook, each with a header.
 *
 * #### Notes
 * The header is a row in the cell's own layout: in the flow, so that
 * `content-visibility` clips nothing, and there for Markdown too, whose editor
 * is hidden once it is rendered.
 */
export class CellHeaders {
  constructor(
    private readonly _actions: IHeaderActions,
    private readonly _trans: TranslationBundle
  ) {}

  /**
   * Mark a pending cell; draw its header again if what it shows has changed.
   */
  show(cell: Cell<ICellModel>, changed: boolean): void {
    const header = this._headers.get(cell);
    if (header && !changed) {
      return;
    }
    const change = readProvenance(cell.model)?.change ?? 'new';
    cell.addClass(PENDING_CLASS);
    cell.toggleClass(GOING_CLASS, change === 'deleted');
    if (header) {
      header.update();
    } else {
      this._add(cell, change);
    }
  }

  /**
   * Take the marks of a pending cell away.
   */
  hide(cell: Cell<ICellModel>): void {
    const header = this._headers.get(cell);
    if (!header) {
      return;
    }
    header.dispose();
    this._headers.delete(cell);
    cell.removeClass(PENDING_CLASS);
    cell.removeClass(GOING_CLASS);
    this._opened.delete(cell);
    // Text that was decided on is read, not compared; not under the cursor.
    if (cell instanceof MarkdownCell && !cell.editor?.hasFocus()) {
      cell.rendered = true;
    }
  }

  /**
   * Draw all headers again: what a cell offers has changed.
   */
  redraw(cells: readonly Cell<ICellModel>[]): void {
    cells.forEach(cell => this._headers.get(cell)?.update());
  }

  /**
   * Draw those headers again that show something beside metadata.
   */
  refresh(cells: readonly Cell<ICellModel>[]): void {
    cells.forEach(cell => this._headers.get(cell)?.refresh());
  }

  private _add(cell: Cell<ICellModel>, change: CellProvenance['change']): void {
    const header = new ReviewHeader(cell.model, this._actions, this._trans);
    this._headers.set(cell, header);
    (cell.layout as PanelLayout).insertWidget(0, header);
    // What is compared is the text, not what it is rendered to.
    if (change === 'changed' && cell instanceof MarkdownCell && cell.rendered) {
      cell.rendered = false;
      this._opened.add(cell);
    }
  }

  private readonly _headers = new WeakMap<Cell, ReviewHeader>();
  private readonly _opened = new WeakSet<Cell>();
}
