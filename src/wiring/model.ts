import { Clipboard } from '@jupyterlab/apputils';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDisposable } from '@lumino/disposable';

import { CommandIDs } from '../commands';
import type { HealthWatch } from '../model/health';
import { stageOf } from '../model/model_phase';
import type { IModelService } from '../model_tokens';
import type { IPanelOptions } from '../widgets/panel_body';

/**
 * What the panel's section of the model works with.
 */
export function modelWiring(parts: {
  app: JupyterFrontEnd;
  model: IModelService;
  health: HealthWatch;
}): Pick<IPanelOptions, 'model' | 'modelVerbs' | 'onModel'> {
  const { app, model, health } = parts;
  let watching: IDisposable | null = null;
  askWhoAnswers(model, health);
  return {
    model,
    modelVerbs: {
      onStart: () => void model.start(),
      onStop: () => void app.commands.execute(CommandIDs.stopModel),
      onAttach: url => void model.attach(url),
      onPlan: () => void model.askPlan(),
      onLogs: () => void model.askLogs(),
      onCopy: text => Clipboard.copyToSystem(text),
      onDismiss: () => model.dismiss()
    },
    onModel: shown => {
      watching?.dispose();
      watching = shown ? model.watch() : null;
    }
  };
}

/**
 * Ask the server who answers whenever the model comes or goes.
 */
function askWhoAnswers(model: IModelService, health: HealthWatch): void {
  let known = model.state && stageOf(model.state);
  model.changed.connect(() => {
    const stage = model.state && stageOf(model.state);
    if (stage !== known) {
      known = stage;
      void health.refresh();
    }
  }, health);
}
