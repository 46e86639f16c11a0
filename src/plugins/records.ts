import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, IThemeManager } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';

import { IChoices } from '../choice_tokens';
import { CommandIDs } from '../commands';
import { FeedbackQueue } from '../model/feedback';
import { FeedbackWatch } from '../model/feedback_watch';
import { author } from '../model/record_author';
import { decisionLog } from '../model/review';
import { RecordsApi } from '../records_api';
import { Reports } from '../wiring/report';

/**
 * The records of reviews: who decided, what the server is told, and the report.
 */
export const recordsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'gptoss-lab:records',
  description: 'Records how reviews end, and reports what was generated.',
  autoStart: true,
  requires: [INotebookTracker, IChoices],
  optional: [ITranslator, IStateDB, IThemeManager, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    choices: IChoices,
    translator: ITranslator | null,
    state: IStateDB | null,
    themes: IThemeManager | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('gptoss_lab');
    const api = new RecordsApi(app.serviceManager.serverSettings);
    author.follow(app.serviceManager.user);
    followDecisions(app, new FeedbackQueue({ api, state }), choices);
    const reports = new Reports({ app, api, themes, trans });
    addReportCommand(app, tracker, reports, trans);
    palette?.addItem({
      command: CommandIDs.report,
      category: trans.__('gpt-oss')
    });
  }
};

function followDecisions(
  app: JupyterFrontEnd,
  queue: FeedbackQueue,
  { preferences }: IChoices
): void {
  new FeedbackWatch(decisionLog, items => {
    if (preferences.feedback) {
      queue.add(items);
    }
  });
  preferences.changed.connect(() => {
    if (!preferences.feedback) {
      queue.clear();
    }
  });
  window.addEventListener('online', () => void queue.send());
  void app.restored.then(() => queue.restore());
}

function addReportCommand(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  reports: Reports,
  trans: TranslationBundle
): void {
  app.commands.addCommand(CommandIDs.report, {
    label: trans.__('Report of Generated Cells'),
    caption: trans.__(
      'Save this notebook and show what was generated in it, from which sources, and what became of it'
    ),
    describedBy: { args: { type: 'object', properties: {} } },
    isEnabled: () => tracker.currentWidget !== null,
    execute: async () => {
      if (tracker.currentWidget) {
        await reports.open(tracker.currentWidget);
      }
    }
  });
  tracker.currentChanged.connect(() =>
    app.commands.notifyCommandChanged(CommandIDs.report)
  );
}
