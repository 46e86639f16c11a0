import type { INotebookModel } from '@jupyterlab/notebook';
import type { YNotebook } from '@jupyter/ydoc';

import { newJob, reduce } from '../../model/job';
import { readProvenance } from '../../model/provenance';
import { CellWriter } from '../../model/writer';
import { sentCells } from '../../model/writer_target';
import type { IJob } from '../../tokens';
import type { Event } from '../../wire/schema';
import {
  DONE,
  GENERATOR,
  close,
  delta,
  open,
  script,
  touch,
  verified
} from './script';

/**
 * A writer that may change the cells with these indices.
 */
export function editor(model: INotebookModel, ...indices: number[]) {
  const cells = indices.map(index => {
    const cell = model.sharedModel.cells[index];
    return {
      id: cell?.getId() ?? '',
      kind: 'code' as const,
      language: 'python' as const,
      source: cell?.getSource() ?? ''
    };
  });
  const after = cells.at(-1)?.id ?? null;
  const sent = sentCells({ kind: 'edit', cells });
  return { writer: new CellWriter({ model, after, sent }), sent };
}

/**
 * Apply events one by one, as the slowest page would see them.
 */
export function stream(
  writer: CellWriter,
  events: Event[],
  from: IJob = newJob('j1', 'task', true)
): IJob {
  return events.reduce((job, event) => {
    const next = reduce(job, event);
    writer.apply(next);
    return next;
  }, from);
}

export function idOf(model: INotebookModel, index: number): string {
  return model.sharedModel.cells[index]?.getId() ?? '';
}

export function noteOf(model: INotebookModel, index: number) {
  const cell = model.sharedModel.cells[index];
  return cell ? readProvenance(cell) : null;
}

export function steps(model: INotebookModel): number {
  return (model.sharedModel as YNotebook).undoManager.undoStack.length;
}

/**
 * Change the first cell, put one below it, delete the second.
 */
export function edit(model: INotebookModel): Event[] {
  return script(
    GENERATOR,
    touch('a', 0, 'changed', idOf(model, 0)),
    delta('a', 'x = '),
    delta('a', '2'),
    close('a', 'x = 2'),
    open('b', 1),
    delta('b', 'print(x)'),
    close('b', 'print(x)'),
    touch('c', 2, 'deleted', idOf(model, 1)),
    close('c', model.sharedModel.cells[1]?.getSource() ?? ''),
    verified('a'),
    DONE
  );
}
