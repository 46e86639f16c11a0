import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useEffect, useState } from 'react';

import type { EngineFailure, ModelState, Problem } from '../wire/schema';
import { CopyButton } from './copy_button';
import { Disclosure } from './fold';
import { problemText } from './labels';
import { Lines } from './lines';

/**
 * Why the model is not there, and what the person can do.
 */
export function ModelFailure(props: {
  failure: EngineFailure;
  trans: TranslationBundle;
}): JSX.Element {
  const { failure } = props;
  return (
    <div className="jp-Gptoss-note jp-mod-error">
      <strong>{failure.message}</strong>
      {failure.hint !== '' && (
        <span className="jp-Gptoss-problem-hint">{failure.hint}</span>
      )}
    </div>
  );
}

/**
 * The engine's last lines, on demand: asked for anew as long as they change.
 */
export function ModelLog(props: {
  state: ModelState;
  logs: readonly string[] | Problem | null;
  trans: TranslationBundle;
  onLogs: () => void;
  onCopy: (text: string) => void;
}): JSX.Element {
  const { state, logs, trans, onLogs, onCopy } = props;
  const [open, setOpen] = useState(false);
  const { phase, progress } = state;
  const elapsed = progress?.elapsed_s;
  useEffect(() => {
    if (open) {
      onLogs();
    }
    // Not by `onLogs`, which is another function each time.
  }, [open, phase, elapsed]);
  const lines = linesOf(state, logs);
  return (
    <Disclosure
      id="jp-Gptoss-model-log"
      label={trans.__('Last lines of the log')}
      open={open}
      onToggle={() => setOpen(!open)}
    >
      {logs && 'detail' in logs && (
        <p className="jp-Gptoss-hint">{problemText(logs, trans).detail}</p>
      )}
      {lines.length === 0 ? (
        <p className="jp-Gptoss-small">
          {trans.__('The engine has said nothing yet.')}
        </p>
      ) : (
        <>
          <Lines
            label={trans.__('Last lines of the log')}
            text={lines.join('\n')}
          />
          <CopyButton
            label={trans.__('Copy the log')}
            done={trans.__('Copied')}
            onCopy={() => onCopy(lines.join('\n'))}
          />
        </>
      )}
    </Disclosure>
  );
}

function linesOf(
  { failure }: ModelState,
  logs: readonly string[] | Problem | null
): readonly string[] {
  const read = logs && !('detail' in logs) ? logs : [];
  return read.length > 0 ? read : (failure?.log_tail ?? []);
}
