import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';

import { CommandIDs } from '../commands';
import { runningNow } from '../model/model_phase';
import type { IModelService } from '../model_tokens';
import type { IGenerationManager } from '../tokens';
import { gptossIcon, shieldIcon } from '../widgets/icon';
import { confirmStopModel } from '../widgets/model_dialogs';
import type { GenerationPanel } from '../widgets/panel';

/**
 * What the commands of the panel work with.
 */
export interface IPanelCommandOptions {
  app: JupyterFrontEnd;
  manager: IGenerationManager;
  model: IModelService;
  panel: GenerationPanel;
  trans: TranslationBundle;
}

/**
 * Register the commands that open the panel, and those that its sections share
 * with the palette.
 */
export function addPanelCommands(options: IPanelCommandOptions): void {
  const { app, manager, panel, trans } = options;
  const describedBy = { args: NO_ARGUMENTS };
  app.commands.addCommand(CommandIDs.openPanel, {
    label: trans.__('Generate Cells…'),
    caption: trans.__('Open the panel and say what you need'),
    icon: gptossIcon,
    describedBy,
    execute: () => {
      panel.showTab('generate', false);
      app.shell.activateById(panel.id);
    }
  });
  addTabCommands(options);
  app.commands.addCommand(CommandIDs.openSandboxes, {
    label: trans.__('Show Sandboxes'),
    caption: trans.__('See what runs in sandboxes, and what it uses'),
    icon: shieldIcon,
    describedBy,
    execute: () => {
      app.shell.activateById(panel.id);
      panel.showSandboxes();
    }
  });
  app.commands.addCommand(CommandIDs.stop, {
    label: trans.__('Stop the Generation'),
    caption: trans.__('Stop; what was finished is kept'),
    describedBy,
    isEnabled: () => isGenerating(manager),
    execute: () => manager.stop()
  });
  addModelCommands(options);
}

function addTabCommands({ app, panel, trans }: IPanelCommandOptions): void {
  const describedBy = { args: NO_ARGUMENTS };
  app.commands.addCommand(CommandIDs.showReview, {
    label: trans.__('Review Pending Cells'),
    caption: trans.__('List the pending cells of all open notebooks'),
    describedBy,
    execute: () => {
      panel.showTab('review');
      app.shell.activateById(panel.id);
    }
  });
  app.commands.addCommand(CommandIDs.showHistory, {
    label: trans.__('Show History of Generations'),
    caption: trans.__('Find what was asked for, and ask for it again'),
    describedBy,
    execute: () => {
      panel.showTab('history');
      app.shell.activateById(panel.id);
    }
  });
  app.commands.addCommand(CommandIDs.showMonitor, {
    label: trans.__('Show Monitor'),
    caption: trans.__(
      'See whether the server is well, and how well generations do'
    ),
    describedBy,
    execute: () => {
      panel.showTab('monitor');
      app.shell.activateById(panel.id);
    }
  });
  app.commands.addCommand(CommandIDs.showKeyboard, {
    label: trans.__('Keyboard Shortcuts of gpt-oss'),
    caption: trans.__('See which keys generate, review and decide'),
    describedBy,
    execute: () => {
      app.shell.activateById(panel.id);
      panel.showKeyboard();
    }
  });
}

function addModelCommands(options: IPanelCommandOptions): void {
  const { app, manager, model, panel, trans } = options;
  const describedBy = { args: NO_ARGUMENTS };
  const show = (): void => {
    app.shell.activateById(panel.id);
    panel.showModel();
  };
  app.commands.addCommand(CommandIDs.showModel, {
    label: trans.__('Show Model'),
    caption: trans.__('See what is loaded and how far it has come'),
    describedBy,
    execute: show
  });
  app.commands.addCommand(CommandIDs.startModel, {
    label: trans.__('Start Model'),
    caption: trans.__('Load the model on this server'),
    describedBy,
    execute: async () => {
      show();
      await model.start();
    }
  });
  app.commands.addCommand(CommandIDs.stopModel, {
    label: trans.__('Stop Model'),
    caption: trans.__('Stop the model, or give its start up'),
    describedBy,
    execute: async () => {
      await model.refresh();
      const running = losing(model, manager);
      if (running === 0 || (await confirmStopModel(running, trans))) {
        await model.stop();
      }
    }
  });
}

/**
 * How many generations would end early. What an attached server answers comes
 * to its end.
 */
function losing({ state }: IModelService, manager: IGenerationManager): number {
  if (state?.engine === 'attached') {
    return 0;
  }
  const own = isGenerating(manager) ? 1 : 0;
  return Math.max(state ? runningNow(state) : 0, own);
}

function isGenerating({ phase }: IGenerationManager): boolean {
  return phase === 'starting' || phase === 'streaming';
}

const NO_ARGUMENTS = { type: 'object', properties: {} } as const;
