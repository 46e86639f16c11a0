import type { INotebookModel } from '@jupyterlab/notebook';
import { JSONExt } from '@lumino/coreutils';

import type { IJob } from '../tokens';
import { noteEnvironment } from './environments';
import { KEY, asMetadata, provenanceOf, readProvenance } from './provenance';
import { isCode } from './writer_target';
import { showOutputs } from './writer_text';

/**
 * Write down how the cells of a job did when they were checked and run again.
 *
 * #### Notes
 * What was run is the text that the job has: of a cell that the person has
 * edited since, nothing new is said. It decides nothing, and is an undo step only
 * for a cell that was decided on: Yjs does not bring the decision back that was
 * there before, where something was written over it that cannot be undone.
 *
 * @returns How many cells it is known of now.
 */
export function noteProven(
  model: INotebookModel,
  of: string,
  again: IJob
): number {
  if (model.isDisposed || model.readOnly) {
    return 0;
  }
  const { sharedModel } = model;
  const drafts = new Map(again.drafts.map(draft => [draft.id, draft]));
  let noted = 0;
  for (const cell of sharedModel.cells) {
    const known = readProvenance(cell);
    const draft = known?.job === of ? drafts.get(known.cell) : undefined;
    if (!known || !draft?.verification || cell.getSource() !== draft.source) {
      continue;
    }
    noted += 1;
    const { checks, verification } = provenanceOf(again, draft);
    const next = asMetadata({ ...known, checks, verification });
    if (JSONExt.deepEqual(asMetadata(known), next)) {
      continue;
    }
    const waits = known.review === 'pending';
    sharedModel.transact(() => {
      cell.setMetadata(KEY, next);
      if (waits && known.change === 'new' && isCode(cell)) {
        showOutputs(cell, draft);
      }
    }, !waits);
  }
  if (noted > 0 && again.environment) {
    noteEnvironment(model, again.environment);
  }
  return noted;
}
