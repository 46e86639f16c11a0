import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useRef } from 'react';

import type { PaperDesk } from '../model/paper_desk';
import type { IPaperTarget } from '../model/paper_places';
import { MAX_URI_CHARS } from '../model/paper_names';
import { authorsText, extentText } from './paper_labels';
import { PlaceLink } from './paper_place';
import { Scope } from './paper_scope';
import { Units } from './paper_units';
import { Steps, Trouble } from './progress';

/**
 * What the section of the paper needs.
 */
export interface IPaperVerbs {
  desk: PaperDesk;

  /**
   * What is said of a file that was dropped: how far it is, or why not.
   */
  paperNote: () => { readonly text: string; readonly wrong: boolean };

  /**
   * The folder that the server serves, as the page knows it.
   */
  root: string;
  onUpload: (file: File) => void;
  onOpenPlace: (target: IPaperTarget) => void;

  /**
   * Let the person choose a file of the server; absent without a file browser.
   */
  onBrowsePaper?: () => void;
}

/**
 * The props of the section of the paper.
 */
export interface IPaperProps extends IPaperVerbs {
  /**
   * Whether cells are made, so that nothing may change.
   */
  busy: boolean;
  trans: TranslationBundle;
}

/**
 * Whether one works from documentation alone, or from a paper.
 */
export function WorkFrom(props: {
  desk: Pick<PaperDesk, 'on' | 'work'>;
  trans: TranslationBundle;
}): JSX.Element {
  const { desk, trans } = props;
  const choices: [boolean, string][] = [
    [false, trans.__('Documentation')],
    [true, trans.__('A paper')]
  ];
  return (
    <fieldset className="jp-Gptoss-from">
      <legend>{trans.__('Work from')}</legend>
      {choices.map(([on, label]) => (
        <label key={label}>
          <input
            type="radio"
            name="jp-Gptoss-from"
            checked={desk.on === on}
            onChange={() => desk.work(on)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

/**
 * The paper: which one, how far it is read, and what of it is wanted.
 */
export function PaperSection(props: IPaperProps): JSX.Element {
  const { desk, trans } = props;
  const { job, problem } = desk;
  const note = props.paperNote();
  return (
    <section className="jp-Gptoss-section jp-Gptoss-paper">
      <h3>
        <label htmlFor="jp-Gptoss-paper">{trans.__('Paper')}</label>
      </h3>
      <Name {...props} />
      <div
        className={note.wrong ? 'jp-Gptoss-hint' : 'jp-Gptoss-small'}
        role="status"
      >
        {note.text}
      </div>
      <Ways {...props} />
      {job && !desk.ready && (
        <Steps
          steps={job.steps}
          failed={job.outcome === 'error'}
          trans={trans}
        />
      )}
      {desk.retrying > 0 && (
        <p className="jp-Gptoss-note jp-mod-warning" role="status">
          {trans.__(
            'The connection was lost. Trying again (%1)…',
            desk.retrying
          )}
        </p>
      )}
      {job?.outcome === 'cancelled' && (
        <p className="jp-Gptoss-note">
          {trans.__('Stopped before the end. Read it again to go on.')}
        </p>
      )}
      {problem && <Trouble problem={problem} trans={trans} />}
      <Found {...props} />
    </section>
  );
}

function Name(props: IPaperProps): JSX.Element {
  const { desk, trans } = props;
  return (
    <form
      className="jp-Gptoss-add"
      onSubmit={event => {
        event.preventDefault();
        void desk.read();
      }}
    >
      <input
        id="jp-Gptoss-paper"
        type="text"
        className="jp-mod-styled"
        value={desk.typed}
        title={desk.typed}
        maxLength={MAX_URI_CHARS}
        placeholder={trans.__('File, arXiv id, DOI or address')}
        disabled={desk.reading || props.busy}
        spellCheck={false}
        onChange={event => desk.type(event.target.value)}
      />
      {desk.reading ? (
        <button
          type="button"
          className="jp-Gptoss-button jp-mod-stop"
          onClick={() => void desk.stop()}
        >
          {trans.__('Stop reading')}
        </button>
      ) : (
        <button
          type="submit"
          className="jp-Gptoss-button"
          disabled={desk.typed.trim() === '' || props.busy}
        >
          {trans.__('Read')}
        </button>
      )}
    </form>
  );
}

/**
 * The other ways to give a paper.
 */
function Ways(props: IPaperProps): JSX.Element {
  const { desk, trans } = props;
  const input = useRef<HTMLInputElement>(null);
  const off = desk.reading || props.busy;
  return (
    <div className="jp-Gptoss-browse">
      {props.onBrowsePaper && (
        <button
          type="button"
          className="jp-Gptoss-link"
          disabled={off}
          onClick={props.onBrowsePaper}
        >
          {trans.__('Choose…')}
        </button>
      )}
      <button
        type="button"
        className="jp-Gptoss-link"
        disabled={off}
        onClick={() => input.current?.click()}
      >
        {trans.__('Upload…')}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={trans.__('Upload a paper')}
        accept=".pdf,.tex,.ltx,.zip,.tar,.gz,.tgz,.html,.htm,.xhtml"
        onChange={event => {
          const file = event.target.files?.[0];
          event.target.value = '';
          if (file) {
            props.onUpload(file);
          }
        }}
      />
      <span className="jp-Gptoss-quiet">{trans.__('or drop it here')}</span>
    </div>
  );
}

/**
 * What was read, and what of it is to be implemented.
 */
function Found(props: IPaperProps): JSX.Element | null {
  const { desk, root, trans } = props;
  const { told } = desk;
  const paper = told?.paper;
  if (!told || !paper) {
    return null;
  }
  const off = props.busy || !desk.ready;
  return (
    <div className="jp-Gptoss-paper-found">
      <p className="jp-Gptoss-paper-title">
        <strong>{paper.title || trans.__('Untitled')}</strong>{' '}
        <PlaceLink
          paper={paper}
          place={WHOLE}
          text={trans.__('Open')}
          of={paper.title}
          root={root}
          trans={trans}
          onOpen={props.onOpenPlace}
        />
      </p>
      {paper.authors.length > 0 && (
        <p className="jp-Gptoss-small">{authorsText(paper.authors, trans)}</p>
      )}
      <p className="jp-Gptoss-small">{extentText(paper, trans)}</p>
      {paper.lost.length > 0 && (
        <p className="jp-Gptoss-small jp-Gptoss-quiet">
          {trans.__('This form does not keep: %1.', paper.lost.join(', '))}
        </p>
      )}
      {desk.job?.warnings.map(({ message, hint }, index) => (
        <p key={index} className="jp-Gptoss-note jp-mod-warning">
          {message}
          {hint !== '' && <span className="jp-Gptoss-quiet"> {hint}</span>}
        </p>
      ))}
      {desk.ready && (
        <Scope
          paper={paper}
          chosen={desk.chosen}
          disabled={off}
          root={root}
          trans={trans}
          onChoose={(id, chosen) => desk.choose(id, chosen)}
          onOpenPlace={props.onOpenPlace}
        />
      )}
      <Units
        paper={paper}
        units={told.units}
        answers={desk.choice.answers}
        disabled={off}
        root={root}
        trans={trans}
        onAnswer={(unit, text) => desk.answer(unit, text)}
        onOpenPlace={props.onOpenPlace}
      />
    </div>
  );
}

const WHOLE = { page: null, section: [], anchor: '' };
