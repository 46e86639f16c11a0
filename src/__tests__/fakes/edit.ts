import type { ICellModel, ICodeCellModel } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import type { INotebookModel } from '@jupyterlab/notebook';

import type { IChoices } from '../../choice_tokens';
import { DataConsent } from '../../model/consent';
import { Preferences } from '../../model/preferences';
import { SourceList } from '../../model/sources';
import type { CellProvenance } from '../../wire/schema';

/**
 * Choices of somebody who reads pandas and changed no setting.
 */
export function choices(): IChoices {
  const sources = new SourceList(null);
  sources.add({ kind: 'package', uri: 'pandas' });
  return {
    sources,
    consent: new DataConsent(),
    preferences: new Preferences()
  };
}

/**
 * A cell of a notebook, by its place.
 */
export function cellAt(model: INotebookModel, index = 0): ICellModel {
  return model.cells.get(index);
}

/**
 * Make a cell one that was generated; pending unless the fields say otherwise.
 */
export function mark(
  model: INotebookModel,
  index: number,
  fields: Partial<CellProvenance> = {}
): void {
  cellAt(model, index).sharedModel.setMetadata('gptoss_lab', {
    review: 'pending',
    job: 'j0',
    cell: 'c0',
    task: 'mean of a',
    generator: 'model',
    ...fields
  } as never);
}

/**
 * Put outputs below a cell.
 */
export function show(
  model: INotebookModel,
  index: number,
  ...outputs: IOutput[]
): void {
  (cellAt(model, index) as ICodeCellModel).sharedModel.setOutputs(outputs);
}

export const ERROR: IOutput = {
  output_type: 'error',
  ename: 'KeyError',
  evalue: "'b'",
  traceback: [
    '\u001b[0;31m---------\u001b[0m',
    'Cell In[1], line 1',
    "\u001b[1;31mKeyError\u001b[0m: 'b'"
  ]
};
