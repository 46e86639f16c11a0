import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import { INotebookCellExecutor } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';

import { CommandIDs } from '../commands';
import {
  GuardedExecutor,
  IRunGuard,
  RefusalNotice,
  guardCodeCells,
  guardExecutor
} from '../review/guard';

/**
 * The run guard: replaces JupyterLab's own cell executor.
 */
export const executorPlugin: JupyterFrontEndPlugin<INotebookCellExecutor> = {
  id: 'gptoss-lab:cell-executor',
  description: 'Runs cells, but refuses code that waits for review.',
  autoStart: true,
  provides: INotebookCellExecutor,
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null
  ): INotebookCellExecutor =>
    new GuardedExecutor(refusalHandler(app, translator))
};

/**
 * The second line of the guard, for other executors and consoles.
 *
 * #### Notes
 * Where two extensions bring an executor, the page takes the one that it
 * loaded last: it may be another one than ours, and may run cells on the
 * server.
 */
export const codeCellGuardPlugin: JupyterFrontEndPlugin<IRunGuard> = {
  id: 'gptoss-lab:code-cell-guard',
  description: 'Refuses pending code where another executor runs cells.',
  autoStart: true,
  provides: IRunGuard,
  optional: [ITranslator, INotebookCellExecutor],
  activate: (
    app: JupyterFrontEnd,
    translator: ITranslator | null,
    executor: INotebookCellExecutor | null
  ): IRunGuard => {
    const onRefused = refusalHandler(app, translator);
    guardCodeCells(onRefused);
    const guarded = executor && guardExecutor(executor, onRefused);
    return {
      leaveTo: runner => {
        guarded?.leaveTo(runner);
        return guarded !== null;
      }
    };
  }
};

function refusalHandler(
  app: JupyterFrontEnd,
  translator: ITranslator | null
): (cell: Cell) => void {
  const trans = (translator ?? nullTranslator).load('gptoss_lab');
  const notice = new RefusalNotice(cells => showRefusal(app, trans, cells));
  return cell => notice.add(cell);
}

function showRefusal(
  app: JupyterFrontEnd,
  trans: TranslationBundle,
  cells: readonly Cell[]
): void {
  const message =
    cells.length === 1
      ? trans.__(
          'This cell is pending review. Accept it first (%1).',
          shortcutOf(app)
        )
      : trans.__(
          '%1 cells are pending review and did not run. Accept them first (%2 on each).',
          cells.length,
          shortcutOf(app)
        );
  Notification.warning(message, {
    autoClose: 6000,
    actions: [
      {
        label: trans.__('Show'),
        callback: () => {
          void app.commands.execute(CommandIDs.nextPending);
        }
      }
    ]
  });
}

/**
 * The shortcut as the person has set it.
 */
function shortcutOf(app: JupyterFrontEnd): string {
  const binding = app.commands.keyBindings.find(
    ({ command }) => command === CommandIDs.acceptCell
  );
  return binding ? binding.keys.join(' ') : 'Alt Y';
}
