import type { YNotebook } from '@jupyter/ydoc';
import type { INotebookModel } from '@jupyterlab/notebook';

import { NotebookIntegrity } from '../../model/integrity';
import { ReviewWatch } from '../../model/pending';
import { KEY } from '../../model/provenance';
import { notebook } from './notebook';

/**
 * A notebook as it is watched over when it is open.
 */
export function watched(...sources: string[]): INotebookModel {
  const model = notebook(...sources);
  NotebookIntegrity.of(model.sharedModel as YNotebook);
  new ReviewWatch(model);
  return model;
}

/**
 * Make a cell pending, in an undo step of its own.
 */
export function propose(
  model: INotebookModel,
  index: number,
  members: Record<string, unknown> = {}
): void {
  pause(model);
  model.sharedModel.transact(() =>
    model.sharedModel.getCell(index).setMetadata(KEY, {
      review: 'pending',
      change: 'new',
      job: 'j',
      cell: `c${index}`,
      ...members
    })
  );
  pause(model);
}

/**
 * Let what follows be an undo step of its own.
 */
export function pause(model: INotebookModel): void {
  (model.sharedModel as YNotebook).undoManager.stopCapturing();
}
