import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { ModelState } from '../wire/schema';
import {
  downloadText,
  modelPhaseText,
  percentOfStart,
  remainingText,
  startText
} from './model_labels';
import { timeText } from './sandbox_labels';

/**
 * How far a start, or a stop, has come. Its lines keep their places, so that
 * nothing jumps while the numbers run.
 */
export function ModelProgress(props: {
  state: ModelState;
  trans: TranslationBundle;
}): JSX.Element {
  const { state, trans } = props;
  const { phase, progress } = state;
  const percent = percentOfStart(progress);
  return (
    <div className="jp-Gptoss-start">
      <div className="jp-Gptoss-start-line">
        <span className="jp-Gptoss-start-phase">
          {modelPhaseText(phase, trans)}
        </span>
        <span className="jp-Gptoss-start-number">
          {percent !== null && trans.__('%1 %', percent)}
        </span>
      </div>
      <div
        className={`jp-Gptoss-meter${percent === null ? ' jp-mod-unknown' : ''}`}
        role="progressbar"
        aria-label={trans.__('Start of the model')}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent ?? undefined}
        aria-valuetext={startText(state, trans)}
      >
        <div style={percent === null ? undefined : { width: `${percent}%` }} />
      </div>
      <div className="jp-Gptoss-start-line jp-Gptoss-small">
        <span>{sideText(state, trans)}</span>
        <span className="jp-Gptoss-start-number">
          {progress && downloadText(progress, trans)}
        </span>
      </div>
      <div
        className="jp-Gptoss-small jp-Gptoss-start-message"
        title={progress?.message}
      >
        {progress?.message}
      </div>
    </div>
  );
}

/**
 * What is left; else what it has taken so far.
 */
function sideText(state: ModelState, trans: TranslationBundle): string {
  const { progress } = state;
  if (!progress) {
    return '';
  }
  return (
    remainingText(progress, trans) ||
    trans.__('%1 so far', timeText(progress.elapsed_s, trans))
  );
}
