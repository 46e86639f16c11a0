import { PathExt } from '@jupyterlab/coreutils';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ISandboxApi, ISandboxes } from '../tokens';
import type { SandboxState } from '../wire/schema';
import {
  confirmRestart,
  confirmStop,
  showFiles,
  showPackages
} from './sandbox_dialogs';
import type { ISandboxCallbacks } from './sandbox_row';

/**
 * What the verbs of the rows work with.
 */
export interface ISandboxCallbackOptions {
  sandboxes: ISandboxes;
  api: ISandboxApi;
  contents: Contents.IManager;

  /**
   * Where the files of a sandbox go that no notebook uses.
   */
  folder: () => string;
  trans: TranslationBundle;
}

/**
 * The verbs of the rows: what loses something asks first.
 */
export function sandboxCallbacks(
  options: ISandboxCallbackOptions
): ISandboxCallbacks {
  const { sandboxes, trans, api, contents } = options;
  const asked = async (
    question: Promise<boolean>,
    act: () => Promise<void>
  ): Promise<void> => {
    if (await question) {
      await act();
    }
  };
  return {
    onInterrupt: ({ id }) => void sandboxes.interrupt(id),
    onRestart: sandbox =>
      void asked(confirmRestart(sandbox, trans), () =>
        sandboxes.restart(sandbox.id)
      ),
    onStop: sandbox =>
      void asked(confirmStop(sandbox, trans), () => sandboxes.stop(sandbox.id)),
    onRemove: ({ id }) => void sandboxes.stop(id),
    onPackages: sandbox => void showPackages(sandbox, sandboxes, trans),
    onFiles: sandbox =>
      void showFiles({
        sandbox,
        api,
        contents,
        folder: folderOf(sandbox, options.folder),
        trans
      }),
    onDismiss: ({ id }) => sandboxes.dismiss(id)
  };
}

function folderOf(sandbox: SandboxState, otherwise: () => string): string {
  return sandbox.notebook === ''
    ? otherwise()
    : PathExt.dirname(sandbox.notebook);
}
