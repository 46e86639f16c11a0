import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Phase } from '../tokens';

/**
 * The longest task that the server takes, in characters.
 */
export const MAX_TASK_CHARS = 16_000;

/**
 * Whether the sandbox is shown the notebook's folder.
 */
export interface IDataChoice {
  readonly shown: boolean;
  readonly folder: string;

  /**
   * Why it cannot be; empty where it can.
   */
  readonly reason: string;
}

/**
 * What the task form needs.
 */
export interface ITaskProps {
  task: string;

  /**
   * Whether cells can be made of the paper that one works from; null where one
   * does not.
   */
  paper: { readonly ready: boolean; readonly place: string } | null;
  language: 'python' | 'r';
  phase: Phase;
  data: IDataChoice;
  trans: TranslationBundle;
  onTask: (task: string) => void;
  onLanguage: (language: 'python' | 'r') => void;
  onData: (shown: boolean) => void;
  onGenerate: () => void;
  onShowPrompt: () => void;
  onStop: () => void;
}

/**
 * The task in words, its language, and the button that starts or stops.
 */
export function Task(props: ITaskProps): JSX.Element {
  const { trans, task, paper } = props;
  const busy = props.phase === 'starting' || props.phase === 'streaming';
  const tooLong = task.length > MAX_TASK_CHARS;
  const enough = paper ? paper.ready : task.trim() !== '';
  const ready = !busy && !tooLong && enough;
  return (
    <section className="jp-Gptoss-section">
      <h3>
        <label htmlFor="jp-Gptoss-task">
          {paper ? trans.__('What matters of it') : trans.__('Task')}
        </label>
      </h3>
      <textarea
        id="jp-Gptoss-task"
        className="jp-mod-styled"
        rows={paper ? 2 : 4}
        value={task}
        placeholder={
          paper
            ? trans.__('May stay empty')
            : trans.__('Mean of one column, grouped by another')
        }
        aria-describedby="jp-Gptoss-task-hint"
        aria-invalid={tooLong}
        onChange={event => props.onTask(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            // JupyterLab would take the same keys for "run cell".
            event.preventDefault();
            event.stopPropagation();
            if (ready) {
              props.onGenerate();
            }
          }
        }}
      />
      <div id="jp-Gptoss-task-hint" className="jp-Gptoss-hint" role="status">
        {tooLong
          ? trans.__(
              'The task is too long: %1 of %2 characters. Shorten it, or add the text as documentation.',
              task.length,
              MAX_TASK_CHARS
            )
          : ''}
      </div>
      <DataChoice {...props} busy={busy} />
      <div className="jp-Gptoss-actions">
        <select
          className="jp-Gptoss-select"
          value={props.language}
          disabled={busy}
          aria-label={trans.__('Language')}
          onChange={event =>
            props.onLanguage(event.target.value === 'r' ? 'r' : 'python')
          }
        >
          <option value="python">{trans.__('Python')}</option>
          <option value="r">{trans.__('R')}</option>
        </select>
        {busy ? (
          <button
            type="button"
            className="jp-Gptoss-button jp-mod-stop"
            onClick={props.onStop}
          >
            {trans.__('Stop')}
          </button>
        ) : (
          <button
            type="button"
            className="jp-Gptoss-button jp-mod-primary"
            disabled={!ready}
            title={
              paper
                ? trans.__('Make the notebook (Ctrl Enter)')
                : trans.__('Generate cells (Ctrl Enter)')
            }
            onClick={props.onGenerate}
          >
            {paper ? trans.__('Make the notebook') : trans.__('Generate')}
          </button>
        )}
        <span className="jp-Gptoss-spacer" />
        {!paper && (
          <button
            type="button"
            className="jp-Gptoss-link"
            disabled={tooLong || task.trim() === ''}
            title={trans.__('See every word that the model would get')}
            onClick={props.onShowPrompt}
          >
            {trans.__('Show what is sent')}
          </button>
        )}
      </div>
      {paper && (
        <p className="jp-Gptoss-small jp-Gptoss-quiet">{paper.place}</p>
      )}
    </section>
  );
}

function DataChoice(props: ITaskProps & { busy: boolean }): JSX.Element {
  const { trans, data } = props;
  const off = data.reason !== '';
  return (
    <div className="jp-Gptoss-choice">
      <label title={data.folder}>
        <input
          type="checkbox"
          checked={data.shown && !off}
          disabled={off || props.busy}
          aria-describedby="jp-Gptoss-data-reason"
          onChange={event => props.onData(event.target.checked)}
        />
        <span>
          {trans.__(
            'Show the sandbox this notebook’s folder, read-only (at /data)'
          )}
        </span>
      </label>
      <div id="jp-Gptoss-data-reason" className="jp-Gptoss-quiet">
        {data.reason}
      </div>
    </div>
  );
}
