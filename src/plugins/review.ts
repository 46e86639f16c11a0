import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import {
  EditorExtensionRegistry,
  IEditorExtensionRegistry
} from '@jupyterlab/codemirror';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { PALETTE, registerReviewCommands } from '../commands';
import { ReviewDecisions } from '../model/hunks';
import { Reviewer } from '../model/reviewer';
import { ReviewHeaders } from '../review/headers';
import { isCell, reviewExtension } from '../review/merge';
import { IGenerationManager } from '../tokens';

/**
 * The review of pending cells: what they look like and how they are decided.
 */
export const reviewPlugin: JupyterFrontEndPlugin<void> = {
  id: 'gptoss-lab:review',
  description: 'Shows pending cells as changes that are accepted or rejected.',
  autoStart: true,
  requires: [IEditorExtensionRegistry, INotebookTracker, IGenerationManager],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    extensions: IEditorExtensionRegistry,
    tracker: INotebookTracker,
    manager: IGenerationManager,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('gptoss_lab');
    const isWriting = (job: string, cell: string) =>
      manager.isWriting(job, cell);
    const reviewer = new Reviewer({ tracker, trans, isWriting });
    registerReviewCommands({
      commands: app.commands,
      tracker,
      trans,
      reviewer
    });
    for (const command of PALETTE) {
      palette?.addItem({ command, category: trans.__('gpt-oss') });
    }

    extensions.addExtension(reviewFactory(tracker));

    const actions = {
      accept: reviewer.accept.bind(reviewer),
      reject: reviewer.reject.bind(reviewer),
      isWriting
    };
    const headers = new ReviewHeaders(tracker, actions, trans);
    manager.changed.connect(headers.refresh, headers);
    manager.changed.connect(() => app.commands.notifyCommandChanged());
  }
};

function reviewFactory(tracker: INotebookTracker) {
  const decisions = new ReviewDecisions(tracker);
  return {
    name: 'gptoss-lab:review',
    factory: (options: { model?: { sharedModel?: unknown } }) => {
      const shared = options.model?.sharedModel;
      return isCell(shared)
        ? EditorExtensionRegistry.createImmutableExtension(
            reviewExtension(shared, decisions)
          )
        : null;
    }
  };
}
