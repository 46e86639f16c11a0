import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from '../commands';
import { MagicRunner } from '../model/magic_runner';
import { Tickets, stampTickets } from '../model/magic_tickets';
import { MIME } from '../model/magic_variables';
import { VerbRunner, firstOf } from '../model/magic_verbs';
import { Preferences } from '../model/preferences';
import { sandboxSpec } from '../model/sandbox_kernels';
import { sendJson } from '../request';
import { IRunGuard } from '../review/guard';
import { IGenerationManager, PLUGIN_ID } from '../tokens';
import { MagicLine } from '../widgets/magic_line';

/**
 * `%%gptoss` as the first line of a cell, in notebooks of every kernel.
 */
export const magicPlugin: JupyterFrontEndPlugin<void> = {
  id: 'gptoss-lab:magic',
  description: 'Runs cells that begin with %%gptoss: asks for cells below.',
  autoStart: true,
  requires: [IGenerationManager, IRunGuard, IRenderMimeRegistry],
  optional: [ITranslator, ISettingRegistry],
  activate: (
    app: JupyterFrontEnd,
    manager: IGenerationManager,
    guard: IRunGuard,
    rendermime: IRenderMimeRegistry,
    translator: ITranslator | null,
    settings: ISettingRegistry | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('gptoss_lab');
    rendermime.addFactory({
      safe: true,
      mimeTypes: [MIME],
      defaultRank: 50,
      createRenderer: () =>
        new MagicLine({
          manager,
          trans,
          onOpen: () => void app.commands.execute(CommandIDs.openPanel)
        })
    });
    const preferences = new Preferences();
    void preferences.load(settings, PLUGIN_ID);
    const tickets = new Tickets();
    stampTickets(tickets);
    const { kernelspecs } = app.serviceManager;
    // Where no executor asks us, the kernel's own magic answers.
    const magic = new MagicRunner({
      manager,
      preferences,
      tickets,
      trans,
      isSandbox: ({ sessionContext }) => {
        const name = sessionContext?.session?.kernel?.name ?? '';
        return (
          sandboxSpec(kernelspecs.specs?.kernelspecs[name] ?? undefined) !==
          null
        );
      }
    });
    const get = <T>(path: string): Promise<T> => sendJson<T>(path);
    guard.leaveTo(firstOf(new VerbRunner({ get, trans }), magic));
  }
};
