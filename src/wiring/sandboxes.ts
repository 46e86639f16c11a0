import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import { SandboxApi } from '../api';
import type { ISandboxes } from '../tokens';
import type { IPanelOptions } from '../widgets/panel_body';
import { sandboxCallbacks } from '../widgets/sandbox_callbacks';

/**
 * What the panel's section of the sandboxes works with.
 */
export function sandboxWiring(parts: {
  app: JupyterFrontEnd;
  sandboxes: ISandboxes;
  trans: TranslationBundle;
  browser: IDefaultFileBrowser | null;
}): Pick<IPanelOptions, 'sandboxes' | 'sandboxVerbs' | 'onSandboxes'> {
  const { app, sandboxes, trans, browser } = parts;
  const { contents, serverSettings } = app.serviceManager;
  let watching: IDisposable | null = null;
  return {
    sandboxes,
    sandboxVerbs: sandboxCallbacks({
      sandboxes,
      api: new SandboxApi(serverSettings),
      contents,
      folder: () => browser?.model.path ?? '',
      trans
    }),
    onSandboxes: shown => {
      watching?.dispose();
      watching = shown ? sandboxes.watch() : null;
    }
  };
}
