import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { ICapped } from '../model/limits';

/**
 * Say, quietly, which settings go beyond what the administrator allows.
 */
export function Capped(props: {
  settings: readonly ICapped[];
  trans: TranslationBundle;
}): JSX.Element | null {
  const { settings, trans } = props;
  return settings.length === 0 ? null : (
    <>
      {settings.map(one => (
        <p key={one.setting}>{cappedText(one, trans)}</p>
      ))}
    </>
  );
}

function cappedText(
  { setting, chosen, allowed }: ICapped,
  trans: TranslationBundle
): string {
  return setting === 'cellTimeout'
    ? trans.__(
        'A cell is verified for at most %1 s: this server does not allow the %2 s of your settings.',
        allowed,
        chosen
      )
    : trans.__(
        'The sandbox gets at most %1 MB: this server does not allow the %2 MB of your settings.',
        allowed,
        chosen
      );
}
