import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { codeCellGuardPlugin, executorPlugin } from './plugins/executor';
import { generationPlugin } from './plugins/generation';
import { panelPlugin } from './plugins/panel';
import { reviewPlugin } from './plugins/review';

export { IGenerationManager } from './tokens';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  generationPlugin,
  panelPlugin,
  reviewPlugin,
  executorPlugin as JupyterFrontEndPlugin<unknown>,
  codeCellGuardPlugin
];

export default plugins;
