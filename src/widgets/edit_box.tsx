import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId, useState } from 'react';

import { HistoryWalk } from '../model/edit_history';
import type { EditSession } from '../model/edit_session';
import { needsModel, needsWords } from '../model/edit_verbs';
import { MAX_TASK_CHARS } from '../model/magic';
import type { DocSourceInput, Problem } from '../wire/schema';
import { boxTexts, progressText } from './edit_labels';
import { EditSent } from './edit_sent';
import { Words } from './edit_words';
import { Trouble } from './progress';

/**
 * Who would answer.
 */
export interface IAnswerer {
  /**
   * In words; empty while it is not known.
   */
  readonly text: string;

  /**
   * Whether it is a model; null while it is not known.
   */
  readonly model: boolean | null;

  /**
   * Why nobody says so.
   */
  readonly problem: Problem | null;
}

/**
 * What the box shows, and whom it tells.
 */
export interface IEditBoxProps {
  session: EditSession;
  sources: readonly DocSourceInput[];
  answerer: IAnswerer;

  /**
   * What was asked before, the newest last.
   */
  history: readonly string[];
  trans: TranslationBundle;
  onSend: (instruction: string) => void;

  /**
   * Show word for word what an instruction would send.
   */
  onShowPrompt: (instruction: string) => void;
  onClose: () => void;
  onShowModel: () => void;
  onShowPanel: () => void;
}

/**
 * The row in a cell in which a person says what should become of it.
 */
export function EditBox(props: IEditBoxProps): JSX.Element {
  const { session, trans, answerer } = props;
  const [text, setText] = useState('');
  const [walk, setWalk] = useState<HistoryWalk | null>(null);
  const texts = boxTexts(session.kind, trans);
  const running = session.phase === 'running';
  const reason = refusal(props, text);
  const hint = useId();
  const send = () => {
    if (!running && reason === '' && !lacksWords(session, text)) {
      setWalk(null);
      props.onSend(text);
    }
  };
  return (
    <div
      className="jp-Gptoss-edit"
      role="group"
      aria-label={texts.title}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          props.onClose();
        }
      }}
    >
      <div className="jp-Gptoss-edit-row">
        <Words
          label={texts.title}
          placeholder={texts.placeholder}
          describedBy={hint}
          text={text}
          locked={running}
          onText={next => {
            setText(next);
            setWalk(null);
          }}
          onSend={send}
          onWalk={step => {
            const here = walk ?? new HistoryWalk(props.history);
            const found = here.go(step, text);
            if (found !== null) {
              setText(found);
            }
            setWalk(here);
            return found !== null;
          }}
        />
        <Buttons
          running={running}
          send={texts.send}
          ready={reason === '' && !lacksWords(session, text)}
          trans={trans}
          onSend={send}
          onStop={() => void session.stop()}
          onClose={props.onClose}
        />
      </div>
      <div id={hint} className="jp-Gptoss-edit-hint" role="status">
        {running ? progressText(session.job, trans) : reason}
      </div>
      <Outcome session={session} trans={trans} />
      {answerer.problem && <Trouble problem={answerer.problem} trans={trans} />}
      {!running && (
        <Foot
          {...props}
          lacking={answerer.model === false && needsModel(session.kind)}
          unsaid={lacksWords(session, text)}
          onPrompt={() => props.onShowPrompt(text)}
        />
      )}
    </div>
  );
}

function lacksWords({ kind }: EditSession, text: string): boolean {
  return needsWords(kind) && text.trim() === '';
}

/**
 * Why nothing can be sent now; empty where it can.
 */
function refusal(props: IEditBoxProps, text: string): string {
  const { session, answerer, trans } = props;
  if (answerer.model === false && needsModel(session.kind)) {
    return trans.__('This takes a model, and none is attached.');
  }
  if (session.busy !== '') {
    return trans.__(
      'A generation is running in %1. Wait for its end, or stop it.',
      session.busy
    );
  }
  return text.length > MAX_TASK_CHARS
    ? trans.__(
        'The instruction is too long: %1 of %2 characters.',
        text.length,
        MAX_TASK_CHARS
      )
    : '';
}

function Buttons(props: {
  running: boolean;
  send: string;
  ready: boolean;
  trans: TranslationBundle;
  onSend: () => void;
  onStop: () => void;
  onClose: () => void;
}): JSX.Element {
  const { trans } = props;
  return (
    <span className="jp-Gptoss-review-actions">
      {props.running ? (
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
          disabled={!props.ready}
          title={trans.__('Send (Enter)')}
          onClick={props.onSend}
        >
          {props.send}
        </button>
      )}
      <button
        type="button"
        className="jp-Gptoss-button"
        title={trans.__('Close (Escape)')}
        onClick={props.onClose}
      >
        {trans.__('Close')}
      </button>
    </span>
  );
}

/**
 * Why the last instruction changed nothing.
 */
function Outcome(props: {
  session: EditSession;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { session, trans } = props;
  if (session.problem) {
    return <Trouble problem={session.problem} trans={trans} />;
  }
  if (session.phase !== 'empty') {
    return null;
  }
  const { message = '', warnings = [] } = session.job ?? {};
  return (
    <div className="jp-Gptoss-note jp-mod-warning" role="alert">
      {message || trans.__('No change was proposed. Say it in other words.')}
      {warnings.map((warning, index) => (
        <span key={index} className="jp-Gptoss-problem-hint">
          {warning.message} {warning.hint}
        </span>
      ))}
    </div>
  );
}

/**
 * Who answers, and what is sent.
 */
function Foot(
  props: IEditBoxProps & {
    lacking: boolean;
    unsaid: boolean;
    onPrompt: () => void;
  }
): JSX.Element {
  const { session, answerer, trans } = props;
  return (
    <div className="jp-Gptoss-edit-foot">
      <span className="jp-Gptoss-quiet">{answerer.text}</span>
      {props.lacking && (
        <button
          type="button"
          className="jp-Gptoss-link"
          onClick={props.onShowModel}
        >
          {trans.__('Get a model')}
        </button>
      )}
      <EditSent
        edit={session.edit}
        sources={props.sources}
        trans={trans}
        onShowPanel={props.onShowPanel}
      />
      <button
        type="button"
        className="jp-Gptoss-link"
        aria-disabled={props.unsaid}
        title={
          props.unsaid ? trans.__('Say first what should become of it.') : ''
        }
        onClick={() => {
          if (!props.unsaid) {
            props.onPrompt();
          }
        }}
      >
        {trans.__('Word for word')}
      </button>
    </div>
  );
}
