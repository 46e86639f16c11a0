import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { CellEdit } from '../wire/schema';
import {
  MAX_EDITED,
  MAX_SOURCE_CHARS,
  cellLanguage,
  contentOf
} from './edit_cells';
import { hasError } from './edit_error';
import { languageOf } from './language';
import { readProvenance } from './provenance';

/**
 * What can be asked of cells that are there.
 */
export type EditKind = CellEdit['kind'];

/**
 * Those, and a run of a pending cell in a sandbox.
 */
export type CellVerb = EditKind | 'run';

/**
 * The cells that a verb would be about.
 */
export interface ISubject {
  readonly model: INotebookModel | null;
  readonly cells: readonly ICellModel[];

  /**
   * Whether text is still arriving in a cell.
   */
  readonly isWriting: (job: string, cell: string) => boolean;
}

/**
 * Say why a verb cannot be used here; empty where it can.
 */
export function whyNot(
  verb: CellVerb,
  subject: ISubject,
  trans: TranslationBundle
): string {
  return general(verb, subject, trans) || particular(verb, subject, trans);
}

/**
 * Whether only a model can do this: the documentation's own examples answer
 * no question about a cell.
 */
export function needsModel(kind: EditKind): boolean {
  return kind !== 'example';
}

/**
 * Whether there is nothing to send before the person has written something.
 */
export function needsWords(kind: EditKind): boolean {
  return kind === 'edit';
}

/**
 * The task of an edit: what the person says, or what the verb says by itself.
 */
export function taskOf(
  kind: EditKind,
  instruction: string,
  cells: readonly ICellModel[]
): string {
  const said = instruction.trim();
  if (kind === 'redo') {
    const first = cells[0];
    const task = (first && readProvenance(first)?.task) || '';
    return [task, said || DEFAULT_TASKS.redo].filter(Boolean).join('\n\n');
  }
  return said || DEFAULT_TASKS[kind];
}

/**
 * What the model is told where the person adds nothing; it reads English.
 */
const DEFAULT_TASKS: Readonly<Record<EditKind, string>> = {
  edit: 'Improve this code.',
  fix: 'Fix the error.',
  explain: 'Explain this code.',
  example: 'Show an example of what this code uses.',
  port: 'Port this code to the other language.',
  redo: 'Write this cell anew.'
};

function general(
  verb: CellVerb,
  { model, cells, isWriting }: ISubject,
  trans: TranslationBundle
): string {
  if (!model || cells.length === 0) {
    return trans.__('Select a cell first');
  }
  if (model.readOnly && verb !== 'run') {
    return trans.__('The notebook is read-only');
  }
  if (cells.length > MAX_EDITED) {
    return trans.__(
      'At most %1 cells fit; %2 are selected',
      MAX_EDITED,
      cells.length
    );
  }
  const provenances = cells.map(readProvenance);
  if (provenances.some(one => one && isWriting(one.job, one.cell))) {
    return trans.__('The cell is still being written');
  }
  if (
    provenances.some(
      one => one?.review === 'pending' && one.change === 'deleted'
    )
  ) {
    return trans.__('The cell waits to be removed; decide on that first');
  }
  return unusable(model, cells, trans);
}

function unusable(
  model: INotebookModel,
  cells: readonly ICellModel[],
  trans: TranslationBundle
): string {
  const contents = cells.map(contentOf);
  if (contents.includes(null)) {
    return trans.__('Raw cells are left alone');
  }
  const foreign = cells.some(
    (cell, index) =>
      contents[index] === 'code' && cellLanguage(model, cell) === null
  );
  if (foreign) {
    return trans.__(
      'Code can be written in Python and R; this kernel speaks %1',
      languageOf(model)
    );
  }
  const texts = cells.map(cell => cell.sharedModel.getSource());
  return texts.some(text => text.length > MAX_SOURCE_CHARS)
    ? trans.__(
        'The cell is too long: more than %1 characters',
        MAX_SOURCE_CHARS
      )
    : '';
}

function particular(
  verb: CellVerb,
  { cells }: ISubject,
  trans: TranslationBundle
): string {
  const code = cells.every(cell => contentOf(cell) === 'code');
  const empty = cells.every(cell => cell.sharedModel.getSource().trim() === '');
  switch (verb) {
    case 'fix':
      return cells.some(hasError)
        ? ''
        : trans.__('There is no error in its outputs');
    case 'redo':
    case 'run':
      return single(verb, cells, code, trans);
    case 'port':
      return !code
        ? trans.__('Only code can be ported')
        : empty
          ? trans.__('The cell is empty')
          : '';
    case 'explain':
    case 'example':
      return empty ? trans.__('The cell is empty') : '';
    default:
      return '';
  }
}

function single(
  verb: 'redo' | 'run',
  cells: readonly ICellModel[],
  code: boolean,
  trans: TranslationBundle
): string {
  const first = cells[0];
  if (!first || cells.length > 1) {
    return trans.__('Select one cell');
  }
  if (readProvenance(first)?.review !== 'pending') {
    return trans.__('The cell does not wait for review');
  }
  return verb === 'run' && !code ? trans.__('Only code runs') : '';
}
