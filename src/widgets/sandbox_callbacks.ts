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
  const restart = async (sandbox: SandboxState): Promise<void> => {
    const mayShow = sandboxes.capabilities?.data !== 'off';
    const answer = await confirmRestart(sandbox, mayShow, trans);
    if (answer) {
      await sandboxes.restart(sandbox.id, answer.data);
    }
  };
  const stop = async (sandbox: SandboxState): Promise<void> => {
    if (await confirmStop(sandbox, trans)) {
      await sandboxes.stop(sandbox.id);
    }
  };
  return {
    onInterrupt: ({ id }) => void sandboxes.interrupt(id),
    onRestart: sandbox => void restart(sandbox),
    onStop: sandbox => void stop(sandbox),
    onRemove: ({ id }) => void sandboxes.stop(id),
    onPackages: sandbox => void showPackages(sandbox, sandboxes, trans),
    onFiles: sandbox =>
      void showFiles({
        sandbox,
        api,
        contents,
        folder: targetOf(sandbox, options.folder),
        trans
      }),
    onDismiss: ({ id }) => sandboxes.dismiss(id)
  };
}

function targetOf(sandbox: SandboxState, otherwise: () => string): string {
  return sandbox.notebook === ''
    ? otherwise()
    : PathExt.dirname(sandbox.notebook);
}
