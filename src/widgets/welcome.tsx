import type { TranslationBundle } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import React from 'react';

import { CommandIDs } from '../commands';
import type { Health, Problem } from '../wire/schema';
import { Keys } from './keys';

/**
 * What a first visit needs to know.
 */
export interface IWelcomeProps {
  health: Health | Problem | null;
  keysOf: (command: string) => readonly string[];
  trans: TranslationBundle;
  onModel: () => void;
  onSandboxes: () => void;
}

/**
 * What the panel is for, the one next step, and its keys.
 */
export function Welcome(props: IWelcomeProps): JSX.Element {
  const { trans, keysOf } = props;
  return (
    <div className="jp-Gptoss-teach">
      <p>
        {trans.__(
          'Name the documentation to use, such as an installed package, and say what you need. Cells appear below the active cell; none of them can run before you accept it.'
        )}
      </p>
      <NextStep {...props} />
      <Keys
        trans={trans}
        lines={[
          [
            trans.__('Generate, from the task'),
            [CommandRegistry.formatKeystroke('Accel Enter')]
          ],
          [trans.__('Come here from anywhere'), keysOf(CommandIDs.openPanel)],
          [trans.__('From tab to tab'), ['→', '←']]
        ]}
      />
    </div>
  );
}

function NextStep(props: IWelcomeProps): JSX.Element | null {
  const { health, trans } = props;
  if (!health || !('generator' in health)) {
    return null;
  }
  const model = health.generator === 'model';
  const sandbox = health.sandbox.available && health.sandbox.image_ready;
  return (
    <>
      {!model && (
        <p>
          {trans.__(
            'No model answers here yet: runnable examples from the documentation do, and say so.'
          )}{' '}
          <button
            type="button"
            className="jp-Gptoss-link"
            onClick={props.onModel}
          >
            {trans.__('Show the model')}
          </button>
        </p>
      )}
      {!sandbox && (
        <p>
          {trans.__(
            'No sandbox is ready, so cells come unverified; nothing is run instead.'
          )}{' '}
          <button
            type="button"
            className="jp-Gptoss-link"
            onClick={props.onSandboxes}
          >
            {trans.__('Show the sandboxes')}
          </button>
        </p>
      )}
      <p>
        <strong>{trans.__('Next:')}</strong>{' '}
        {nextStep(model, sandbox, health.sandbox.hint, trans)}
      </p>
    </>
  );
}

function nextStep(
  model: boolean,
  sandbox: boolean,
  hint: string,
  trans: TranslationBundle
): string {
  if (!sandbox) {
    return (
      hint ||
      trans.__('run "jupyter gptoss doctor": it says what a sandbox needs.')
    );
  }
  return model
    ? trans.__('add a package that your notebook uses, such as pandas.')
    : trans.__('add a package whose documentation has examples.');
}
