import type { ISharedCell, YNotebook } from '@jupyter/ydoc';
import type { ISharedNotebook } from '@jupyter/ydoc';

/**
 * Notebooks in which a decision is being made.
 */
const DECIDING = new WeakSet<object>();

/**
 * Change a notebook in an undo step of its own, by a decision of the person.
 */
export function asDecision(
  notebook: ISharedNotebook,
  change: () => void
): void {
  const { undoManager } = notebook as YNotebook;
  undoManager.stopCapturing();
  DECIDING.add(notebook);
  try {
    notebook.transact(change);
  } finally {
    DECIDING.delete(notebook);
  }
  undoManager.stopCapturing();
}

/**
 * Whether what happens to a notebook is a decision of the person.
 */
export function isDeciding(notebook: ISharedNotebook): boolean {
  return DECIDING.has(notebook);
}

/**
 * Forget what the person typed into a cell so far.
 *
 * #### Notes
 * A cell has an undo history of its own. It would bring unreviewed text back
 * into a cell that may run; the notebook's undo takes a decision back.
 */
export function forgetTyping(
  notebook: ISharedNotebook,
  cell: Pick<ISharedCell, 'clearUndoHistory'>
): void {
  if ((notebook as YNotebook).disableDocumentWideUndoRedo) {
    cell.clearUndoHistory();
  }
}
