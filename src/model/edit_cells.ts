import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';

import type { CellEdit, EditedCell } from '../wire/schema';
import { errorOf } from './edit_error';
import { languageOf } from './language';
import { readProvenance } from './provenance';

/**
 * The most cells that one edit may be about.
 */
export const MAX_EDITED = 20;

/**
 * The longest text of a cell that the server takes, in characters.
 */
export const MAX_SOURCE_CHARS = 400_000;

/**
 * The languages that cells can be written in.
 */
export type CellLanguage = 'python' | 'r';

/**
 * What a cell holds, whatever its type is while it waits; null for raw text.
 */
export function contentOf(cell: ICellModel): 'code' | 'markdown' | null {
  const { type } = cell;
  return type === 'code' || type === 'markdown'
    ? type
    : readProvenance(cell)?.raw || null;
}

/**
 * The language of a code cell; null for one that we cannot write.
 */
export function cellLanguage(
  model: INotebookModel,
  cell: ICellModel
): CellLanguage | null {
  const language = readProvenance(cell)?.language || languageOf(model);
  return language === 'python' || language === 'r' ? language : null;
}

/**
 * The other language: what a port is written in.
 */
export function otherLanguage(language: CellLanguage): CellLanguage {
  return language === 'python' ? 'r' : 'python';
}

/**
 * What is sent of the cells of an edit: their text, and for a fix what went
 * wrong in them.
 */
export function editOf(
  kind: CellEdit['kind'],
  model: INotebookModel,
  cells: readonly ICellModel[]
): CellEdit {
  return {
    kind,
    cells: cells.map((cell): EditedCell => {
      const content = contentOf(cell) ?? 'markdown';
      return {
        id: cell.sharedModel.getId(),
        kind: content,
        language: cellLanguage(model, cell) ?? 'python',
        source: cell.sharedModel.getSource(),
        error: kind === 'fix' ? errorOf(cell) : ''
      };
    })
  };
}
