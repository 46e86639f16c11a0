import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';

import { ModelApi } from '../api';
import { ModelService } from '../model/model_service';
import { IModelService } from '../model_tokens';

/**
 * What is known of the model, for the panel and the commands.
 */
export const modelPlugin: JupyterFrontEndPlugin<IModelService> = {
  id: 'gptoss-lab:model',
  description:
    'Follows the model of the server while somebody looks, and steers it.',
  autoStart: true,
  provides: IModelService,
  activate: (app: JupyterFrontEnd): IModelService =>
    new ModelService(new ModelApi(app.serviceManager.serverSettings))
};
