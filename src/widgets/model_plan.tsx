import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useState } from 'react';

import type { ModelPlan, Option, Problem } from '../wire/schema';
import { CopyButton } from './copy_button';
import { Disclosure } from './fold';
import { problemText } from './labels';
import { hardwareText } from './model_labels';
import { bytesText } from './sandbox_labels';

/**
 * What the parts of the plan need.
 */
export interface IModelPlanProps {
  plan: ModelPlan | Problem | null;

  /**
   * Whether to say it in one sentence; a failure has said it already.
   */
  summary: boolean;
  trans: TranslationBundle;
  onPlan: () => void;
  onCopy: (text: string) => void;
}

/**
 * What fits this machine, asked for when it comes into view.
 */
export function Plan(props: IModelPlanProps): JSX.Element {
  const { plan, trans, onPlan } = props;
  useEffect(() => onPlan(), []);
  if (!plan) {
    return (
      <p className="jp-Gptoss-small">{trans.__('Looking at this machine…')}</p>
    );
  }
  if (!('options' in plan)) {
    const { detail, hint } = problemText(plan, trans);
    return (
      <p className="jp-Gptoss-hint">
        {[detail, hint].filter(Boolean).join(' ')}{' '}
        <button type="button" className="jp-Gptoss-link" onClick={onPlan}>
          {trans.__('Ask again')}
        </button>
      </p>
    );
  }
  return <Fitting {...props} plan={plan} />;
}

/**
 * The same, on demand; open at first where it may be the answer to a failure.
 */
export function FoldedPlan(
  props: IModelPlanProps & { answers: boolean }
): JSX.Element {
  const [open, setOpen] = useState(props.answers);
  return (
    <Disclosure
      id="jp-Gptoss-model-plan"
      label={props.trans.__('What fits this machine')}
      open={open}
      onToggle={() => setOpen(!open)}
    >
      <Plan {...props} />
    </Disclosure>
  );
}

function Fitting(props: IModelPlanProps & { plan: ModelPlan }): JSX.Element {
  const { plan, trans } = props;
  const chosen = plan.chosen === null ? null : plan.options[plan.chosen];
  // Where none can be hosted, what a person may start themselves is the answer.
  const shown = chosen ? [chosen] : plan.options.filter(option => option.fits);
  const others = plan.options.filter(option => !shown.includes(option));
  return (
    <div className="jp-Gptoss-plan">
      <p className="jp-Gptoss-small">
        {trans.__('This machine: %1', hardwareText(plan.hardware, trans))}
      </p>
      {props.summary && plan.summary !== '' && <p>{plan.summary}</p>}
      {shown.length > 0 && (
        <ul className="jp-Gptoss-options" aria-label={trans.__('What fits')}>
          {shown.map((option, index) => (
            <OptionItem
              {...props}
              key={index}
              option={option}
              mark={chosen ? trans.__('chosen') : trans.__('fits')}
            />
          ))}
        </ul>
      )}
      {others.length > 0 && <Others {...props} others={others} />}
    </div>
  );
}

function Others(
  props: IModelPlanProps & { others: readonly Option[] }
): JSX.Element {
  const { others, trans } = props;
  const [open, setOpen] = useState(false);
  const fits = others.some(option => option.fits);
  const label = fits
    ? trans.__('Other ways (%1)', others.length)
    : trans.__('What does not fit (%1)', others.length);
  return (
    <Disclosure
      id="jp-Gptoss-model-others"
      label={label}
      open={open}
      onToggle={() => setOpen(!open)}
    >
      <ul className="jp-Gptoss-options" aria-label={label}>
        {others.map((option, index) => (
          <OptionItem
            {...props}
            key={index}
            option={option}
            mark={option.fits ? trans.__('fits too') : trans.__('does not fit')}
          />
        ))}
      </ul>
    </Disclosure>
  );
}

function OptionItem(
  props: IModelPlanProps & { option: Option; mark: string }
): JSX.Element {
  const { option, mark, trans } = props;
  return (
    <li className={option.fits ? 'jp-mod-fits' : undefined}>
      <div className="jp-Gptoss-option-head">
        <span>{option.title}</span>
        <span className="jp-Gptoss-badge">{mark}</span>
      </div>
      <div className="jp-Gptoss-row-facts">
        {factsOf(option, trans).map(fact => (
          <span key={fact}>{fact}</span>
        ))}
      </div>
      {option.reasons.length > 0 && (
        <ul>
          {option.reasons.map(reason => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      {option.hint !== '' && <p>{option.hint}</p>}
      {option.install !== '' && (
        <p className="jp-Gptoss-install">
          <code>{option.install}</code>
          <CopyButton
            label={trans.__('Copy the command')}
            done={trans.__('Copied')}
            onCopy={() => props.onCopy(option.install)}
          />
        </p>
      )}
    </li>
  );
}

function factsOf(option: Option, trans: TranslationBundle): string[] {
  return [
    /^(cuda|rocm|xpu)$/.test(option.device) ? trans.__('GPU') : '',
    option.memory_bytes > 0
      ? trans.__('%1 of memory', bytesText(option.memory_bytes, trans))
      : '',
    option.disk_bytes > 0
      ? trans.__('%1 on disk', bytesText(option.disk_bytes, trans))
      : '',
    option.max_model_len > 0
      ? trans.__('%1 tokens', option.max_model_len.toLocaleString())
      : '',
    option.speed
  ].filter(Boolean);
}
