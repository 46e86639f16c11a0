import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { Health, ModelState, Problem } from '../wire/schema';
import { answererText } from './answerer';
import { sandboxLine } from './labels';
import { Trouble } from './progress';

/**
 * The foot of the panel: who answers, and whether cells are run first.
 */
export function State(props: {
  health: Health | Problem | null;
  model: ModelState | null;
  verify: boolean;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { health, model, verify, trans } = props;
  if (health === null) {
    return null;
  }
  if (!('generator' in health)) {
    return (
      <Trouble
        trans={trans}
        problem={{
          ...health,
          detail:
            health.status === 404
              ? trans.__('The server extension gptoss_lab is not running.')
              : health.detail,
          hint:
            health.status === 404
              ? trans.__(
                  'Enable it with "jupyter server extension enable gptoss_lab" and start Jupyter again.'
                )
              : health.hint
        }}
      />
    );
  }
  const { sandbox } = health;
  const off = verify && (!sandbox.available || !sandbox.image_ready);
  return (
    <>
      <p>{answererText(health, model, trans)}</p>
      <p className={off ? 'jp-mod-warning' : undefined}>
        {sandboxLine(health, verify, trans)}
        {off && sandbox.hint !== '' && <> {sandbox.hint}</>}
      </p>
    </>
  );
}
