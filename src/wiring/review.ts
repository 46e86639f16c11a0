import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';

import { PendingList } from '../model/pending_list';
import type { ICellPlace } from '../model/pending_list';
import type { IGenerationManager } from '../tokens';
import type { IPanelOptions } from '../widgets/panel_body';

/**
 * How long changes are gathered before the list is drawn again, in milliseconds.
 */
const GATHER_MS = 60;

/**
 * What the tab of the review works with.
 */
export function reviewWiring(parts: {
  app: JupyterFrontEnd;
  manager: Pick<IGenerationManager, 'isWriting'>;
  tracker: INotebookTracker;
}): Pick<IPanelOptions, 'pending' | 'pendingVerbs'> {
  const { app, manager, tracker } = parts;
  const pending = new PendingList({
    tracker,
    isWriting: (job, cell) => manager.isWriting(job, cell),
    // No frame: a hidden page paints none, and the badge must count on.
    schedule: run => void window.setTimeout(run, GATHER_MS)
  });
  return {
    pending,
    pendingVerbs: {
      onOpen: (path, { cell }) => openCell(app, tracker, { path, cell }),
      onAccept: (path, cells) => pending.accept(path, cells),
      onReject: (path, cells) => pending.reject(path, cells)
    }
  };
}

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
