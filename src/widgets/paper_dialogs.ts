import { Dialog, showDialog } from '@jupyterlab/apputils';
import { FileDialog } from '@jupyterlab/filebrowser';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import { isPaperName } from '../model/paper_names';

/**
 * Ask what to do where a file of that name is on the server already.
 */
export async function askExisting(
  name: string,
  trans: TranslationBundle
): Promise<'replace' | 'use' | 'cancel'> {
  const use = trans.__('Use that file');
  const { button } = await showDialog({
    title: trans.__('A file of that name is there'),
    body: trans.__(
      '%1 is in this folder already. Replace it by what was dropped, or read the file that is there?',
      name
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Replace') }),
      Dialog.okButton({ label: use })
    ]
  });
  if (!button.accept) {
    return 'cancel';
  }
  return button.label === use ? 'use' : 'replace';
}

/**
 * Let the person pick a paper of the server; null where they pick none.
 */
export async function pickPaper(
  browser: IDefaultFileBrowser,
  trans: TranslationBundle
): Promise<string | null> {
  const { manager } = browser.model;
  const result = await FileDialog.getOpenFiles({
    manager,
    title: trans.__('Select a Paper'),
    filter: (model: Contents.IModel) =>
      model.type === 'directory' || isPaperName(model.path)
        ? { score: 1 }
        : null
  });
  const [picked] = result.button.accept ? (result.value ?? []) : [];
  return picked && picked.type !== 'directory'
    ? manager.services.contents.localPath(picked.path)
    : null;
}
