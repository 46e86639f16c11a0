import type { INotebookModel } from '@jupyterlab/notebook';
import type { ICell } from '@jupyterlab/nbformat';
import type { SharedCell } from '@jupyter/ydoc';

/**
 * What JupyterLab 4.6 does to the shared model when a person splits, merges,
 * moves, copies and pastes cells or changes their type.
 */

/**
 * Split a cell at offsets; its last part stays in it.
 */
export function split(
  model: INotebookModel,
  index: number,
  ...offsets: number[]
): void {
  const cell = model.sharedModel.getCell(index);
  const text = cell.getSource();
  const ends = [0, ...offsets, text.length];
  const parts = ends
    .slice(1)
    .map((end, at) =>
      text.slice(ends[at], end).replace(/^\n+/, '').replace(/\n+$/, '')
    );
  const last = parts.pop() ?? '';
  const { cell_type } = cell;
  const metadata = cell.getMetadata();
  model.sharedModel.transact(() => {
    model.sharedModel.insertCells(
      index,
      parts.map(source => ({
        cell_type,
        metadata: JSON.parse(JSON.stringify(metadata)) as typeof metadata,
        source
      })) as SharedCell.Cell[]
    );
    cell.setSource(last);
  });
}

/**
 * Merge cells that lie beside each other into the active one of them.
 */
export function merge(
  model: INotebookModel,
  from: number,
  to: number,
  active = from,
  between = '\n\n'
): void {
  const { sharedModel } = model;
  const source = sharedModel.cells
    .slice(from, to + 1)
    .map(cell => cell.getSource())
    .join(between);
  const primary = sharedModel.getCell(active).toJSON() as ICell;
  const metadata = { ...primary.metadata, trusted: true };
  sharedModel.transact(() => {
    sharedModel.deleteCell(active);
    sharedModel.insertCell(active, {
      cell_type: primary.cell_type,
      metadata,
      source
    } as SharedCell.Cell);
    for (let index = to; index >= from; index -= 1) {
      if (index !== active) {
        sharedModel.deleteCell(index);
      }
    }
  });
}

/**
 * Change the type of a cell.
 */
export function changeType(
  model: INotebookModel,
  index: number,
  type: 'code' | 'markdown' | 'raw'
): void {
  const { sharedModel } = model;
  const { id, source, metadata } = sharedModel
    .getCell(index)
    .toJSON() as ICell & { id: string };
  sharedModel.transact(() => {
    sharedModel.deleteCell(index);
    sharedModel.insertCell(index, {
      id,
      cell_type: type,
      source,
      metadata: type === 'code' ? { ...metadata, trusted: true } : metadata
    } as SharedCell.Cell);
  });
}

/**
 * Copy a cell, of this notebook or another, to a place in this one.
 */
export function paste(
  model: INotebookModel,
  cell: ICell,
  index: number,
  cut = false
): void {
  model.sharedModel.insertCells(index, [
    { ...cell, id: cut ? cell.id : undefined } as SharedCell.Cell
  ]);
}

/**
 * What a copy of a cell holds.
 */
export function copy(model: INotebookModel, index: number): ICell {
  return JSON.parse(
    JSON.stringify(model.sharedModel.getCell(index).toJSON())
  ) as ICell;
}
