import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { fileIcon } from '@jupyterlab/ui-components';
import { MessageLoop } from '@lumino/messaging';

import { CommandIDs } from '../commands';
import { asProblem } from '../request';

/**
 * The command by which JupyterLab follows a link of a rendered text to a file.
 */
const LINK = 'rendermime:handle-local-link';

/**
 * A document that can go to a place in it.
 */
interface IGoes {
  readonly context: { readonly isReady: boolean };
  readonly content: { readonly ready?: Promise<void> };
  setFragment(fragment: string): void;
}

/**
 * Register the command that opens a paper at a place, and have links in texts
 * go there too.
 */
export function addOpenPlace(
  app: JupyterFrontEnd,
  trans: TranslationBundle
): void {
  app.commands.addCommand(CommandIDs.openPlace, {
    label: trans.__('Open the Paper at a Place'),
    icon: fileIcon,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          path: {
            type: 'string',
            description: trans.__('A file of the server')
          },
          fragment: {
            type: 'string',
            description: trans.__('The place in it, such as #page=3')
          },
          url: { type: 'string', description: trans.__('Else an address') }
        }
      }
    },
    execute: async ({ path, fragment, url }) => {
      if (typeof url === 'string' && /^https?:\/\//i.test(url)) {
        window.open(url, '_blank', 'noopener,noreferrer');
      } else if (typeof path === 'string') {
        await openAt(app, path, String(fragment ?? ''), trans);
      }
    }
  });
  // JupyterLab follows such a link, but to the page only where the file was
  // not open: what it then forgets is done again.
  app.commands.commandExecuted.connect((_, { id, args, result }) => {
    const { path, id: fragment } = args;
    if (
      id === LINK &&
      typeof path === 'string' &&
      /\.pdf$/i.test(path) &&
      typeof fragment === 'string' &&
      /^#page=\d+$/.test(fragment)
    ) {
      const go = () => openAt(app, path, fragment, trans);
      // Where there is no such file, JupyterLab has said so.
      void result.then(go, () => undefined);
    }
  });
}

async function openAt(
  app: JupyterFrontEnd,
  path: string,
  fragment: string,
  trans: TranslationBundle
): Promise<void> {
  try {
    const opened = (await app.commands.execute('docmanager:open', { path })) as
      IGoes | undefined;
    if (opened && fragment !== '') {
      await goTo(opened, fragment);
    }
  } catch (reason) {
    const { detail, title } = asProblem(reason);
    Notification.error(
      trans.__(
        '%1 cannot be opened: %2 It may have been moved or renamed.',
        path,
        detail || title
      ),
      { autoClose: 8000 }
    );
  }
}

/**
 * Go to a place of a document.
 *
 * #### Notes
 * A document that is shown again draws itself, and forgets a place that it is
 * told in the same turn. One that is not loaded yet remembers it.
 */
async function goTo(opened: IGoes, fragment: string): Promise<void> {
  if (opened.context.isReady) {
    await opened.content.ready;
    MessageLoop.flush();
    await new Promise(resolve => setTimeout(resolve));
  }
  opened.setFragment(fragment);
}
