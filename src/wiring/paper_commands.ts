import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { CommandIDs } from '../commands';
import type { PaperDesk } from '../model/paper_desk';
import { isPaperName } from '../model/paper_names';
import { gptossIcon } from '../widgets/icon';
import type { GenerationPanel } from '../widgets/panel';

/**
 * What the commands of papers work with.
 */
export interface IPaperCommandOptions {
  app: JupyterFrontEnd;
  browser: Pick<IDefaultFileBrowser, 'selectedItems'> | null;
  desk: Pick<PaperDesk, 'read'>;
  panel: Pick<GenerationPanel, 'id' | 'showPaper'>;
  trans: TranslationBundle;
}

/**
 * Register the commands that give a paper.
 */
export function addPaperCommands(options: IPaperCommandOptions): void {
  const { app, browser, desk, panel, trans } = options;
  const chosen = (args: ReadonlyPartialJSONObject): string => {
    if (typeof args.path === 'string') {
      return args.path;
    }
    const items = [...(browser?.selectedItems() ?? [])];
    const [only] = items.length === 1 ? items : [];
    return only && only.type !== 'directory' && isPaperName(only.path)
      ? app.serviceManager.contents.localPath(only.path)
      : '';
  };
  app.commands.addCommand(CommandIDs.showPaper, {
    label: trans.__('Make a Notebook from a Paper…'),
    caption: trans.__('Give a paper, and choose what of it to implement'),
    icon: gptossIcon,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => {
      app.shell.activateById(panel.id);
      panel.showPaper();
    }
  });
  app.commands.addCommand(CommandIDs.readPaper, {
    label: trans.__('Read This Paper with gpt-oss'),
    caption: trans.__('Find what of the paper could be implemented'),
    icon: gptossIcon,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          path: {
            type: 'string',
            description: trans.__(
              'A path, an arXiv id, a DOI or an address; else the file that is selected'
            )
          }
        }
      }
    },
    isVisible: args => chosen(args) !== '',
    execute: args => {
      const path = chosen(args);
      app.shell.activateById(panel.id);
      panel.showPaper();
      return path === '' ? undefined : desk.read(path);
    }
  });
}
