import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { GenerationApi } from '../api';
import { GenerationManager } from '../model/generation';
import { variablesOf } from '../model/kernel_variables';
import { JobMemory } from '../model/memory';
import { sandboxSpec } from '../model/sandbox_kernels';
import { Targets } from '../model/targets';
import { holdView } from '../review/anchor';
import { IGenerationManager } from '../tokens';
import type { VariableDetail } from '../tokens';
import type { NotebookVariable } from '../wire/schema';

/**
 * The engine of the front end: runs a generation, writes its cells.
 */
export const generationPlugin: JupyterFrontEndPlugin<IGenerationManager> = {
  id: 'gptoss-lab:generation',
  description:
    'Runs a generation and writes its cells into a notebook as pending changes.',
  autoStart: true,
  provides: IGenerationManager,
  requires: [INotebookTracker],
  optional: [IStateDB, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    state: IStateDB | null,
    translator: ITranslator | null
  ): IGenerationManager => {
    const manager = new GenerationManager({
      api: new GenerationApi(app.serviceManager.serverSettings),
      targets: new Targets({
        tracker,
        commands: app.commands,
        kernelFor: language => sandboxKernel(app, language),
        variablesOf: (panel, detail) => ownVariables(app, panel, detail)
      }),
      memory: new JobMemory(state),
      schedule: onNextFrame,
      trans: (translator ?? nullTranslator).load('gptoss_lab')
    });
    holdView(manager, tracker);
    void app.restored.then(() => manager.resume());
    return manager;
  }
};

/**
 * The kernelspec of our sandbox for a language, where it is installed.
 */
async function sandboxKernel(
  app: JupyterFrontEnd,
  language: 'python' | 'r'
): Promise<string> {
  const { kernelspecs } = app.serviceManager;
  await kernelspecs.ready;
  const name = `gptoss-${language}`;
  return kernelspecs.specs?.kernelspecs[name] ? name : '';
}

/**
 * What the kernel of a notebook says of its variables.
 *
 * #### Notes
 * A sandbox may run what nobody has reviewed, and its word would go into a
 * prompt: it is not asked, and neither is a kernel of which nothing is known.
 */
async function ownVariables(
  app: JupyterFrontEnd,
  { sessionContext }: NotebookPanel,
  detail: VariableDetail
): Promise<NotebookVariable[]> {
  const kernel = sessionContext.session?.kernel;
  const { specs } = app.serviceManager.kernelspecs;
  const spec = specs?.kernelspecs[kernel?.name ?? ''];
  return kernel && spec && !sandboxSpec(spec)
    ? variablesOf(kernel, spec.language, detail)
    : [];
}

/**
 * Run at the next painted frame; a hidden page paints none, so by a timer.
 */
function onNextFrame(run: () => void): void {
  if (document.hidden) {
    window.setTimeout(run, 100);
  } else {
    window.requestAnimationFrame(run);
  }
}
