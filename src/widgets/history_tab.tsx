import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal, closeIcon } from '@jupyterlab/ui-components';
import React, { useRef, useState } from 'react';

import { matching } from '../model/history';
import type { History } from '../model/history';
import type { JobSummary } from '../wire/schema';
import { HistoryRow } from './history_row';
import type { IHistoryVerbs } from './history_row';
import { Keys } from './keys';
import { problemText } from './labels';
import { useRovingRows } from './roving';
import { Silence } from './sandbox_facts';

/**
 * What the tab of the history needs.
 */
export interface IHistoryTabProps extends IHistoryVerbs {
  history: History;

  /**
   * Whether a cell of this job is in an open notebook.
   */
  isShown: (job: string) => boolean;
  busy: boolean;
  trans: TranslationBundle;
  onGenerate: () => void;
  onEmptied: () => void;
}

/**
 * The jobs that the server remembers, and what may be done with them.
 */
export function HistoryTab(props: IHistoryTabProps): JSX.Element {
  const { history, trans } = props;
  return (
    <UseSignal signal={history.changed}>
      {() => (
        <div className="jp-Gptoss-body">
          <Silence
            problem={history.problem}
            missing={trans.__('This server does not list its jobs.')}
            trans={trans}
          />
          <Refusal {...props} />
          {history.jobs?.length === 0 && <NothingYet {...props} />}
          {!!history.jobs?.length && <Jobs {...props} jobs={history.jobs} />}
        </div>
      )}
    </UseSignal>
  );
}

function Jobs(
  props: IHistoryTabProps & { jobs: readonly JobSummary[] }
): JSX.Element {
  const { jobs, trans } = props;
  const [filter, setFilter] = useState('');
  const list = useRef<HTMLUListElement>(null);
  const handlers = useRovingRows(list, props.onEmptied);
  const found = matching(jobs, filter);
  return (
    <>
      <input
        type="search"
        className="jp-mod-styled"
        value={filter}
        placeholder={trans.__('Filter by task, model, language…')}
        aria-label={trans.__('Filter the jobs')}
        onChange={event => setFilter(event.target.value)}
      />
      <p className="jp-Gptoss-small" role="status">
        {found.length < jobs.length
          ? trans.__('%1 of %2 jobs', found.length, jobs.length)
          : trans._n('%1 job', '%1 jobs', jobs.length)}
      </p>
      <ul
        className="jp-Gptoss-rows"
        aria-label={trans.__('Jobs, the newest first')}
        ref={list}
        {...handlers}
      >
        {found.map(job => (
          <HistoryRow
            key={job.job}
            job={job}
            shown={props.isShown(job.job)}
            busy={props.busy}
            trans={trans}
            onReplay={props.onReplay}
            onRefill={props.onRefill}
            onShow={props.onShow}
            onStop={props.onStop}
          />
        ))}
      </ul>
    </>
  );
}

function Refusal(props: IHistoryTabProps): JSX.Element {
  const { trans, history } = props;
  const said = history.refusal && problemText(history.refusal, trans);
  return (
    <div className="jp-Gptoss-refusal" role="alert">
      {said && (
        <>
          <span>{[said.detail, said.hint].filter(Boolean).join(' ')}</span>
          <button
            type="button"
            className="jp-Gptoss-icon"
            aria-label={trans.__('Close the message of the history')}
            onClick={() => history.dismiss()}
          >
            <closeIcon.react tag="span" />
          </button>
        </>
      )}
    </div>
  );
}

function NothingYet(props: IHistoryTabProps): JSX.Element {
  const { trans } = props;
  return (
    <div className="jp-Gptoss-teach">
      <p>
        <strong>{trans.__('Nothing was asked for yet.')}</strong>{' '}
        {trans.__(
          'What you ask for is listed here until the server ends: replay it with the same prompt and seed, or put it back into the form and change it.'
        )}
      </p>
      <p>
        <button
          type="button"
          className="jp-Gptoss-button"
          onClick={props.onGenerate}
        >
          {trans.__('Generate cells')}
        </button>
      </p>
      <Keys
        trans={trans}
        lines={[
          [trans.__('From tab to tab'), ['→', '←']],
          [trans.__('From job to job'), ['↓', '↑']]
        ]}
      />
    </div>
  );
}
