import type { ISharedCell } from '@jupyter/ydoc';
import { JSONExt } from '@lumino/coreutils';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';

import type { CellProvenance } from '../wire/schema';
import { KEY, asMetadata, readProvenance } from './provenance';
import { mayGoOn } from './writer_text';

/**
 * What a cell of the person's was before the generation changed it.
 */
export interface IBefore {
  readonly text: string;
  readonly metadata: ReadonlyPartialJSONValue | undefined;
}

/**
 * What the writer knows of a cell that it wrote.
 */
export interface IWritten {
  /**
   * The cell's id in the notebook.
   */
  readonly id: string;

  /**
   * Null for a cell that the writer put there, or found again after a reload.
   */
  readonly before: IBefore | null;

  /**
   * The cell's text as it was left; any other text is the person's.
   */
  text: string;

  /**
   * How much of the draft that was.
   */
  source: string;

  /**
   * Whose the text is: ours; ours with the person's edits, so that more may
   * only be put at its end; or theirs, and never written again.
   */
  owner: 'ours' | 'both' | 'theirs';

  /**
   * The provenance that the cell was given last.
   */
  provenance: CellProvenance;
}

/**
 * Remember a cell as it is.
 */
export function beforeOf(cell: ISharedCell): IBefore {
  return {
    text: cell.getSource(),
    metadata: cell.getMetadata(KEY) as ReadonlyPartialJSONValue | undefined
  };
}

/**
 * See whether the person has edited what was written.
 *
 * @returns Whether that keeps the rest of the draft out.
 */
export function share(
  written: IWritten,
  cell: ISharedCell,
  { source, open }: { source: string; open: boolean }
): boolean {
  const text = cell.getSource();
  if (written.owner === 'theirs' || text === written.text) {
    return false;
  }
  const follows =
    source.startsWith(written.source) && mayGoOn(written.text, text);
  written.owner = follows ? 'both' : 'theirs';
  written.text = text;
  return !follows && (open || source !== written.source);
}

/**
 * After an undo: the cell is the person's own again, and so is what it says of
 * itself.
 *
 * #### Notes
 * Yjs does not bring back a value of the metadata that somebody else has set
 * since, as JupyterLab does when it trusts a cell.
 */
export function settle(cell: ISharedCell, { before }: IWritten): void {
  if (before && cell.getSource() === before.text) {
    cell.transact(() => setOwn(cell, before.metadata), false);
  }
}

/**
 * After a redo: the text that is back waits for review, whatever else is.
 */
export function secure(cell: ISharedCell, written: IWritten): void {
  const current = readProvenance(cell);
  const known = current?.review === 'pending' ? current : written.provenance;
  const { verification: note } = known;
  const secured: CellProvenance = {
    ...known,
    generated: known.change === 'deleted' ? '' : written.source,
    verification:
      note?.status === 'pending' ? { ...note, status: 'skipped' } : note
  };
  cell.transact(() => cell.setMetadata(KEY, asMetadata(secured)), false);
}

/**
 * Give a cell the value that its metadata had.
 */
export function setOwn(cell: ISharedCell, value: IBefore['metadata']): void {
  const now = cell.getMetadata(KEY) as ReadonlyPartialJSONValue | undefined;
  if (value === undefined) {
    cell.deleteMetadata(KEY);
  } else if (now === undefined || !JSONExt.deepEqual(now, value)) {
    cell.setMetadata(KEY, value as never);
  }
}
