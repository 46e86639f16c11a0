import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IAddition, IAdditions } from '../addition_tokens';
import { needsOfDrafts, offered } from '../model/needs';
import type { IJob } from '../tokens';
import type { PackageNeed } from '../wire/schema';
import { percentOf, problemText, stageLabel } from './labels';

/**
 * What the packages that cells lack are shown with.
 */
export interface INeedsProps {
  /**
   * The job in the panel; null where there is none.
   */
  job: IJob | null;
  additions: IAdditions;
  trans: TranslationBundle;
}

/**
 * The packages that the cells lack, a click that adds them, and how far that is.
 */
export function Needs(props: INeedsProps): JSX.Element | null {
  const { job, additions, trans } = props;
  const needs = job?.ended ? needsOfDrafts(job.drafts) : [];
  const { current, running } = additions;
  if (needs.length === 0 && !current) {
    return null;
  }
  const wanted = offered(needs);
  return (
    <div
      className="jp-Gptoss-needs"
      role="group"
      aria-label={trans.__('Packages that the cells need')}
    >
      {job && wanted.length > 0 && !(running && current?.of === job.id) && (
        <div className="jp-Gptoss-need">
          <span>{needText(wanted, trans)}</span>
          <button
            type="button"
            className="jp-Gptoss-button"
            aria-disabled={running}
            onClick={() => {
              if (!running) {
                void additions.add(job.id, wanted);
              }
            }}
          >
            {addLabel(wanted, trans)}
          </button>
        </div>
      )}
      {needs
        .filter(({ addable }) => !addable)
        .map(need => (
          <p key={need.name} className="jp-Gptoss-need jp-Gptoss-quiet">
            {trans.__(
              'The cells need %1, which the sandbox lacks and which is not offered. %2',
              need.name,
              need.reason
            )}
          </p>
        ))}
      {current && (
        <Adding
          addition={current}
          running={running}
          trans={trans}
          onStop={() => void additions.stop()}
        />
      )}
    </div>
  );
}

/**
 * Say which packages cells lack.
 */
export function needText(
  needs: readonly PackageNeed[],
  trans: TranslationBundle
): string {
  const names = needs.map(({ name }) => name).join(', ');
  return trans.__('The cells need %1, which the sandbox lacks.', names);
}

/**
 * The label of what adds them.
 */
export function addLabel(
  needs: readonly PackageNeed[],
  trans: TranslationBundle
): string {
  return trans._n(
    'Add it and run again',
    'Add them and run again',
    needs.length
  );
}

function Adding(props: {
  addition: IAddition;
  running: boolean;
  trans: TranslationBundle;
  onStop: () => void;
}): JSX.Element {
  const { addition, running, trans } = props;
  const names = addition.packages.join(', ');
  const problem = addition.problem
    ? problemText(addition.problem, trans)
    : null;
  const step = addition.job?.steps.find(one => one.running);
  const percent = step ? percentOf(step) : null;
  return (
    <>
      {running && (
        <div className="jp-Gptoss-need">
          <span>
            {step && step.stage !== 'packages'
              ? stageLabel(step.stage, trans)
              : trans.__('Adding %1 to the sandbox…', names)}
          </span>
          <progress
            className="jp-Gptoss-progress"
            aria-label={trans.__('Adding packages')}
            {...(percent === null ? {} : { value: percent, max: 100 })}
          />
          <button
            type="button"
            className="jp-Gptoss-button"
            onClick={props.onStop}
          >
            {trans.__('Stop')}
          </button>
          {step && step.detail !== '' && (
            <span className="jp-Gptoss-step-detail">{step.detail}</span>
          )}
        </div>
      )}
      <div role="status" className="jp-Gptoss-need-outcome">
        {!running && !problem && outcome(addition, trans)}
      </div>
      <div role="alert">
        {problem && (
          <span className="jp-Gptoss-refusal">
            <strong>{trans.__('%1 was not added.', names)}</strong>{' '}
            {problem.detail} {problem.hint}
          </span>
        )}
      </div>
    </>
  );
}

function outcome(
  { job, packages }: IAddition,
  trans: TranslationBundle
): string {
  const names = packages.join(', ');
  if (!job || job.outcome !== 'done') {
    return trans.__('Stopped. The sandbox is as it was.');
  }
  const code = job.drafts.filter(
    ({ kind, change }) => kind === 'code' && change !== 'deleted'
  );
  const ran = code.filter(
    ({ verification }) => verification?.status === 'ok'
  ).length;
  return trans._n(
    'Added: %2. %3 of %1 code cell ran well.',
    'Added: %2. %3 of %1 code cells ran well.',
    code.length,
    names,
    ran
  );
}

/**
 * Ask whether packages are to be added: what is fetched, from where, and what
 * becomes of the cells.
 */
export async function agreeToAdd(
  needs: readonly PackageNeed[],
  trans: TranslationBundle
): Promise<boolean> {
  const names = needs.map(({ name }) => name).join(', ');
  const from =
    needs[0]?.language === 'r'
      ? trans.__(
          'The server downloads %1, and what that needs, from Debian: built packages, each checked by its signature.',
          names
        )
      : trans.__(
          'The server downloads %1, and what that needs, from the Python package index that it is set to: built wheels only, so that no code of theirs runs while they are added.',
          names
        );
  const { button } = await showDialog({
    title: trans.__('Add packages to the sandbox?'),
    body: [
      from,
      trans.__(
        'Sandboxes that start from now on have them, and still no network. Your own environment stays as it is, and the sandbox without them is kept.'
      ),
      trans.__(
        'Then the same cells are checked and run again; none is written anew.'
      )
    ].join(' '),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Add') })
    ]
  });
  return button.accept;
}
