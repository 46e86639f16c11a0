import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import React, { useRef } from 'react';

import { simplyWorks, stageOf } from '../model/model_phase';
import type { IModelService } from '../model_tokens';
import type { ModelState } from '../wire/schema';
import { Fold } from './fold';
import { problemText } from './labels';
import { ModelFailure, ModelLog } from './model_failure';
import { ModelFigures } from './model_figures';
import { FoundServers } from './model_found';
import { Announcer, useKeptFocus } from './live';
import { ModelHead, ModelVerbs } from './model_head';
import {
  modelAnnouncement,
  modelName,
  modelPhaseText,
  startText
} from './model_labels';
import { FoldedPlan, Plan } from './model_plan';
import { ModelProgress } from './model_progress';
import { Silence } from './sandbox_facts';

/**
 * Whom the section tells what the person wants.
 */
export interface IModelCallbacks {
  onStart: () => void;
  onStop: () => void;
  onAttach: (url: string) => void;
  onPlan: () => void;
  onLogs: () => void;
  onCopy: (text: string) => void;
  onDismiss: () => void;
}

/**
 * What the section of the model needs.
 */
export interface IModelSectionProps extends IModelCallbacks {
  model: Pick<
    IModelService,
    'state' | 'problem' | 'activity' | 'plan' | 'logs'
  >;

  /**
   * What the person chose; null before they did.
   */
  open: boolean | null;
  trans: TranslationBundle;
  onToggle: (open: boolean) => void;
}

/**
 * What is loaded, how far it has come, and what to do about it.
 */
export function ModelSection(props: IModelSectionProps): JSX.Element {
  const { trans } = props;
  const { state } = props.model;
  // Where a server of somebody else simply works, it takes no room.
  const open = props.open ?? !(state && simplyWorks(state));
  const title = useRef<HTMLButtonElement>(null);
  return (
    <section
      className="jp-Gptoss-section jp-Gptoss-model"
      aria-labelledby="jp-Gptoss-model-title"
      onFocus={useKeptFocus(title)}
    >
      <Fold
        ref={title}
        id="jp-Gptoss-model"
        open={open}
        note={noteOf(state, open, trans)}
        onToggle={() => props.onToggle(!open)}
      >
        {trans.__('Model')}
      </Fold>
      <Announcer text={modelAnnouncement(state, trans)} />
      <div id="jp-Gptoss-model-body" hidden={!open}>
        {open && (
          <>
            <Silence
              problem={props.model.problem}
              missing={trans.__('This server does not manage a model.')}
              trans={trans}
            />
            {state && <Body {...props} state={state} />}
          </>
        )}
      </div>
    </section>
  );
}

function Body(props: IModelSectionProps & { state: ModelState }): JSX.Element {
  const { state, trans } = props;
  const { activity, plan, logs } = props.model;
  const stage = stageOf(state);
  const idle = stage === 'away' || stage === 'failed';
  const busy = activity?.running ?? false;
  const asPlan = {
    plan,
    summary: stage !== 'failed',
    trans,
    onPlan: props.onPlan,
    onCopy: props.onCopy
  };
  return (
    <div className="jp-Gptoss-model-parts">
      <ModelHead state={state} trans={trans} />
      {stage === 'failed' && state.failure && (
        <ModelFailure failure={state.failure} trans={trans} />
      )}
      {(stage === 'loading' || stage === 'ending') && (
        <ModelProgress state={state} trans={trans} />
      )}
      {stage === 'serving' && <ModelFigures state={state} trans={trans} />}
      <Refusal {...props} />
      <ModelVerbs
        {...props}
        verb={busy ? (activity?.verb ?? null) : null}
        promising={!plan || !('options' in plan) || plan.chosen !== null}
      />
      {idle && (
        <FoundServers
          found={state.found}
          busy={busy}
          trans={trans}
          onAttach={props.onAttach}
        />
      )}
      {hasLog(state) && (
        <ModelLog
          state={state}
          logs={logs}
          trans={trans}
          onLogs={props.onLogs}
          onCopy={props.onCopy}
        />
      )}
      {stage === 'away' ? (
        <Plan {...asPlan} />
      ) : (
        <FoldedPlan
          {...asPlan}
          key={state.failure?.code}
          answers={PLANNED.has(state.failure?.code ?? '')}
        />
      )}
    </div>
  );
}

/**
 * Failures for which another way to serve the model may be the answer.
 */
const PLANNED = new Set([
  'engine_missing',
  'no_hardware',
  'no_amx_mxfp4',
  'oom_gpu',
  'oom_host',
  'version_too_old'
]);

/**
 * Whether there is an engine of ours whose words can be shown.
 */
function hasLog(state: ModelState): boolean {
  const lines = state.failure?.log_tail.length ?? 0;
  return stageOf(state) !== 'away' && (state.hosted || lines > 0);
}

function Refusal(props: IModelSectionProps): JSX.Element {
  const { trans, model } = props;
  const said =
    model.activity?.problem && problemText(model.activity.problem, trans);
  return (
    <div className="jp-Gptoss-refusal" role="alert">
      {said && (
        <>
          <span>{[said.detail, said.hint].filter(Boolean).join(' ')}</span>
          <button
            type="button"
            className="jp-Gptoss-icon"
            aria-label={trans.__('Close the message of the model')}
            onClick={props.onDismiss}
          >
            <closeIcon.react tag="span" />
          </button>
        </>
      )}
    </div>
  );
}

/**
 * What stands beside the title: more where the section is closed.
 */
function noteOf(
  state: ModelState | null,
  open: boolean,
  trans: TranslationBundle
): string {
  if (!state) {
    return '';
  }
  const loading = stageOf(state) === 'loading' || stageOf(state) === 'ending';
  if (open) {
    return loading ? '' : modelPhaseText(state.phase, trans);
  }
  const now = loading
    ? startText(state, trans)
    : modelPhaseText(state.phase, trans);
  return [modelName(state), now].filter(Boolean).join(' · ');
}
