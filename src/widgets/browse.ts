import { FileDialog } from '@jupyterlab/filebrowser';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { DocSourceInput } from '../wire/schema';

const READABLE = /\.(pdf|html?|md|rst|txt|ipynb)$/i;

/**
 * Let the person pick files or a folder of documentation.
 */
export async function pickSource(
  browser: IDefaultFileBrowser,
  kind: 'folder' | 'file',
  trans: TranslationBundle
): Promise<DocSourceInput[]> {
  const { manager } = browser.model;
  const result =
    kind === 'folder'
      ? await FileDialog.getExistingDirectory({
          manager,
          title: trans.__('Select a Folder of Documentation')
        })
      : await FileDialog.getOpenFiles({
          manager,
          title: trans.__('Select Documentation'),
          filter: (model: Contents.IModel) =>
            model.type === 'directory' || READABLE.test(model.path)
              ? { score: 1 }
              : null
        });
  if (!result.button.accept) {
    return [];
  }
  return (result.value ?? []).map(({ path }) => ({
    kind,
    // Relative to the server's root, which is where the server looks.
    uri: manager.services.contents.localPath(path)
  }));
}
