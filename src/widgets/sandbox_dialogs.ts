import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import { folderOf } from '../model/consent';
import { SandboxFilesModel, nameOf } from '../model/sandbox_files';
import type { ISandboxApi, ISandboxes } from '../tokens';
import type { SandboxState } from '../wire/schema';
import { FormDialog } from './form_dialog';
import { FilesBody } from './sandbox_files';
import { sandboxName } from './sandbox_labels';
import { PackagesBody } from './sandbox_packages';

/**
 * Ask before a sandbox starts anew, and whether its notebook's folder is shown
 * to it then.
 *
 * Returns null for no; else what is shown from then on, where that changes.
 */
export async function confirmRestart(
  sandbox: SandboxState,
  mayShow: boolean,
  trans: TranslationBundle
): Promise<{ data?: string[] } | null> {
  const folder = folderOf(sandbox.notebook);
  const shown = sandbox.data.length > 0;
  const { button, isChecked } = await showDialog({
    title: trans.__('Restart the sandbox?'),
    body: trans.__(
      '%1: all variables and all files of the sandbox are lost.',
      sandboxName(sandbox, trans)
    ),
    checkbox:
      sandbox.notebook !== '' && (mayShow || shown)
        ? {
            label: trans.__(
              'Show it this notebook’s folder, read-only (at /data)'
            ),
            caption: folder,
            checked: shown
          }
        : null,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Restart') })
    ]
  });
  if (!button.accept) {
    return null;
  }
  return isChecked === null || isChecked === shown
    ? {}
    : { data: isChecked ? [folder] : [] };
}

/**
 * Ask before a sandbox is ended.
 */
export async function confirmStop(
  sandbox: SandboxState,
  trans: TranslationBundle
): Promise<boolean> {
  const { button } = await showDialog({
    title: trans.__('Stop the sandbox?'),
    body: trans.__(
      '%1: all variables and all files of the sandbox are lost, and what runs is ended.',
      sandboxName(sandbox, trans)
    ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Stop') })
    ]
  });
  return button.accept;
}

/**
 * Let the person add packages to a sandbox.
 */
export async function showPackages(
  sandbox: SandboxState,
  sandboxes: ISandboxes,
  trans: TranslationBundle
): Promise<void> {
  const body = new PackagesBody({
    language: sandbox.language,
    trans,
    onAdd: names => sandboxes.addPackages(sandbox.id, names)
  });
  await new FormDialog({
    title: trans.__('Packages of %1', sandboxName(sandbox, trans)),
    body,
    close: trans.__('Close'),
    focus: 'textarea'
  }).launch();
}

/**
 * What the list of files works with.
 */
export interface IFilesOptions {
  sandbox: SandboxState;
  api: ISandboxApi;
  contents: Contents.IManager;
  folder: string;
  trans: TranslationBundle;
}

/**
 * Show what a sandbox wrote, and let the person save it.
 */
export async function showFiles(options: IFilesOptions): Promise<void> {
  const { sandbox, trans, api, contents, folder } = options;
  const model = new SandboxFilesModel({
    api,
    contents,
    sandbox: sandbox.id,
    folder
  });
  const body = new FilesBody({
    model,
    trans,
    onDownload: path => void model.download(path, giveToBrowser)
  });
  void model.refresh();
  await new FormDialog({
    title: trans.__('Files of %1', sandboxName(sandbox, trans)),
    body,
    close: trans.__('Close')
  }).launch();
}

/**
 * Hand bytes to the browser, which saves them among the downloads.
 */
function giveToBrowser(path: string, bytes: Uint8Array): void {
  // Never as a type that the browser would open on this origin.
  const blob = new Blob([bytes], { type: 'application/octet-stream' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = nameOf(path);
  link.click();
  URL.revokeObjectURL(link.href);
}
