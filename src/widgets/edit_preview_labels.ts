import type { TranslationBundle } from '@jupyterlab/translation';

import type { SandboxPreview } from '../model/edit_preview';
import type { CellVerification } from '../wire/schema';
import { bytesText } from './sandbox_labels';

/**
 * How a run did, in a few words.
 */
export interface IPreviewText {
  readonly text: string;
  readonly tone: 'ok' | 'error' | 'warning' | 'quiet';
}

/**
 * Say where a run in the sandbox stands, or how it ended.
 */
export function previewText(
  preview: Pick<
    SandboxPreview,
    'phase' | 'above' | 'at' | 'outcome' | 'failedAbove'
  >,
  trans: TranslationBundle
): IPreviewText {
  const { phase, above, at, outcome, failedAbove } = preview;
  switch (phase) {
    case 'idle':
    case 'starting':
      return { tone: 'quiet', text: trans.__('Starting a sandbox…') };
    case 'running':
      return {
        tone: 'quiet',
        text:
          at < above
            ? trans.__('Running the cells above: %1 of %2…', at + 1, above)
            : trans.__('Running this cell…')
      };
    case 'failed':
      return { tone: 'error', text: trans.__('Did not run') };
    default:
  }
  if (failedAbove) {
    return {
      tone: 'error',
      text: trans.__(
        'Not reached: cell %1 of the %2 above failed (%3)',
        failedAbove.cell + 1,
        above,
        shorten(`${failedAbove.ename}: ${failedAbove.evalue}`)
      )
    };
  }
  return outcome
    ? outcomeText(outcome, trans)
    : { tone: 'warning', text: trans.__('Did not run') };
}

function outcomeText(
  outcome: CellVerification,
  trans: TranslationBundle
): IPreviewText {
  const facts = [
    trans.__('%1 s', outcome.duration_s.toFixed(1)),
    ...(outcome.peak_memory_bytes
      ? [bytesText(outcome.peak_memory_bytes, trans)]
      : [])
  ].join(' · ');
  switch (outcome.status) {
    case 'ok':
      return {
        tone: 'ok',
        text: trans.__('Ran in sandbox (%1) · %2', outcome.runtime, facts)
      };
    case 'timeout':
      return { tone: 'error', text: trans.__('Took too long · %1', facts) };
    case 'oom':
      return { tone: 'error', text: trans.__('Out of memory · %1', facts) };
    case 'output_limit':
      return { tone: 'error', text: trans.__('Too much output · %1', facts) };
    case 'interrupted':
    case 'canceled':
      return { tone: 'warning', text: trans.__('Stopped · %1', facts) };
    case 'skipped':
      return { tone: 'warning', text: trans.__('Did not run') };
    case 'died':
    case 'sandbox_lost':
      return { tone: 'error', text: trans.__('The sandbox ended · %1', facts) };
    default:
      return { tone: 'error', text: trans.__('Failed · %1', facts) };
  }
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
