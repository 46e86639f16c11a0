import type { ISharedCell, SharedCell } from '@jupyter/ydoc';
import type { IOutput } from '@jupyterlab/nbformat';
import type { INotebookModel } from '@jupyterlab/notebook';

import { KEY, asMetadata, isPending, readProvenance } from './provenance';
import type { IHasMetadata } from './provenance';
import type { CellProvenance } from '../wire/schema';

/**
 * The key of a raw cell's metadata that holds what a sandbox printed: a raw
 * cell has no outputs of its own.
 */
const OUTPUTS_KEY = 'gptoss_lab_outputs';

const OUTPUT_TYPES: readonly unknown[] = [
  'display_data',
  'error',
  'execute_result',
  'stream'
];

/**
 * Whether new code waits for review in raw cells, as the person has set it.
 */
export const rawCells = { enabled: false };

/**
 * What a new pending cell stands in the notebook as.
 *
 * #### Notes
 * Whatever runs notebooks without this page (papermill, nbconvert) runs code
 * cells, and leaves raw ones alone.
 */
export function standIn(kind: 'code' | 'markdown'): {
  cell_type: 'code' | 'markdown' | 'raw';
  raw: CellProvenance['raw'];
} {
  return kind === 'code' && rawCells.enabled
    ? { cell_type: 'raw', raw: 'code' }
    : { cell_type: kind, raw: '' };
}

/**
 * The type that a cell gets when it is decided on; null where it keeps its own.
 *
 * #### Notes
 * The person may have changed its type since.
 */
export function ownType(
  cell: Pick<ISharedCell, 'cell_type'>,
  provenance: Pick<CellProvenance, 'raw'>
): 'code' | 'markdown' | null {
  return cell.cell_type === 'raw' && provenance.raw ? provenance.raw : null;
}

/**
 * Whether a cell is code that waits for review, whatever it stands there as.
 */
export function isWaitingCode(cell: IHasMetadata & { type: string }): boolean {
  return (
    isPending(cell) &&
    (cell.type === 'code' ||
      (cell.type === 'raw' && readProvenance(cell)?.raw === 'code'))
  );
}

/**
 * Keep outputs with a raw cell until it is accepted.
 */
export function keepOutputs(
  cell: ISharedCell,
  outputs: readonly IOutput[]
): void {
  cell.setMetadata(OUTPUTS_KEY, outputs as never);
}

/**
 * Put a cell of another type in the place of this one, within a transaction.
 *
 * #### Notes
 * It is the same cell for whoever looks: id, text and metadata stay. Outputs
 * that come out of metadata are not trusted: nobody has seen them.
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
  const { [OUTPUTS_KEY]: kept, ...others } = cell.getMetadata();
  const metadata = { ...others, [KEY]: asMetadata(provenance) };
  const outputs = provenance.review === 'accepted' ? readOutputs(kept) : [];
  sharedModel.deleteCell(index);
  sharedModel.insertCell(
    index,
    (type === 'code'
      ? {
          id,
          cell_type: type,
          source,
          outputs,
          metadata: outputs.length ? metadata : { ...metadata, trusted: true }
        }
      : { id, cell_type: type, source, metadata }) as SharedCell.Cell
  );
}

function readOutputs(value: unknown): IOutput[] {
  return (Array.isArray(value) ? value : []).filter(
    (one: unknown): one is IOutput => {
      const output = (one ?? {}) as Partial<IOutput>;
      return OUTPUT_TYPES.includes(output.output_type) && isComplete(output);
    }
  );
}

/**
 * Whether an output has what JupyterLab reads of it without a look.
 */
function isComplete(output: Partial<IOutput>): boolean {
  switch (output.output_type) {
    case 'stream':
      return typeof output.name === 'string' && isText(output.text);
    case 'error':
      return (
        typeof output.ename === 'string' &&
        typeof output.evalue === 'string' &&
        isLines(output.traceback)
      );
    default:
      return typeof output.data === 'object' && output.data !== null;
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string' || isLines(value);
}

function isLines(value: unknown): boolean {
  return Array.isArray(value) && value.every(line => typeof line === 'string');
}
