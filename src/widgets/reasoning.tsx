import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useState } from 'react';

import { Disclosure } from './fold';
import { Lines } from './lines';

/**
 * What the model says to itself: closed at first, and kept nowhere.
 */
export function Reasoning(props: {
  text: string;
  running: boolean;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { text, running, trans } = props;
  const [open, setOpen] = useState(false);
  if (text === '') {
    return null;
  }
  return (
    <Disclosure
      id="jp-Gptoss-reasoning"
      label={running ? trans.__('Reasoning…') : trans.__('Reasoning')}
      open={open}
      onToggle={() => setOpen(!open)}
    >
      <p className="jp-Gptoss-small">
        {trans.__(
          'What the model said to itself. It may be wrong, and it is not kept.'
        )}
      </p>
      <Lines label={trans.__('Reasoning of the model')} text={text} />
    </Disclosure>
  );
}
