import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IKeyLine } from '../model/keys';
import { Disclosure } from './fold';

/**
 * What the keys do, and which they are; a line without keys is left out.
 */
export function Keys(props: {
  lines: readonly (readonly [string, readonly string[]])[];
  trans: TranslationBundle;
}): JSX.Element {
  return (
    <dl className="jp-Gptoss-keys">
      {props.lines
        .filter(([, keys]) => keys.length > 0)
        .map(([label, keys]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              {[...new Set(keys)].map(key => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
    </dl>
  );
}

/**
 * The person's own shortcuts, on demand.
 */
export function Keyboard(props: {
  lines: () => readonly IKeyLine[];
  open: boolean;
  trans: TranslationBundle;
  onToggle: () => void;
  onChange: () => void;
}): JSX.Element {
  const { trans } = props;
  return (
    <Disclosure
      id="jp-Gptoss-keyboard"
      label={trans.__('Keyboard')}
      open={props.open}
      onToggle={props.onToggle}
    >
      {props.open && (
        <>
          <Keys
            trans={trans}
            lines={props
              .lines()
              .map(({ label, keys }) => [label, keys] as const)}
          />
          <button
            type="button"
            className="jp-Gptoss-link"
            onClick={props.onChange}
          >
            {trans.__('Change the shortcuts')}
          </button>
        </>
      )}
    </Disclosure>
  );
}
