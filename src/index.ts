import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { additionsPlugin } from './plugins/additions';
import { choicesPlugin } from './plugins/choices';
import { editPlugin } from './plugins/edit';
import { codeCellGuardPlugin, executorPlugin } from './plugins/executor';
import { generationPlugin } from './plugins/generation';
import { integrityPlugin } from './plugins/integrity';
import { magicPlugin } from './plugins/magic';
import { modelPlugin } from './plugins/model';
import { panelPlugin } from './plugins/panel';
import { recordsPlugin } from './plugins/records';
import { reviewPlugin } from './plugins/review';
import { sandboxStatusPlugin } from './plugins/sandbox_status';
import { sandboxesPlugin } from './plugins/sandboxes';

export { IAdditions } from './addition_tokens';
export { IChoices } from './choice_tokens';
export { IModelService } from './model_tokens';
export { IGenerationManager, ISandboxes } from './tokens';

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  choicesPlugin as JupyterFrontEndPlugin<unknown>,
  generationPlugin,
  additionsPlugin,
  sandboxesPlugin,
  modelPlugin,
  panelPlugin,
  sandboxStatusPlugin,
  integrityPlugin,
  reviewPlugin,
  recordsPlugin,
  editPlugin,
  executorPlugin as JupyterFrontEndPlugin<unknown>,
  codeCellGuardPlugin,
  magicPlugin
];

export default plugins;
