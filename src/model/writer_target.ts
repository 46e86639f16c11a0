import type { ISharedCell } from '@jupyter/ydoc';
import type { INotebookModel } from '@jupyterlab/notebook';

import type { IDraft, IReplaced } from '../tokens';
import type { CellEdit, CellProvenance } from '../wire/schema';
import { readProvenance } from './provenance';

/**
 * Why a change did not go where it was meant for.
 */
export type Reason = 'gone' | 'edited' | 'locked' | 'other-kind' | 'unasked';

/**
 * Something that the person should know of a draft.
 */
export interface INotice {
  /**
   * What was meant to happen to the person's cell, or did to the streamed one.
   */
  readonly what: 'changed' | 'deleted' | 'cut';
  readonly why: Reason;

  /**
   * The first line of the cell that it is about.
   */
  readonly line: string;
}

/**
 * The cells that a generation may change, with the text that was sent of each.
 */
export type SentCells = ReadonlyMap<string, string>;

const MAX_LINE = 60;

/**
 * Kinds of edits that may change the cells that they are given.
 */
const CHANGING: ReadonlySet<CellEdit['kind']> = new Set([
  'edit',
  'fix',
  'redo'
]);

/**
 * Which cells a generation may change: those of an edit that changes, and the
 * one that it takes the place of. The others are only read.
 */
export function sentCells(
  edit: CellEdit | null | undefined,
  replaces?: IReplaced
): SentCells {
  const edited = edit && CHANGING.has(edit.kind) ? edit.cells : [];
  return new Map([
    ...edited.map(({ id, source }) => [id, source ?? ''] as const),
    ...(replaces ? [[replaces.cell, replaces.source] as const] : [])
  ]);
}

/**
 * Say why a draft must not touch its target, or null where it may.
 *
 * #### Notes
 * The target comes from a server: only a cell that was sent may be touched,
 * and only while its text is the one that was sent.
 */
export function refusal(
  draft: IDraft,
  cell: ISharedCell | undefined,
  sent: SentCells
): Reason | null {
  if (!cell) {
    return 'gone';
  }
  const text = sent.get(draft.target);
  if (text === undefined) {
    return 'unasked';
  }
  if (cell.getSource() !== text) {
    return 'edited';
  }
  const lock = draft.change === 'deleted' ? 'deletable' : 'editable';
  if (cell.getMetadata(lock) === false) {
    return 'locked';
  }
  const same = draft.change === 'deleted' || kindOf(cell) === draft.kind;
  return same ? null : 'other-kind';
}

/**
 * What of a cell's provenance holds on when another draft changes its text.
 */
export function carried(
  cell: ISharedCell
): Pick<
  CellProvenance,
  'change' | 'original' | 'raw' | 'language' | 'decisions'
> {
  const before = readProvenance(cell);
  const text = cell.getSource();
  if (before?.review !== 'pending') {
    return {
      change: 'changed',
      original: text,
      raw: '',
      language: before?.language ?? '',
      decisions: before?.decisions ?? []
    };
  }
  const { change, original, raw, language, decisions } = before;
  return {
    change: change === 'new' ? 'new' : 'changed',
    original: change === 'deleted' ? text : original,
    raw,
    language,
    decisions
  };
}

/**
 * Whether a cell is new and waits for review.
 */
export function isWaitingNew(cell: ISharedCell): boolean {
  const provenance = readProvenance(cell);
  return provenance?.review === 'pending' && provenance.change === 'new';
}

/**
 * The first line of a text that says something.
 */
export function firstLine(text: string): string {
  const line = text.split('\n').find(row => row.trim() !== '') ?? '';
  return line.trim().slice(0, MAX_LINE);
}

/**
 * The kind that a cell has, or gets when it is accepted.
 */
export function kindOf(cell: ISharedCell): string {
  const raw = cell.cell_type === 'raw' ? readProvenance(cell)?.raw : '';
  return raw || cell.cell_type;
}

/**
 * The cell with this id, if it is there.
 */
export function cellOf(
  model: INotebookModel,
  id: string
): ISharedCell | undefined {
  return model.sharedModel.cells.find(cell => cell.getId() === id);
}

/**
 * The index of the cell with this id; -1 where there is none.
 */
export function positionOf(
  model: INotebookModel,
  id: string | undefined
): number {
  return !id
    ? -1
    : model.sharedModel.cells.findIndex(cell => cell.getId() === id);
}

/**
 * Whether a cell holds code, and so may have outputs.
 */
export function isCode(cell: ISharedCell): boolean {
  return kindOf(cell) === 'code';
}
