import type { TranslationBundle } from '@jupyterlab/translation';
import { checkIcon, closeIcon } from '@jupyterlab/ui-components';
import React from 'react';

import type { ICounts, IJob, IStep, Phase } from '../tokens';
import type { Problem } from '../wire/schema';
import { percentOf, problemText, spentParts, stageLabel } from './labels';
import { VersionGaps } from './version_gap';

/**
 * The stages of a job as a quiet list.
 */
export function Steps(props: {
  steps: readonly IStep[];

  /**
   * Whether the job failed in its last step.
   */
  failed: boolean;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { trans } = props;
  const steps = props.steps.filter(({ stage }) => stage !== 'done');
  if (steps.length === 0) {
    return null;
  }
  return (
    <ol className="jp-Gptoss-steps" aria-label={trans.__('Progress')}>
      {steps.map((step, index) => {
        const failed = props.failed && index === steps.length - 1;
        const percent = percentOf(step);
        return (
          <li
            key={step.stage}
            className={
              failed
                ? 'jp-mod-failed'
                : step.running
                  ? 'jp-mod-running'
                  : 'jp-mod-done'
            }
            aria-current={step.running ? 'step' : undefined}
          >
            <span className="jp-Gptoss-step-mark" aria-hidden="true">
              {failed ? (
                <closeIcon.react tag="span" width="12px" height="12px" />
              ) : (
                !step.running && (
                  <checkIcon.react tag="span" width="12px" height="12px" />
                )
              )}
            </span>
            <span className="jp-Gptoss-step-name">
              {stageLabel(step.stage, trans)}
            </span>
            {step.running && percent !== null && (
              <span className="jp-Gptoss-quiet">
                {trans.__('%1 %', percent)}
              </span>
            )}
            {step.running && step.detail !== '' && (
              <span className="jp-Gptoss-step-detail">{step.detail}</span>
            )}
            {step.running && percent !== null && (
              <progress
                value={percent}
                max={100}
                aria-label={stageLabel(step.stage, trans)}
              />
            )}
          </li>
        );
      })}
    </ol>
  );
}

/**
 * What the result needs.
 */
export interface IResultProps {
  phase: Phase;
  job: IJob;
  counts: ICounts;
  attached: boolean;
  path: string;
  retrying: number;
  trans: TranslationBundle;
  onAcceptAll: () => void;
  onRejectAll: () => void;
  onNext: () => void;
  onPrevious: () => void;
  onInsertHere: () => void;
}

/**
 * What came of a job: cells that wait, warnings, and what to do with them.
 */
export function Result(props: IResultProps): JSX.Element {
  const { job, counts, trans } = props;
  return (
    <>
      {props.retrying > 0 && (
        <p className="jp-Gptoss-note jp-mod-warning" role="status">
          {trans.__(
            'The connection was lost. Trying again (%1)…',
            props.retrying
          )}
        </p>
      )}
      {!job.ended && job.position > 0 && (
        <p className="jp-Gptoss-note">
          {trans._n(
            '%1 job is ahead of yours.',
            '%1 jobs are ahead of yours.',
            job.position
          )}
        </p>
      )}
      {!props.attached && (
        <div className="jp-Gptoss-note jp-mod-warning" role="status">
          {trans.__(
            'The notebook %1 is closed. The generation goes on; open it again, or put the cells into the active notebook.',
            props.path
          )}
          <button
            type="button"
            className="jp-Gptoss-button"
            onClick={props.onInsertHere}
          >
            {trans.__('Insert here')}
          </button>
        </div>
      )}
      {job.ended && <Counts {...props} />}
      <Spent job={job} trans={trans} />
      <VersionGaps gaps={job.gaps} trans={trans} />
      <Notes job={job} trans={trans} />
      {counts.pending > 0 && <ReviewActions {...props} />}
    </>
  );
}

/**
 * What the model has consumed, and which round of repair it is in.
 */
function Spent(props: {
  job: IJob;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { job, trans } = props;
  const parts = spentParts(job, trans);
  return parts.length === 0 ? null : (
    <p className="jp-Gptoss-note jp-Gptoss-quiet">{parts.join(' · ')}</p>
  );
}

function Counts(props: IResultProps): JSX.Element | null {
  const { job, counts, trans } = props;
  if (job.outcome === 'error' && counts.total === 0) {
    return null;
  }
  if (counts.total === 0) {
    return (
      <p className="jp-Gptoss-note">
        {job.message || trans.__('No cell was written.')}
      </p>
    );
  }
  const parts = [
    counts.pending > 0 ? trans.__('%1 pending', counts.pending) : '',
    counts.accepted > 0 ? trans.__('%1 accepted', counts.accepted) : '',
    counts.rejected > 0 ? trans.__('%1 rejected', counts.rejected) : ''
  ].filter(Boolean);
  return (
    <p className="jp-Gptoss-counts">
      {job.outcome === 'cancelled' && <span>{trans.__('Stopped. ')}</span>}
      {parts.join(' · ')}
    </p>
  );
}

function Notes(props: {
  job: IJob;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { job, trans } = props;
  const failed = job.drafts.filter(({ findings }) =>
    findings.some(({ severity }) => severity === 'error')
  ).length;
  const told = job.gaps.map(({ message }) => message);
  // A gap is shown by itself; its warning is for readers that know no gaps.
  const warnings = job.warnings.filter(
    ({ message }) => !told.some(text => text !== '' && message.startsWith(text))
  );
  if (warnings.length === 0 && failed === 0) {
    return null;
  }
  return (
    <ul className="jp-Gptoss-notes" aria-label={trans.__('Notes')}>
      {failed > 0 && (
        <li className="jp-mod-error">
          {trans._n(
            '%1 cell has findings. See its details in the notebook.',
            '%1 cells have findings. See their details in the notebook.',
            failed
          )}
        </li>
      )}
      {warnings.map(({ message, hint }, index) => (
        <li key={index} className="jp-mod-warning">
          {message}
          {hint !== '' && <span className="jp-Gptoss-quiet"> {hint}</span>}
        </li>
      ))}
    </ul>
  );
}

function ReviewActions(props: IResultProps): JSX.Element {
  const { trans } = props;
  const writing = props.phase === 'streaming';
  return (
    <div
      className="jp-Gptoss-actions"
      role="group"
      aria-label={trans.__('Review')}
    >
      <button
        type="button"
        className="jp-Gptoss-button"
        onClick={props.onPrevious}
      >
        {trans.__('Previous')}
      </button>
      <button type="button" className="jp-Gptoss-button" onClick={props.onNext}>
        {trans.__('Next')}
      </button>
      <span className="jp-Gptoss-spacer" />
      <button
        type="button"
        className="jp-Gptoss-button jp-mod-accept"
        disabled={writing}
        onClick={props.onAcceptAll}
      >
        {trans.__('Accept all')}
      </button>
      <button
        type="button"
        className="jp-Gptoss-button jp-mod-reject"
        disabled={writing}
        onClick={props.onRejectAll}
      >
        {trans.__('Reject all')}
      </button>
    </div>
  );
}

/**
 * What went wrong and what the person can do.
 */
export function Trouble(props: {
  problem: Problem;
  trans: TranslationBundle;
}): JSX.Element {
  const { detail, hint } = problemText(props.problem, props.trans);
  return (
    <div className="jp-Gptoss-note jp-mod-error" role="alert">
      <strong>{detail}</strong>
      {hint !== '' && <span className="jp-Gptoss-problem-hint">{hint}</span>}
    </div>
  );
}
