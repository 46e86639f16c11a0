import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import {
  checkIcon,
  closeIcon,
  caretDownIcon,
  caretUpIcon,
  undoIcon
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';

import type { HunkVerdict } from './model/hunks';
import { isPending } from './model/provenance';
import { isAccepted } from './model/reviewer';
import type { Reviewer } from './model/reviewer';

/**
 * The commands of the extension.
 */
export namespace CommandIDs {
  export const openPanel = 'gptoss-lab:open-panel';
  export const showPaper = 'gptoss-lab:show-paper';
  export const readPaper = 'gptoss-lab:read-paper';
  export const openPlace = 'gptoss-lab:open-place';
  export const showReview = 'gptoss-lab:show-review';
  export const showHistory = 'gptoss-lab:show-history';
  export const showMonitor = 'gptoss-lab:show-monitor';
  export const showKeyboard = 'gptoss-lab:show-keyboard';
  export const openSandboxes = 'gptoss-lab:open-sandboxes';
  export const showModel = 'gptoss-lab:show-model';
  export const startModel = 'gptoss-lab:start-model';
  export const stopModel = 'gptoss-lab:stop-model';
  export const stop = 'gptoss-lab:stop';
  export const acceptCell = 'gptoss-lab:accept-cell';
  export const rejectCell = 'gptoss-lab:reject-cell';
  export const acceptAll = 'gptoss-lab:accept-all';
  export const rejectAll = 'gptoss-lab:reject-all';
  export const nextPending = 'gptoss-lab:next-pending';
  export const previousPending = 'gptoss-lab:previous-pending';
  export const nextHunk = 'gptoss-lab:next-hunk';
  export const previousHunk = 'gptoss-lab:previous-hunk';
  export const acceptHunk = 'gptoss-lab:accept-hunk';
  export const rejectHunk = 'gptoss-lab:reject-hunk';
  export const acceptGeneration = 'gptoss-lab:accept-generation';
  export const redoCell = 'gptoss-lab:redo-cell';
  export const runInSandbox = 'gptoss-lab:run-in-sandbox';
  export const setPending = 'gptoss-lab:set-pending';
  export const undoGeneration = 'gptoss-lab:undo-generation';
  export const report = 'gptoss-lab:report';
  export const editCell = 'gptoss-lab:edit-cell';
  export const fixCell = 'gptoss-lab:fix-cell';
  export const explainCell = 'gptoss-lab:explain-cell';
  export const exampleCell = 'gptoss-lab:example-cell';
  export const portCell = 'gptoss-lab:port-cell';
  export const addPackages = 'gptoss-lab:add-packages';
  export const cellMenu = 'gptoss-lab:cell-menu';
}

/**
 * The commands that belong in the palette, in their order there.
 */
export const PALETTE = [
  CommandIDs.openPanel,
  CommandIDs.showPaper,
  CommandIDs.showReview,
  CommandIDs.showHistory,
  CommandIDs.showMonitor,
  CommandIDs.openSandboxes,
  CommandIDs.showModel,
  CommandIDs.startModel,
  CommandIDs.stopModel,
  CommandIDs.stop,
  CommandIDs.acceptCell,
  CommandIDs.rejectCell,
  CommandIDs.acceptAll,
  CommandIDs.rejectAll,
  CommandIDs.nextPending,
  CommandIDs.previousPending,
  CommandIDs.nextHunk,
  CommandIDs.previousHunk,
  CommandIDs.acceptHunk,
  CommandIDs.rejectHunk,
  CommandIDs.acceptGeneration,
  CommandIDs.setPending,
  CommandIDs.undoGeneration,
  CommandIDs.addPackages,
  CommandIDs.showKeyboard
];

/**
 * The commands that work on cells that are there, in their order everywhere.
 */
export const CELL_VERBS = {
  edit: CommandIDs.editCell,
  fix: CommandIDs.fixCell,
  explain: CommandIDs.explainCell,
  example: CommandIDs.exampleCell,
  port: CommandIDs.portCell,
  redo: CommandIDs.redoCell,
  run: CommandIDs.runInSandbox
} as const;

/**
 * What the review commands work with.
 */
export interface IReviewCommandOptions {
  commands: CommandRegistry;
  tracker: INotebookTracker;
  trans: TranslationBundle;
  reviewer: Reviewer;
}

/**
 * Register the commands that decide on pending cells.
 */
export function registerReviewCommands(options: IReviewCommandOptions): void {
  const { commands, tracker, trans, reviewer } = options;
  const describedBy = { args: NO_ARGUMENTS };

  commands.addCommand(CommandIDs.acceptCell, {
    label: trans.__('Accept Cell'),
    caption: trans.__('Accept the pending cell, so that it may run'),
    icon: checkIcon,
    describedBy,
    isEnabled: () => reviewer.active(isPending) !== null,
    execute: () => reviewer.accept()
  });
  commands.addCommand(CommandIDs.rejectCell, {
    label: trans.__('Reject Cell'),
    caption: trans.__('Remove the pending cell, or bring its old text back'),
    icon: closeIcon,
    describedBy,
    isEnabled: () => reviewer.active(isPending) !== null,
    execute: () => reviewer.reject()
  });
  commands.addCommand(CommandIDs.acceptAll, {
    label: trans.__('Accept All Pending Cells'),
    caption: trans.__('Accept every pending cell of this notebook'),
    describedBy,
    isEnabled: () => reviewer.hasPending,
    execute: () => reviewer.acceptAll()
  });
  commands.addCommand(CommandIDs.rejectAll, {
    label: trans.__('Reject All Pending Cells'),
    caption: trans.__('Reject every pending cell of this notebook'),
    describedBy,
    isEnabled: () => reviewer.hasPending,
    execute: () => reviewer.rejectAll()
  });
  commands.addCommand(CommandIDs.nextPending, {
    label: trans.__('Next Pending Cell'),
    caption: trans.__('Go to the next cell that waits for review'),
    icon: caretDownIcon,
    describedBy,
    isEnabled: () => reviewer.hasPending,
    execute: () => reviewer.go(1)
  });
  commands.addCommand(CommandIDs.previousPending, {
    label: trans.__('Previous Pending Cell'),
    caption: trans.__('Go to the previous cell that waits for review'),
    icon: caretUpIcon,
    describedBy,
    isEnabled: () => reviewer.hasPending,
    execute: () => reviewer.go(-1)
  });
  commands.addCommand(CommandIDs.acceptGeneration, {
    label: trans.__('Accept This Generation'),
    caption: trans.__('Accept all cells of this generation that still wait'),
    describedBy,
    isEnabled: () => reviewer.hasPending,
    execute: () => reviewer.acceptGeneration()
  });
  commands.addCommand(CommandIDs.setPending, {
    label: trans.__('Set Cell Back to Pending'),
    caption: trans.__('Take the acceptance of this cell back'),
    describedBy,
    isEnabled: () => reviewer.active(isAccepted) !== null,
    execute: () => reviewer.setPending()
  });
  commands.addCommand(CommandIDs.undoGeneration, {
    label: trans.__('Undo This Generation'),
    caption: trans.__('Remove all cells of this generation that still wait'),
    icon: undoIcon,
    describedBy,
    isEnabled: () => reviewer.hasPending,
    execute: () => reviewer.undoGeneration()
  });

  const refresh = () => commands.notifyCommandChanged();
  tracker.activeCellChanged.connect(refresh);
}

/**
 * Goes from change to change within cells, and decides on them.
 */
export interface IHunkActions {
  go(step: 1 | -1): void;
  decideHere(verdict: HunkVerdict): void;
}

/**
 * Register the commands that decide on the parts of a changed cell.
 */
export function registerHunkCommands(
  options: IReviewCommandOptions,
  hunks: IHunkActions
): void {
  const { commands, trans, reviewer } = options;
  const describedBy = { args: NO_ARGUMENTS };
  const onPending = () => reviewer.active(isPending) !== null;

  commands.addCommand(CommandIDs.nextHunk, {
    label: trans.__('Next Change'),
    caption: trans.__('Go to the next change, in this cell or in another'),
    describedBy,
    isEnabled: () => reviewer.hasPending,
    execute: () => hunks.go(1)
  });
  commands.addCommand(CommandIDs.previousHunk, {
    label: trans.__('Previous Change'),
    caption: trans.__('Go to the previous change, in this cell or in another'),
    describedBy,
    isEnabled: () => reviewer.hasPending,
    execute: () => hunks.go(-1)
  });
  commands.addCommand(CommandIDs.acceptHunk, {
    label: trans.__('Accept Change'),
    caption: trans.__('Accept the change at the cursor, and go to the next'),
    describedBy,
    isEnabled: onPending,
    execute: () => hunks.decideHere('accepted')
  });
  commands.addCommand(CommandIDs.rejectHunk, {
    label: trans.__('Reject Change'),
    caption: trans.__('Reject the change at the cursor, and go to the next'),
    describedBy,
    isEnabled: onPending,
    execute: () => hunks.decideHere('rejected')
  });
}

/**
 * A name with the keys of its command, as the person has set them.
 */
export function withKeys(
  name: string,
  commands: CommandRegistry,
  id: string
): string {
  const binding = commands.keyBindings.find(({ command }) => command === id);
  return binding ? `${name} (${binding.keys.join(' ')})` : name;
}

const NO_ARGUMENTS = { type: 'object', properties: {} } as const;
