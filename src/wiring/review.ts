import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';

import { PendingList } from '../model/pending_list';
import { openCell } from '../model/reveal';
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
