import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import type { INotebookModel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IAdditions } from '../addition_tokens';
import { GenerationApi } from '../api';
import { CommandIDs } from '../commands';
import { PackageAdditions } from '../model/additions';
import { needsOf } from '../model/needs';
import { readProvenance } from '../model/provenance';
import { IGenerationManager } from '../tokens';
import { agreeToAdd } from '../widgets/package_needs';

/**
 * Adds the packages that cells lack, for the panel and for the cells.
 */
export const additionsPlugin: JupyterFrontEndPlugin<IAdditions> = {
  id: 'gptoss-lab:additions',
  description:
    'Adds the packages that cells lack to the sandbox, and runs them again.',
  autoStart: true,
  provides: IAdditions,
  requires: [IGenerationManager, INotebookTracker],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    manager: IGenerationManager,
    tracker: INotebookTracker,
    translator: ITranslator | null
  ): IAdditions => {
    const trans = (translator ?? nullTranslator).load('gptoss_lab');
    const additions = new PackageAdditions({
      api: new GenerationApi(app.serviceManager.serverSettings),
      notebooks: () => openModels(tracker),
      agree: needs => agreeToAdd(needs, trans),
      take: (of, again) => manager.take(of, again)
    });
    const lacking = () => {
      const cell = tracker.activeCell?.model;
      const known = cell ? readProvenance(cell) : null;
      const needs = needsOf(known?.checks ?? []);
      return known && needs.some(({ addable }) => addable)
        ? { job: known.job, needs }
        : null;
    };
    app.commands.addCommand(CommandIDs.addPackages, {
      label: trans.__('Add the Packages That the Cell Needs'),
      caption: trans.__(
        'Add what is missing to the sandbox, and run the cells again'
      ),
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => lacking() !== null && !additions.running,
      execute: async () => {
        const found = lacking();
        if (found) {
          void app.commands.execute(CommandIDs.openPanel);
          await additions.add(found.job, found.needs);
        }
      }
    });
    additions.changed.connect(() =>
      app.commands.notifyCommandChanged(CommandIDs.addPackages)
    );
    tracker.activeCellChanged.connect(() =>
      app.commands.notifyCommandChanged(CommandIDs.addPackages)
    );
    return additions;
  }
};

function openModels(tracker: INotebookTracker): INotebookModel[] {
  const found: INotebookModel[] = [];
  tracker.forEach(({ content }) => {
    if (content.model) {
      found.push(content.model);
    }
  });
  return found;
}
