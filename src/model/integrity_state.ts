import type { YNotebook } from '@jupyter/ydoc';

import type { CellProvenance } from '../wire/schema';
import { KEY, isObject, readProvenance } from './provenance';

/**
 * A cell as it lies in the shared document.
 */
export type SharedMap = {
  get(key: string): unknown;
};

/**
 * The metadata of such a cell.
 */
export type SharedMetadata = {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  delete(key: string): void;
};

/**
 * The list of cells in the shared document.
 */
export type SharedList = { toArray(): SharedMap[] };

/**
 * What a cell was at the end of a transaction.
 */
export interface ICellState {
  readonly id: string;
  readonly type: string;
  readonly source: string;

  /**
   * The value of the metadata that hold the provenance; undefined for none.
   */
  readonly value: unknown;
}

/**
 * What one transaction did to the cells of a notebook.
 */
export interface IStep {
  /**
   * Cells that are no longer there, in their order.
   */
  readonly gone: readonly ICellState[];

  /**
   * Cells that were not there before, in their order.
   */
  readonly came: readonly ICellState[];

  /**
   * Cells that are still there, with another text or provenance.
   */
  readonly altered: readonly { before: ICellState; after: ICellState }[];

  /**
   * All cells as they are now.
   */
  readonly after: readonly ICellState[];
}

/**
 * What is to be written on which cell of a step.
 */
export type Mends = Map<ICellState, CellProvenance>;

/**
 * The list of cells of a notebook's document.
 */
export function cellsOf(notebook: YNotebook): SharedList {
  return notebook.ydoc.getArray('cells');
}

/**
 * A cell's metadata; null where a document has none.
 */
export function metadataOf(cell: SharedMap): SharedMetadata | null {
  const metadata = cell.get('metadata');
  return isObject(metadata) && typeof metadata.get === 'function'
    ? (metadata as unknown as SharedMetadata)
    : null;
}

/**
 * Read what a cell is now.
 */
export function stateOf(cell: SharedMap): ICellState {
  return {
    id: String(cell.get('id')),
    type: String(cell.get('cell_type')),
    source: String(cell.get('source') ?? ''),
    value: metadataOf(cell)?.get(KEY)
  };
}

/**
 * The provenance that a state holds; null for a cell of the person.
 */
export function provenanceIn({ value }: ICellState): CellProvenance | null {
  return readProvenance({ getMetadata: () => value });
}

/**
 * The provenance of a state that waits for a decision; null for any other.
 */
export function pendingIn(state: ICellState): CellProvenance | null {
  const provenance = provenanceIn(state);
  return provenance?.review === 'pending' ? provenance : null;
}
