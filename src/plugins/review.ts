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
import type { CommandRegistry } from '@lumino/commands';

import {
  CommandIDs,
  PALETTE,
  registerHunkCommands,
  registerReviewCommands
} from '../commands';
import { HunkDecisions } from '../model/hunk_decisions';
import { Reviewer } from '../model/reviewer';
import { barActions, headerActions } from '../review/actions';
import { HunkWalker } from '../review/hunk_walker';
import { isCell, reviewExtension } from '../review/merge';
import type { IMergeOptions } from '../review/merge';
import { mergeTexts } from '../review/merge_texts';
import { NotebookReviews } from '../review/reviews';
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
    const { commands } = app;
    const isWriting = manager.isWriting.bind(manager);
    const reviewer = new Reviewer({ tracker, trans, isWriting });
    const walker = new HunkWalker({
      tracker,
      reviewer,
      decisions: new HunkDecisions(tracker),
      trans
    });
    const options = { commands, tracker, trans, reviewer };
    registerReviewCommands(options);
    registerHunkCommands(options, walker);
    for (const command of PALETTE) {
      palette?.addItem({ command, category: trans.__('gpt-oss') });
    }
    extensions.addExtension(
      reviewFactory({
        ...mergeTexts(commands, trans),
        decide: walker.decide.bind(walker)
      })
    );
    const reviews = new NotebookReviews(tracker, {
      trans,
      cells: headerActions({ commands, reviewer, trans, isWriting }),
      bar: barActions({ commands, reviewer, trans })
    });
    reviewer.said.connect(reviews.say, reviews);
    manager.changed.connect(reviews.refresh, reviews);
    manager.changed.connect(() => commands.notifyCommandChanged());
    followVerbs(commands, reviews);
  }
};

/**
 * Other plugins bring commands on cells when they start.
 */
function followVerbs(
  commands: CommandRegistry,
  reviews: NotebookReviews
): void {
  const verbs: (string | undefined)[] = [
    CommandIDs.addPackages,
    CommandIDs.redoCell,
    CommandIDs.runInSandbox
  ];
  commands.commandChanged.connect((_, { id, type }) => {
    if (type === 'added' && verbs.includes(id)) {
      reviews.redraw();
    }
  });
}

function reviewFactory(options: IMergeOptions) {
  return {
    name: 'gptoss-lab:review',
    factory: ({ model }: { model?: { sharedModel?: unknown } }) => {
      const shared = model?.sharedModel;
      return isCell(shared)
        ? EditorExtensionRegistry.createImmutableExtension(
            reviewExtension(shared, options)
          )
        : null;
    }
  };
}
