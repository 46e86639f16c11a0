import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { ExecutionApi, GenerationApi } from '../api';
import { IChoices } from '../choice_tokens';
import { CELL_VERBS } from '../commands';
import { EditHistory } from '../model/edit_history';
import { HealthWatch } from '../model/health';
import { IModelService } from '../model_tokens';
import { IGenerationManager } from '../tokens';
import { ErrorRows } from '../widgets/edit_errors';
import { addEditCommands } from '../wiring/edit_commands';
import { EditOpener } from '../wiring/edit_opener';

/**
 * What can be asked of cells that are there.
 */
export const editPlugin: JupyterFrontEndPlugin<void> = {
  id: 'gptoss-lab:edit',
  description:
    'Edits, fixes, explains and ports cells, and runs pending ones in a sandbox.',
  autoStart: true,
  requires: [IGenerationManager, IModelService, IChoices, INotebookTracker],
  optional: [ITranslator, IStateDB, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    manager: IGenerationManager,
    model: IModelService,
    choices: IChoices,
    tracker: INotebookTracker,
    translator: ITranslator | null,
    state: IStateDB | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('gptoss_lab');
    const { serverSettings } = app.serviceManager;
    const history = new EditHistory(state);
    void app.restored.then(() => history.restore());
    const opener = new EditOpener({
      commands: app.commands,
      manager,
      model,
      choices,
      history,
      health: new HealthWatch(new GenerationApi(serverSettings)),
      execution: new ExecutionApi(serverSettings),
      trans
    });
    addEditCommands({
      commands: app.commands,
      tracker,
      trans,
      isWriting: (job, cell) => manager.isWriting(job, cell),
      onVerb: (verb, chosen) => opener.open(verb, chosen)
    });
    for (const command of Object.values(CELL_VERBS)) {
      palette?.addItem({ command, category: trans.__('gpt-oss') });
    }
    new ErrorRows({
      tracker,
      trans,
      onFix: (panel, cell) => opener.open('fix', { panel, cells: [cell] })
    });
  }
};
