import type { CodeCell, ICodeCellModel } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import type { TranslationBundle } from '@jupyterlab/translation';

import { MIME } from './magic_variables';
import type { IVariable } from './magic_variables';
import { isObject } from './provenance';

/**
 * A request that was sent, as the cell's output notes it.
 */
export interface INote {
  readonly job: string;
  readonly docs: readonly string[];
  readonly variables: readonly IVariable[];
}

/**
 * Show text as the only output of a cell.
 */
export function showText(cell: CodeCell, text: string, failed: boolean): void {
  show(cell, {
    output_type: 'stream',
    name: failed ? 'stderr' : 'stdout',
    text
  });
}

/**
 * Note in a cell's output what was sent.
 */
export function showNote(
  cell: CodeCell,
  note: INote,
  trans: TranslationBundle
): void {
  show(cell, {
    output_type: 'display_data',
    data: {
      [MIME]: { version: 1, ...note } as unknown as Record<string, string>,
      'text/plain': plainNote(note, trans)
    },
    metadata: {}
  });
}

/**
 * Read a note of a notebook that may come from anywhere.
 */
export function readNote(data: unknown): INote {
  const note = isObject(data) ? data : {};
  return {
    job: typeof note.job === 'string' ? note.job : '',
    docs: list(note.docs).filter(doc => typeof doc === 'string'),
    variables: list(note.variables).filter(
      (row): row is IVariable =>
        isObject(row) &&
        typeof row.name === 'string' &&
        typeof row.description === 'string'
    )
  };
}

/**
 * What a kernel has published under our type in a cell's outputs.
 */
export function published(model: ICodeCellModel): unknown[] {
  return model.sharedModel
    .getOutputs()
    .map(({ data }) => (isObject(data) ? data[MIME] : undefined))
    .filter(data => data !== undefined);
}

function plainNote(note: INote, trans: TranslationBundle): string {
  return [
    trans.__(
      'gpt-oss writes cells for this task below. They wait for your review; none has run.'
    ),
    ...(note.docs.length
      ? [trans.__('Documentation: %1', note.docs.join(', '))]
      : []),
    ...(note.variables.length
      ? [
          trans.__('Sent of your variables:'),
          ...note.variables.map(
            ({ name, description }) => `  ${name}: ${description}`
          )
        ]
      : [])
  ].join('\n');
}

function show(cell: CodeCell, output: IOutput): void {
  cell.model.clearExecution();
  cell.model.outputs.add(output);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
