import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import { MAX_PACKAGES, parsePackages } from '../model/packages';
import type { Problem, SandboxState } from '../wire/schema';
import { problemText } from './labels';

/**
 * What the form of packages needs.
 */
export interface IPackagesProps {
  language: SandboxState['language'];
  trans: TranslationBundle;

  /**
   * Add the packages; resolves to what went wrong, or to null.
   */
  onAdd: (names: string[]) => Promise<Problem | null>;
}

/**
 * The body of the dialog that adds packages.
 */
export class PackagesBody extends ReactWidget {
  constructor(private readonly _props: IPackagesProps) {
    super();
    this.addClass('jp-Gptoss-dialog');
  }

  protected render(): JSX.Element {
    return <Packages {...this._props} />;
  }
}

const EXAMPLES = { python: 'networkx\npolars>=1.0', r: 'data.table' };

type Outcome =
  | { state: 'writing' }
  | { state: 'adding'; names: string[] }
  | { state: 'added'; names: string[] }
  | { state: 'refused'; problem: Problem };

/**
 * Names of packages, one per line, and what became of them.
 */
export function Packages(props: IPackagesProps): JSX.Element {
  const { trans } = props;
  const [text, setText] = useState('');
  const [outcome, setOutcome] = useState<Outcome>({ state: 'writing' });
  const names = parsePackages(text);
  const adding = outcome.state === 'adding';
  const tooMany = names.length > MAX_PACKAGES;
  const ready = !adding && !tooMany && names.length > 0;
  const add = async (): Promise<void> => {
    if (!ready) {
      return;
    }
    setOutcome({ state: 'adding', names });
    const problem = await props.onAdd(names);
    setOutcome(
      problem ? { state: 'refused', problem } : { state: 'added', names }
    );
    if (!problem) {
      setText('');
    }
  };
  return (
    <form
      className="jp-Gptoss-packages"
      onSubmit={event => {
        event.preventDefault();
        void add();
      }}
    >
      <label htmlFor="jp-Gptoss-packages">
        {trans.__('Packages, one per line')}
      </label>
      <textarea
        id="jp-Gptoss-packages"
        className="jp-mod-styled"
        rows={4}
        value={text}
        readOnly={adding}
        spellCheck={false}
        placeholder={EXAMPLES[props.language]}
        aria-describedby="jp-Gptoss-packages-note"
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void add();
          }
        }}
      />
      <p id="jp-Gptoss-packages-note" className="jp-Gptoss-note">
        {trans.__(
          'The sandbox starts anew with them: its variables and its files are lost. Your own environment stays as it is.'
        )}
      </p>
      <State outcome={outcome} trans={trans} />
      <div className="jp-Gptoss-hint" role="alert">
        {tooMany ? trans.__('At most %1 at a time.', MAX_PACKAGES) : ''}
      </div>
      <div className="jp-Gptoss-actions">
        <span className="jp-Gptoss-spacer" />
        <button
          type="submit"
          className="jp-Gptoss-button jp-mod-primary"
          aria-disabled={!ready}
        >
          {trans.__('Add and restart')}
        </button>
      </div>
    </form>
  );
}

function State(props: {
  outcome: Outcome;
  trans: TranslationBundle;
}): JSX.Element {
  const { outcome, trans } = props;
  const refusal =
    outcome.state === 'refused' ? problemText(outcome.problem, trans) : null;
  return (
    <>
      <div className="jp-Gptoss-outcome" role="status">
        {outcome.state === 'adding' && (
          <>
            <progress
              aria-label={trans.__('Adding packages')}
              className="jp-Gptoss-progress"
            />
            {trans.__(
              'Adding %1. This may take minutes; you may close this window.',
              outcome.names.join(', ')
            )}
          </>
        )}
        {outcome.state === 'added' &&
          trans.__(
            'Added: %1. The sandbox has started anew: run its cells again.',
            outcome.names.join(', ')
          )}
      </div>
      <div className="jp-Gptoss-refusal" role="alert">
        {refusal && (
          <span>
            <strong>{refusal.detail}</strong> {refusal.hint}
          </span>
        )}
      </div>
    </>
  );
}
