import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';

import { GenerationApi } from '../api';
import type { ISourceList } from '../choice_tokens';
import { History } from '../model/history';
import type { IHistoryApi } from '../model/history';
import type { PendingList } from '../model/pending_list';
import { openCell } from '../model/reveal';
import type { IGenerationManager } from '../tokens';
import type { IPanelOptions } from '../widgets/panel_body';
import type { JobSummary } from '../wire/schema';

/**
 * What the tab of the history works with.
 */
export interface IHistoryWiring {
  app: JupyterFrontEnd;
  manager: IGenerationManager;
  tracker: INotebookTracker;
  sources: ISourceList;
  pending: Pick<PendingList, 'find'>;

  /**
   * Show the form, with this in it.
   */
  fill: (task: string, language: 'python' | 'r') => void;

  /**
   * Say why a generation could not be started.
   */
  refuse: (reason: unknown) => void;
  api?: IHistoryApi;
}

/**
 * Wire the tab of the history to the server, the form and the notebooks.
 */
export function historyWiring(
  parts: IHistoryWiring
): Pick<IPanelOptions, 'history' | 'historyVerbs' | 'onHistory'> {
  const { app, manager, tracker, pending } = parts;
  const api = parts.api ?? new GenerationApi(app.serviceManager.serverSettings);
  const history = new History(api);
  followJob(manager, history);
  let watching: IDisposable | null = null;
  return {
    history,
    historyVerbs: {
      onReplay: job => void replay(parts, history, job),
      onRefill: job => void refill(parts, history, job),
      onShow: job => {
        const place = pending.find(job.job);
        if (place) {
          openCell(app, tracker, place);
        }
      },
      onStop: job => void history.cancel(job.job)
    },
    onHistory: shown => {
      watching?.dispose();
      watching = shown ? history.watch() : null;
    }
  };
}

async function replay(
  { manager, refuse }: IHistoryWiring,
  history: History,
  { job, task, language }: JobSummary
): Promise<void> {
  const request = await history.request(job);
  if (!request) {
    return;
  }
  try {
    await manager.replay({
      job,
      task: request.task || task,
      language: request.language ?? language,
      verify: request.verify ?? true
    });
  } catch (reason) {
    refuse(reason);
  }
}

async function refill(
  { sources, fill }: IHistoryWiring,
  history: History,
  { job, language }: JobSummary
): Promise<void> {
  const request = await history.request(job);
  if (!request) {
    return;
  }
  const wanted = request.sources ?? [];
  const kept = new Set(wanted.map(({ uri }) => uri));
  sources.sources
    .filter(({ uri }) => !kept.has(uri))
    .forEach(({ uri }) => sources.remove(uri));
  wanted.forEach(source => sources.add(source));
  fill(request.task, request.language ?? language);
}

/**
 * Ask for the jobs again when the person's own begins or ends.
 */
function followJob(manager: IGenerationManager, history: History): void {
  let known = '';
  manager.changed.connect(() => {
    const { job } = manager;
    const now = job ? `${job.id} ${job.outcome}` : '';
    if (now !== known) {
      known = now;
      void history.refresh();
    }
  }, history);
}
