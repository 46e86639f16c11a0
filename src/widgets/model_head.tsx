import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import { stageOf } from '../model/model_phase';
import type { ModelVerb } from '../model_tokens';
import type { ModelState } from '../wire/schema';
import {
  engineText,
  modelName,
  revisionText,
  sourceText
} from './model_labels';

/**
 * What is loaded, or would be, and where it comes from.
 */
export function ModelHead(props: {
  state: ModelState;
  trans: TranslationBundle;
}): JSX.Element {
  const { state, trans } = props;
  const name = modelName(state);
  if (name === '') {
    return (
      <p className="jp-Gptoss-teach">
        {trans.__(
          'No model is set up. Until there is one, the documentation’s own examples answer.'
        )}
      </p>
    );
  }
  return (
    <div>
      <div className="jp-Gptoss-row-head">
        <span
          className={`jp-Gptoss-row-dot jp-mod-${stageOf(state)}`}
          aria-hidden="true"
        />
        <span className="jp-Gptoss-row-name" title={name}>
          {name}
        </span>
      </div>
      <div className="jp-Gptoss-row-facts" title={state.source}>
        {factsOf(state, trans).map(fact => (
          <span key={fact}>{fact}</span>
        ))}
      </div>
      {state.phase === 'unconfigured' && (
        <p className="jp-Gptoss-teach">
          {trans.__(
            'This machine is not set up to serve it yet. What it could do is below.'
          )}
        </p>
      )}
    </div>
  );
}

function factsOf(state: ModelState, trans: TranslationBundle): string[] {
  return [
    state.source !== modelName(state) ? sourceText(state.source) : '',
    state.revision && trans.__('revision %1', revisionText(state.revision)),
    engineText(state, trans),
    state.max_model_len
      ? trans.__('context of %1 tokens', state.max_model_len.toLocaleString())
      : '',
    state.restarts > 0
      ? trans._n('restarted once', 'restarted %1 times', state.restarts)
      : ''
  ].filter(Boolean);
}

/**
 * Start and stop, far apart: who presses twice must not undo the first.
 */
export function ModelVerbs(props: {
  state: ModelState;

  /**
   * What is under way.
   */
  verb: ModelVerb | null;

  /**
   * Whether a start may work, as far as is known.
   */
  promising: boolean;
  trans: TranslationBundle;
  onStart: () => void;
  onStop: () => void;
}): JSX.Element | null {
  const { state, verb, trans } = props;
  const stops = state.can_stop || verb === 'stop';
  const starts = (state.can_start && verb !== 'stop') || verb === 'start';
  if (!stops && !starts) {
    return null;
  }
  const off = verb !== null;
  return (
    <div
      className="jp-Gptoss-model-verbs"
      role="group"
      aria-label={trans.__('Actions for the model')}
    >
      {starts && (
        <button
          type="button"
          className={`jp-Gptoss-button${props.promising ? ' jp-mod-primary' : ''}`}
          // Not `disabled`, which would take the keyboard away from it.
          aria-disabled={off}
          onClick={() => !off && props.onStart()}
        >
          {startLabel(state, verb, trans)}
        </button>
      )}
      <span className="jp-Gptoss-spacer" />
      {stops && (
        <button
          type="button"
          className="jp-Gptoss-button jp-mod-stop"
          aria-disabled={verb === 'stop'}
          onClick={() => verb !== 'stop' && props.onStop()}
        >
          {stopLabel(state, verb, trans)}
        </button>
      )}
    </div>
  );
}

function startLabel(
  state: ModelState,
  verb: ModelVerb | null,
  trans: TranslationBundle
): string {
  if (verb === 'start') {
    return trans.__('Starting…');
  }
  return state.phase === 'failed'
    ? trans.__('Try again')
    : trans.__('Start model');
}

function stopLabel(
  state: ModelState,
  verb: ModelVerb | null,
  trans: TranslationBundle
): string {
  if (verb === 'stop') {
    return trans.__('Stopping…');
  }
  if (!state.hosted && state.engine === 'attached') {
    return trans.__('Detach');
  }
  return stageOf(state) === 'loading'
    ? trans.__('Cancel start')
    : trans.__('Stop model');
}
