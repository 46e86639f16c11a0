import type { ISharedCell } from '@jupyter/ydoc';
import type { INotebookModel } from '@jupyterlab/notebook';

import { KEY, asMetadata } from './provenance';
import type { CellProvenance } from '../wire/schema';

/**
 * The type that a cell gets when it is decided on; null where it keeps its own.
 *
 * #### Notes
 * A pending cell may stand in the notebook as a raw one, so that nothing that
 * runs notebooks runs it. The person may have changed its type since.
 */
export function ownType(
  cell: Pick<ISharedCell, 'cell_type'>,
  provenance: Pick<CellProvenance, 'raw'>
): 'code' | 'markdown' | null {
  return cell.cell_type === 'raw' && provenance.raw ? provenance.raw : null;
}

/**
 * Put a cell of another type in the place of this one, within a transaction.
 *
 * #### Notes
 * It is the same cell for whoever looks: id, text and metadata stay.
 */
export function retype(
  model: INotebookModel,
  index: number,
  type: 'code' | 'markdown',
  source: string,
  provenance: CellProvenance
): void {
  const { sharedModel } = model;
  const cell = sharedModel.getCell(index);
  const id = cell.getId();
  const metadata = { ...cell.metadata, [KEY]: asMetadata(provenance) };
  sharedModel.deleteCell(index);
  sharedModel.insertCell(index, {
    id,
    cell_type: type,
    source,
    metadata: type === 'code' ? { ...metadata, trusted: true } : metadata
  });
}
