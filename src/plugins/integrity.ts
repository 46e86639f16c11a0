import type { YNotebook } from '@jupyter/ydoc';
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';

import { NotebookIntegrity } from '../model/integrity';

/**
 * Keeps what waits for review waiting, whatever is done to the cells.
 */
export const integrityPlugin: JupyterFrontEndPlugin<void> = {
  id: 'gptoss-lab:integrity',
  description:
    'Keeps unreviewed text pending through split, merge, move, paste and undo.',
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_: JupyterFrontEnd, tracker: INotebookTracker): void => {
    tracker.widgetAdded.connect((_, { context }) => {
      // Its content is not there yet: nothing of it is seen unwatched.
      NotebookIntegrity.of(context.model.sharedModel as YNotebook);
    });
  }
};
