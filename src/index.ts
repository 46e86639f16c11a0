import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { codeCellGuardPlugin, executorPlugin } from './plugins/executor';
import { generationPlugin } from './plugins/generation';
import { panelPlugin } from './plugins/panel';
import { reviewPlugin } from './plugins/review';
import { sandboxStatusPlugin } from './plugins/sandbox_status';
import { sandboxesPlugin } from './plugins/sandboxes';

export { IGenerationManager, ISandboxes } from './tokens';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  generationPlugin,
  sandboxesPlugin,
  panelPlugin,
  sandboxStatusPlugin,
  reviewPlugin,
  executorPlugin as JupyterFrontEndPlugin<unknown>,
  codeCellGuardPlugin
];

export default plugins;
