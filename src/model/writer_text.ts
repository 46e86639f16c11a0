import type { ISharedCell, ISharedCodeCell } from '@jupyter/ydoc';
import type { IOutput } from '@jupyterlab/nbformat';
import { JSONExt } from '@lumino/coreutils';

import type { IDraft } from '../tokens';
import { keepOutputs } from './raw';

/**
 * Change a cell's text from its first difference on: what stays keeps the
 * person's cursor.
 */
export function replaceTail(cell: ISharedCell, from: string, to: string): void {
  // What arrives in a stream only grows; looking at every letter is for repairs.
  let same = to.startsWith(from) ? from.length : 0;
  while (same < from.length && from[same] === to[same]) {
    same += 1;
  }
  if (same < from.length || same < to.length) {
    cell.updateSource(same, from.length, to.slice(same));
  }
}

/**
 * Whether text may go on at the end of a cell that the person edited while it
 * was written: they left the last line as it was written.
 */
export function mayGoOn(written: string, current: string): boolean {
  const start = written.lastIndexOf('\n', written.length - 2) + 1;
  const last = written.slice(start);
  return last.trim() !== '' && current.endsWith(last);
}

/**
 * Show what the sandbox printed when it ran the draft, or keep it where the
 * cell can show nothing yet.
 */
export function showOutputs(cell: ISharedCell, draft: IDraft): void {
  const outputs = (draft.verification?.outputs ?? []).map(uncounted);
  if (cell.cell_type === 'raw') {
    keepOutputs(cell, outputs);
    return;
  }
  const code = cell as ISharedCodeCell;
  if (!JSONExt.deepEqual(code.getOutputs() as never, outputs as never)) {
    code.setOutputs(outputs);
  }
}

/**
 * The sandbox's count is not that of the person's kernel: show none.
 */
function uncounted(output: Record<string, unknown>): IOutput {
  return (
    output.output_type === 'execute_result'
      ? { ...output, execution_count: null }
      : output
  ) as IOutput;
}
