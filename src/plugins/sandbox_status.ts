import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import { CommandIDs } from '../commands';
import { CurrentKernel } from '../model/sandbox_kernels';
import { ISandboxes } from '../tokens';
import { SandboxStatus } from '../widgets/sandbox_status';

/**
 * The item in the status bar of notebooks that run in a sandbox.
 */
export const sandboxStatusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'gptoss-lab:sandbox-status',
  description: 'Says in the status bar that a notebook runs in a sandbox.',
  autoStart: true,
  requires: [INotebookTracker, ISandboxes],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    sandboxes: ISandboxes,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ): void => {
    if (!statusBar) {
      return;
    }
    const current = new CurrentKernel({
      tracker,
      shell: app.shell,
      specs: app.serviceManager.kernelspecs
    });
    const item = new SandboxStatus({
      kernel: () => current.kernel,
      sandboxes,
      trans: (translator ?? nullTranslator).load('gptoss_lab'),
      onOpen: () => void app.commands.execute(CommandIDs.openSandboxes)
    });
    item.id = 'gptoss-lab-sandbox-status';
    followWhileShown(current, sandboxes, item);
    statusBar.registerStatusItem(item.id, {
      item,
      align: 'left',
      rank: 3,
      isActive: () => current.kernel !== null,
      activeStateChanged: current.changed
    });
  }
};

/**
 * Ask for figures only while a notebook with a sandbox is in front.
 */
function followWhileShown(
  current: CurrentKernel,
  sandboxes: ISandboxes,
  item: SandboxStatus
): void {
  let watching: IDisposable | null = null;
  const follow = (): void => {
    if (current.kernel && !watching) {
      watching = sandboxes.watch();
    } else if (!current.kernel) {
      watching?.dispose();
      watching = null;
    } else {
      void sandboxes.refresh();
    }
    item.update();
  };
  current.changed.connect(follow, item);
  follow();
}
