import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal, closeIcon, refreshIcon } from '@jupyterlab/ui-components';
import React, { useEffect, useRef, useState } from 'react';

import type { Library } from '../model/library';
import type { CorpusInfo } from '../wire/schema';
import { Fold } from './fold';
import { Found } from './library_found';
import { Silence } from './sandbox_facts';

/**
 * What the section of the indexed documentation needs.
 */
export interface ILibraryProps {
  library: Library;
  trans: TranslationBundle;

  /**
   * Open a file of the server, by its path.
   */
  onOpenFile: (path: string) => void;
}

/**
 * The documentation that is indexed: search in it, read it again, remove it.
 */
export function LibrarySection(props: ILibraryProps): JSX.Element {
  const { library, trans } = props;
  const [open, setOpen] = useState(false);
  return (
    <UseSignal signal={library.changed}>
      {() => (
        <section
          className="jp-Gptoss-section jp-Gptoss-library"
          aria-labelledby="jp-Gptoss-library-title"
        >
          <Fold
            id="jp-Gptoss-library"
            open={open}
            onToggle={() => {
              setOpen(!open);
              if (!open) {
                void library.load();
              }
            }}
          >
            {trans.__('Indexed documentation')}
          </Fold>
          <div id="jp-Gptoss-library-body" hidden={!open}>
            {open && <Body {...props} />}
          </div>
        </section>
      )}
    </UseSignal>
  );
}

function Body(props: ILibraryProps): JSX.Element {
  const { library, trans } = props;
  const { corpora } = library;
  return (
    <>
      <Silence
        problem={library.problem}
        missing={trans.__('This server does not list its documentation.')}
        trans={trans}
      />
      {corpora?.length === 0 && (
        <p className="jp-Gptoss-teach">
          {trans.__(
            'Nothing is indexed yet. What you add above is read when cells are first made from it.'
          )}
        </p>
      )}
      {!!corpora?.length && (
        <>
          <SearchField {...props} />
          <Found {...props} />
          <Rows {...props} corpora={corpora} />
        </>
      )}
    </>
  );
}

function SearchField(props: ILibraryProps): JSX.Element {
  const { library, trans } = props;
  const [words, setWords] = useState(library.found?.query ?? '');
  return (
    <form
      className="jp-Gptoss-add"
      role="search"
      onSubmit={event => {
        event.preventDefault();
        if (words.trim()) {
          void library.search(words.trim());
        }
      }}
    >
      <input
        type="search"
        className="jp-mod-styled"
        value={words}
        maxLength={500}
        placeholder={trans.__('Name or words')}
        aria-label={trans.__('Search in the documentation')}
        spellCheck={false}
        onChange={event => setWords(event.target.value)}
      />
      <button
        type="submit"
        className="jp-Gptoss-button"
        disabled={words.trim() === ''}
      >
        {trans.__('Search')}
      </button>
    </form>
  );
}

function Rows(
  props: ILibraryProps & { corpora: readonly CorpusInfo[] }
): JSX.Element {
  const { corpora, trans } = props;
  const list = useRef<HTMLUListElement>(null);
  const held = useRef(false);
  useEffect(() => {
    // The keyboard stays here when the row that had it was removed.
    if (held.current && document.activeElement === document.body) {
      list.current?.querySelector('button')?.focus();
    }
  }, [corpora]);
  return (
    <ul
      ref={list}
      className="jp-Gptoss-rows"
      aria-labelledby="jp-Gptoss-library-title"
      onFocus={() => {
        held.current = true;
      }}
      onBlur={event => {
        held.current = event.relatedTarget === null;
      }}
    >
      {corpora.map(corpus => (
        <Row key={corpus.id} {...props} corpus={corpus} trans={trans} />
      ))}
    </ul>
  );
}

function Row(props: ILibraryProps & { corpus: CorpusInfo }): JSX.Element {
  const { corpus, library, trans } = props;
  const busy = library.isBusy(corpus.id);
  const name = [corpus.title, corpus.version].filter(Boolean).join(' ');
  return (
    <li className="jp-Gptoss-library-row" aria-busy={busy}>
      <div className="jp-Gptoss-library-head">
        <strong title={corpus.source.uri}>{name}</strong>
        <span className="jp-Gptoss-actions">
          <button
            type="button"
            className="jp-Gptoss-icon"
            aria-label={trans.__('Read %1 again', name)}
            title={trans.__('Read %1 again', name)}
            aria-disabled={busy}
            onClick={() => {
              if (!busy) {
                void library.refresh(corpus.id);
              }
            }}
          >
            <refreshIcon.react tag="span" width="14px" height="14px" />
          </button>
          <button
            type="button"
            className="jp-Gptoss-icon"
            aria-label={trans.__('Remove the index of %1', name)}
            title={trans.__('Remove the index of %1', name)}
            aria-disabled={busy}
            onClick={() => {
              if (!busy) {
                void library.remove(corpus.id);
              }
            }}
          >
            <closeIcon.react tag="span" width="14px" height="14px" />
          </button>
        </span>
      </div>
      <p className="jp-Gptoss-small" role="status">
        {busy ? trans.__('Working…') : stateOf(corpus, trans)}
      </p>
      {corpus.warnings.slice(0, 3).map(warning => (
        <p key={warning} className="jp-Gptoss-hint">
          {warning}
        </p>
      ))}
    </li>
  );
}

/**
 * Say how much of a source is indexed, and of when it is.
 */
function stateOf(corpus: CorpusInfo, trans: TranslationBundle): string {
  const counts = trans._n('%1 passage', '%1 passages', corpus.chunks);
  const built = new Date(corpus.built_at);
  return Number.isNaN(built.getTime())
    ? counts
    : trans.__('%1, read on %2', counts, built.toLocaleDateString());
}
