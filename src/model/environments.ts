import type { INotebookModel } from '@jupyterlab/notebook';
import type { PartialJSONObject } from '@lumino/coreutils';
import { JSONExt } from '@lumino/coreutils';

import type { Environment } from '../wire/schema';
import { KEY, isObject } from './provenance';

/**
 * Note in a notebook what its cells ran in: once for each image, by the id
 * that the cells name.
 *
 * #### Notes
 * The note is no undo step of the person's.
 */
export function noteEnvironment(
  model: INotebookModel,
  environment: Environment
): void {
  const { sharedModel } = model;
  const ours = sharedModel.getMetadata(KEY);
  const noted = isObject(ours) ? ours : {};
  const before = isObject(noted.environments) ? noted.environments : {};
  const after = { ...environment } as unknown as PartialJSONObject;
  const same = before[environment.image] as PartialJSONObject | undefined;
  if (same && JSONExt.deepEqual(same, after)) {
    return;
  }
  const environments = { ...before, [environment.image]: after };
  sharedModel.transact(() => {
    sharedModel.setMetadata(KEY, { ...noted, environments } as never);
  }, false);
}
