import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';

import type { ICellPlace } from './pending_list';

/**
 * Go to a cell of an open notebook, and put the keyboard there.
 */
export function openCell(
  app: Pick<JupyterFrontEnd, 'shell'>,
  tracker: INotebookTracker,
  { path, cell }: ICellPlace
): void {
  const panel = tracker.find(({ context }) => context.path === path);
  if (!panel) {
    return;
  }
  app.shell.activateById(panel.id);
  const { content } = panel;
  const index = content.widgets.findIndex(({ model }) => model === cell);
  const widget = content.widgets[index];
  if (widget) {
    content.deselectAll();
    content.activeCellIndex = index;
    content.mode = 'command';
    void content.scrollToCell(widget);
    content.activate();
  }
}
