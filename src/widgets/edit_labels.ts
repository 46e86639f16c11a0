import type { TranslationBundle } from '@jupyterlab/translation';

import { splitMagic } from '../model/magic';
import type { CellVerb, EditKind } from '../model/edit_verbs';
import type { IJob } from '../tokens';
import type { EditedCell } from '../wire/schema';
import { stageLabel } from './labels';

/**
 * What a verb is called in menus.
 */
export function verbLabel(verb: CellVerb, trans: TranslationBundle): string {
  switch (verb) {
    case 'edit':
      return trans.__('Edit Cell with gpt-oss…');
    case 'fix':
      return trans.__('Fix the Error…');
    case 'explain':
      return trans.__('Explain…');
    case 'example':
      return trans.__('Add an Example from the Documentation…');
    case 'port':
      return trans.__('Port between Python and R…');
    case 'redo':
      return trans.__('Redo This Cell with…');
    case 'run':
      return trans.__('Run in Sandbox');
  }
}

/**
 * What a verb does, in a sentence.
 */
export function verbCaption(verb: CellVerb, trans: TranslationBundle): string {
  switch (verb) {
    case 'edit':
      return trans.__('Say in words how the selected cells should change');
    case 'fix':
      return trans.__('Have the error below this cell fixed');
    case 'explain':
      return trans.__('Have the cell explained in a text cell below');
    case 'example':
      return trans.__('Have an example of the documentation put below');
    case 'port':
      return trans.__('Have the same in the other language put below');
    case 'redo':
      return trans.__('Have only this pending cell generated anew');
    case 'run':
      return trans.__(
        'Run this pending cell in a sandbox and look at its outputs first'
      );
  }
}

/**
 * What the box of a verb is called, and what stands in it while it is empty.
 */
export function boxTexts(
  kind: EditKind,
  trans: TranslationBundle
): { title: string; placeholder: string; send: string } {
  switch (kind) {
    case 'edit':
      return {
        title: trans.__('Edit'),
        placeholder: trans.__('How should it change?'),
        send: trans.__('Edit')
      };
    case 'fix':
      return {
        title: trans.__('Fix the error'),
        placeholder: trans.__('Anything to know? (optional)'),
        send: trans.__('Fix')
      };
    case 'explain':
      return {
        title: trans.__('Explain'),
        placeholder: trans.__('For whom, or what about it? (optional)'),
        send: trans.__('Explain')
      };
    case 'example':
      return {
        title: trans.__('Add an example'),
        placeholder: trans.__('Of what? (optional)'),
        send: trans.__('Add')
      };
    case 'port':
      return {
        title: trans.__('Port'),
        placeholder: trans.__('Which packages? (optional)'),
        send: trans.__('Port')
      };
    case 'redo':
      return {
        title: trans.__('Redo this cell'),
        placeholder: trans.__('What should be different? (optional)'),
        send: trans.__('Redo')
      };
  }
}

/**
 * Name a cell by its first line that says something.
 */
export function cellName(
  cell: Pick<EditedCell, 'source'>,
  trans: TranslationBundle
): string {
  const source = splitMagic(cell.source ?? '')?.body ?? cell.source ?? '';
  const line = source.split('\n').find(row => row.trim() !== '') ?? '';
  const text = line.trim();
  return text === ''
    ? trans.__('empty cell')
    : text.length > 60
      ? `${text.slice(0, 59)}…`
      : text;
}

/**
 * Say how far an answer has come.
 */
export function progressText(
  job: IJob | null,
  trans: TranslationBundle
): string {
  if (!job) {
    return trans.__('Asking…');
  }
  if (job.position > 0) {
    return trans._n(
      'Waiting for %1 generation before',
      'Waiting for %1 generations before',
      job.position
    );
  }
  const step = job.steps.find(({ running }) => running);
  return step ? stageLabel(step.stage, trans) : trans.__('Asking…');
}
