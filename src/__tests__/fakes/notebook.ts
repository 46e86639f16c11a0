import { NotebookModel } from '@jupyterlab/notebook';
import type { INotebookModel } from '@jupyterlab/notebook';

/**
 * A real notebook model, with undo as JupyterLab sets it up.
 */
export function notebook(...sources: string[]): INotebookModel {
  const model = new NotebookModel({ disableDocumentWideUndoRedo: true });
  model.sharedModel.deleteCellRange(0, model.sharedModel.cells.length);
  model.sharedModel.insertCells(
    0,
    sources.map(source => ({ cell_type: 'code' as const, source }))
  );
  model.sharedModel.clearUndoHistory();
  return model;
}

/**
 * The text of all cells.
 */
export function texts(model: INotebookModel): string[] {
  return model.sharedModel.cells.map(cell => cell.getSource());
}

/**
 * The review state of all cells; empty where a cell is the person's own.
 */
export function reviews(model: INotebookModel): string[] {
  return model.sharedModel.cells.map(cell => {
    const value = cell.getMetadata('gptoss_lab') as
      { review?: string } | undefined;
    return value?.review ?? '';
  });
}
