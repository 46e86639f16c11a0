import type { INotebookModel } from '@jupyterlab/notebook';

import type { IDraft, IJob } from '../tokens';
import { positionOf } from './writer_target';

/**
 * The index for a draft: below the cell that it was meant for, or after its
 * nearest predecessor that is there, or below the anchor.
 *
 * @param idOf The id of the cell that holds a draft, if it was written.
 */
export function placeOf(
  model: INotebookModel,
  job: IJob,
  draft: IDraft,
  idOf: (draft: IDraft) => string | undefined,
  anchor: string | null
): number {
  const at = (other: IDraft): number =>
    positionOf(model, idOf(other) ?? other.target);
  const meant = positionOf(model, draft.target);
  if (meant >= 0) {
    return meant + 1;
  }
  const above = job.drafts
    .filter(({ index }) => index < draft.index)
    .reverse()
    .map(at)
    .find(position => position >= 0);
  if (above !== undefined) {
    return above + 1;
  }
  const below = job.drafts
    .filter(({ index }) => index > draft.index)
    .map(at)
    .find(position => position >= 0);
  if (below !== undefined) {
    return below;
  }
  if (anchor === null) {
    return 0;
  }
  const position = positionOf(model, anchor);
  return position < 0 ? model.sharedModel.cells.length : position + 1;
}
