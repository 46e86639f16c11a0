import { PageConfig } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs, withKeys } from '../commands';
import { needsOf, offered } from '../model/needs';
import type { Reviewer } from '../model/reviewer';
import type { CellProvenance } from '../wire/schema';
import type { BarAction, IBarActions } from './bar';
import type { IHeaderActions, IVerb } from './header';

interface IActionOptions {
  commands: CommandRegistry;
  reviewer: Reviewer;
  trans: TranslationBundle;
}

/**
 * What the headers of pending cells have done.
 */
export function headerActions(
  options: IActionOptions & Pick<IHeaderActions, 'isWriting'>
): IHeaderActions {
  const { commands, reviewer, trans, isWriting } = options;
  return {
    isWriting,
    root: PageConfig.getOption('serverRoot'),
    openPlace: target =>
      void commands.execute(CommandIDs.openPlace, { ...target }),
    accept: reviewer.accept.bind(reviewer),
    reject: reviewer.reject.bind(reviewer),
    titleOf: verdict =>
      verdict === 'accept'
        ? withKeys(
            trans.__('Accept this cell'),
            commands,
            CommandIDs.acceptCell
          )
        : withKeys(
            trans.__('Reject this cell'),
            commands,
            CommandIDs.rejectCell
          ),
    verbs: (type, provenance) =>
      verbsOf(provenance, trans).filter(
        ({ id }) =>
          commands.hasCommand(id) &&
          provenance.change !== 'deleted' &&
          (id !== CommandIDs.runInSandbox || type !== 'markdown')
      ),
    run: (id, cell) => {
      reviewer.activate(cell);
      void commands.execute(id);
    }
  };
}

function verbsOf(
  { checks }: CellProvenance,
  trans: TranslationBundle
): IVerb[] {
  const names = offered(needsOf(checks)).map(({ name }) => name);
  const add = {
    id: CommandIDs.addPackages,
    label: trans.__('Add %1 and run again', names.join(', '))
  };
  return [
    ...(names.length > 0 ? [add] : []),
    { id: CommandIDs.redoCell, label: trans.__('Redo with…') },
    { id: CommandIDs.runInSandbox, label: trans.__('Run in sandbox') }
  ];
}

/**
 * What the bar below a notebook has done.
 */
export function barActions(options: IActionOptions): IBarActions {
  const { commands, reviewer, trans } = options;
  const names: Record<BarAction, [string, string]> = {
    next: [trans.__('Next pending cell'), CommandIDs.nextPending],
    previous: [trans.__('Previous pending cell'), CommandIDs.previousPending],
    acceptAll: [trans.__('Accept all that is shown'), CommandIDs.acceptAll],
    rejectAll: [trans.__('Reject all that is shown'), CommandIDs.rejectAll],
    undo: [
      trans.__('Remove all cells of this generation that still wait'),
      CommandIDs.undoGeneration
    ]
  };
  return {
    go: (step, job) => void reviewer.go(step, job),
    acceptAll: job => reviewer.acceptAll(job),
    rejectAll: job => reviewer.rejectAll(job),
    undoGeneration: job => reviewer.undoGeneration(job),
    titleOf: action => withKeys(names[action][0], commands, names[action][1])
  };
}
