import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type {
  Problem,
  SandboxCapabilities,
  SandboxState
} from '../wire/schema';
import { shieldIcon } from './icon';
import { problemText } from './labels';
import { bytesText, gapText, isolationText } from './sandbox_labels';

/**
 * Which isolation is in force, and what it leaves open.
 */
export function Isolation(props: {
  capabilities: SandboxCapabilities | null;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { capabilities, trans } = props;
  if (!capabilities) {
    return null;
  }
  const off = capabilities.runtime === 'none';
  return (
    <div
      className={`jp-Gptoss-isolation${off ? ' jp-mod-warning' : ''}`}
      title={[capabilities.isolation, capabilities.engine_version]
        .filter(Boolean)
        .join(' · ')}
    >
      <shieldIcon.react tag="span" className="jp-Gptoss-isolation-icon" />
      <p>
        <strong>{isolationText(capabilities, trans)}</strong>
        <span className="jp-Gptoss-quiet">{gapText(capabilities, trans)}</span>
      </p>
    </div>
  );
}

/**
 * What stands in the way of a fresh answer. The rows that are known stay.
 */
export function Silence(props: {
  problem: Problem | null;

  /**
   * Said where the server does not know the question.
   */
  missing: string;
  trans: TranslationBundle;
}): JSX.Element {
  const { problem, trans } = props;
  const { detail, hint } = problem
    ? problemText(
        problem.status === 404
          ? {
              ...problem,
              detail: props.missing,
              hint: trans.__(
                'Check that the server extension gptoss_lab is running, in the version of this page.'
              )
            }
          : problem,
        trans
      )
    : { detail: '', hint: '' };
  return (
    <div className="jp-Gptoss-hint" role="alert">
      {[detail, hint].filter(Boolean).join(' ')}
    </div>
  );
}

/**
 * What waits for its first use: it takes memory, and nobody steers it.
 */
export function Waiting(props: {
  warm: readonly SandboxState[];
  trans: TranslationBundle;
}): JSX.Element | null {
  const { trans, warm } = props;
  if (warm.length === 0) {
    return null;
  }
  const bytes = warm.reduce(
    (sum, { usage }) => sum + (usage.memory_bytes ?? 0),
    0
  );
  return (
    <p className="jp-Gptoss-waiting">
      {trans._n(
        '%1 more is started and waits for its first use (%2).',
        '%1 more are started and wait for their first use (%2).',
        warm.length,
        bytesText(bytes, trans)
      )}
    </p>
  );
}
