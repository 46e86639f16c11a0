import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';

import { hunksOf } from './hunks';
import { isPending, readProvenance } from './provenance';

/**
 * What of one generation waits for review.
 */
export interface IGenerationTally {
  readonly job: string;
  readonly task: string;
  readonly cells: number;
  readonly hunks: number;
}

/**
 * What of a notebook waits for review.
 */
export interface ITally {
  readonly cells: number;
  readonly hunks: number;

  /**
   * By generation, in the order of their first cells.
   */
  readonly generations: readonly IGenerationTally[];
}

/**
 * Count what waits for review in a notebook.
 */
export function tallyOf(model: INotebookModel): ITally {
  const generations = new Map<string, IGenerationTally>();
  let cells = 0;
  let hunks = 0;
  for (const cell of model.cells) {
    if (!isPending(cell)) {
      continue;
    }
    const { job, task, count } = read(cell);
    const before = generations.get(job);
    generations.set(job, {
      job,
      task: before?.task || task,
      cells: (before?.cells ?? 0) + 1,
      hunks: (before?.hunks ?? 0) + count
    });
    cells += 1;
    hunks += count;
  }
  return { cells, hunks, generations: [...generations.values()] };
}

/**
 * How many decisions a pending cell needs: one, or one for each of its hunks.
 */
export function hunkCount(cell: ICellModel): number {
  return read(cell).count;
}

interface IRead {
  job: string;
  task: string;
  change: string;
  original: string;
  source: string;
  count: number;
}

function read(cell: ICellModel): IRead {
  const provenance = readProvenance(cell);
  const { job, task, change, original } = provenance ?? NOTHING;
  const source = cell.sharedModel.source;
  const known = counted.get(cell);
  if (
    known?.change === change &&
    known.original === original &&
    known.source === source
  ) {
    return { ...known, job, task };
  }
  const count =
    change === 'changed' ? Math.max(1, hunksOf(original, source).length) : 1;
  const now = { job, task, change, original, source, count };
  counted.set(cell, now);
  return now;
}

const NOTHING = { job: '', task: '', change: 'new', original: '' };

/**
 * Comparing texts costs more than remembering them.
 */
const counted = new WeakMap<ICellModel, IRead>();
