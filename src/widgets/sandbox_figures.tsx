import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { SandboxState } from '../wire/schema';
import { memoryPercent, memoryText } from './sandbox_labels';

/**
 * What a sandbox uses now, as far as it can be measured.
 */
export function Figures(props: {
  sandbox: SandboxState;
  name: string;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { sandbox, trans } = props;
  if (sandbox.phase === 'ended') {
    return null;
  }
  const percent = memoryPercent(sandbox);
  const memory = memoryText(sandbox, trans);
  const cpu = sandbox.usage.cpu_percent;
  if (percent === null && cpu === null) {
    return null;
  }
  return (
    <div className="jp-Gptoss-figures">
      {percent !== null && (
        <>
          <div
            className={`jp-Gptoss-meter${percent >= 90 ? ' jp-mod-warning' : ''}`}
            role="meter"
            aria-label={trans.__('Memory of %1', props.name)}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={percent}
            aria-valuetext={memory}
          >
            <div style={{ width: `${percent}%` }} />
          </div>
          <span>{memory}</span>
        </>
      )}
      {cpu !== null && (
        <span className="jp-Gptoss-cpu">
          {trans.__('CPU %1 %', Math.round(cpu))}
        </span>
      )}
    </div>
  );
}
