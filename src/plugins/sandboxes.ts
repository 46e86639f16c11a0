import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';

import { SandboxApi } from '../api';
import { ownKernel } from '../model/sandbox_kernels';
import { Sandboxes } from '../model/sandboxes';
import { ISandboxes } from '../tokens';

/**
 * What is known of the sandboxes, for the panel and the status bar.
 */
export const sandboxesPlugin: JupyterFrontEndPlugin<ISandboxes> = {
  id: 'gptoss-lab:sandboxes',
  description:
    'Follows the sandboxes of the server while somebody looks, and steers them.',
  autoStart: true,
  provides: ISandboxes,
  requires: [INotebookTracker],
  activate: (app: JupyterFrontEnd, tracker: INotebookTracker): ISandboxes =>
    new Sandboxes({
      api: new SandboxApi(app.serviceManager.serverSettings),
      ownKernel: id => ownKernel(tracker, id)
    })
};
