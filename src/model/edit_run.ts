import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';

import { contentOf } from './edit_cells';
import { splitMagic } from './magic';
import { isPending } from './provenance';

/**
 * The most cells that an execution takes.
 */
const MAX_RUN = 200;

/**
 * What is run to see what a pending cell does: the cells above it that the
 * person wrote or accepted, and the cell, last.
 */
export interface IRun {
  readonly sources: readonly string[];

  /**
   * How many cells of the notebook stand before it.
   */
  readonly above: number;
}

/**
 * Collect what a run of a pending cell takes.
 *
 * #### Notes
 * Cells that wait for review are left out, as the person may yet reject them.
 * More cells than an execution takes are run together, the first ones; a cell
 * with a magic of its own must stay by itself.
 */
export function runOf(model: INotebookModel, cell: ICellModel): IRun {
  const cells = Array.from(model.cells);
  const above = cells
    .slice(0, cells.indexOf(cell))
    .filter(one => contentOf(one) === 'code' && !isPending(one))
    .map(one => one.sharedModel.getSource())
    .filter(source => source.trim() !== '' && !splitMagic(source));
  return {
    sources: [...joined(above, MAX_RUN - 1), cell.sharedModel.getSource()],
    above: above.length
  };
}

function joined(sources: readonly string[], limit: number): string[] {
  const rows = [...sources];
  let at = 0;
  while (rows.length > limit && at < rows.length - 1) {
    const [first = '', second = ''] = rows.slice(at, at + 2);
    if (isMagic(first) || isMagic(second)) {
      at += 1;
    } else {
      rows.splice(at, 2, `${first}\n\n${second}`);
    }
  }
  return rows;
}

function isMagic(source: string): boolean {
  return source.trimStart().startsWith('%%');
}
