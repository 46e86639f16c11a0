import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { isRunning } from '../model/history';
import type { JobSummary } from '../wire/schema';
import {
  cellsLabel,
  kindLabel,
  languageLabel,
  stateLabel,
  whenLabel,
  whoLabel
} from './history_labels';

/**
 * What a person may do with a job of the past.
 */
export interface IHistoryVerbs {
  /**
   * The same question again, with the same seed.
   */
  onReplay: (job: JobSummary) => void;

  /**
   * Put what was asked for back into the form.
   */
  onRefill: (job: JobSummary) => void;
  onShow: (job: JobSummary) => void;
  onStop: (job: JobSummary) => void;
}

/**
 * What one line of the history needs.
 */
export interface IHistoryRowProps extends IHistoryVerbs {
  job: JobSummary;

  /**
   * Whether a cell of it is in an open notebook.
   */
  shown: boolean;

  /**
   * Whether another generation runs: a replay has to wait for its end.
   */
  busy: boolean;
  trans: TranslationBundle;
}

/**
 * A job: what was asked, who answered, how it went.
 */
export function HistoryRow(props: IHistoryRowProps): JSX.Element {
  const { job, trans } = props;
  const task = job.task || trans.__('No task');
  const facts = [
    stateLabel(job.state, trans),
    kindLabel(job, trans),
    languageLabel(job.language, trans),
    whoLabel(job, trans),
    cellsLabel(job, trans)
  ].filter(Boolean);
  return (
    <li className="jp-Gptoss-row jp-Gptoss-history-row" data-row="">
      <div className="jp-Gptoss-history-task" title={task}>
        {task}
      </div>
      <div className="jp-Gptoss-row-facts">
        <time dateTime={job.created_at}>{whenLabel(job.created_at)}</time>
        {facts.map((fact, at) => (
          <span
            key={fact}
            className={at === 0 ? `jp-Gptoss-outcome ${toneOf(job)}` : ''}
          >
            {fact}
          </span>
        ))}
      </div>
      <Verbs {...props} task={task} />
    </li>
  );
}

function Verbs(props: IHistoryRowProps & { task: string }): JSX.Element {
  const { job, task, trans } = props;
  const running = isRunning(job);
  const asked = job.kind === 'generate';
  return (
    <div className="jp-Gptoss-history-verbs">
      {asked && !running && (
        <button
          type="button"
          className="jp-Gptoss-link"
          aria-disabled={props.busy}
          aria-label={trans.__('Replay: %1', task)}
          title={
            props.busy
              ? trans.__('Another generation is running')
              : trans.__('The same prompt and seed, into the active notebook')
          }
          onClick={() => !props.busy && props.onReplay(job)}
        >
          {trans.__('Replay')}
        </button>
      )}
      {asked && (
        <button
          type="button"
          className="jp-Gptoss-link"
          aria-label={trans.__('Refill the form: %1', task)}
          title={trans.__('Put task, documentation and language into the form')}
          onClick={() => props.onRefill(job)}
        >
          {trans.__('Refill the form')}
        </button>
      )}
      {props.shown && (
        <button
          type="button"
          className="jp-Gptoss-link"
          aria-label={trans.__('Show in notebook: %1', task)}
          onClick={() => props.onShow(job)}
        >
          {trans.__('Show in notebook')}
        </button>
      )}
      {running && (
        <button
          type="button"
          className="jp-Gptoss-link"
          aria-label={trans.__('Stop: %1', task)}
          onClick={() => props.onStop(job)}
        >
          {trans.__('Stop')}
        </button>
      )}
    </div>
  );
}

function toneOf({ state }: JobSummary): string {
  switch (state) {
    case 'done':
      return 'jp-mod-ok';
    case 'error':
      return 'jp-mod-error';
    case 'cancelled':
      return 'jp-mod-warning';
    default:
      return 'jp-mod-quiet';
  }
}
