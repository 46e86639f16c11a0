import type { Cell } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

/**
 * The cells of a notebook that a command is about.
 */
export interface IChosen {
  readonly panel: NotebookPanel;

  /**
   * In the order of the notebook; at least one.
   */
  readonly cells: readonly Cell[];
}

/**
 * The cells that a command is about: the one that is named, or those selected.
 */
export function chosenOf(
  tracker: INotebookTracker,
  { cell }: ReadonlyPartialJSONObject
): IChosen | null {
  const panel = tracker.currentWidget;
  if (!panel) {
    return null;
  }
  const { content } = panel;
  const cells = content.widgets.filter(widget =>
    typeof cell === 'string'
      ? widget.model.sharedModel.getId() === cell
      : content.isSelectedOrActive(widget)
  );
  return cells.length > 0 ? { panel, cells } : null;
}
