import type { TranslationBundle } from '@jupyterlab/translation';

import type { CellProvenance } from '../wire/schema';

/**
 * What a list says of a cell's verification, in one or two words.
 */
export interface IOutcome {
  readonly text: string;
  readonly tone: 'ok' | 'warning' | 'error' | 'quiet';
}

/**
 * Say how a cell did in the sandbox; null where it was not to run.
 */
export function outcomeOf(
  { verification }: Pick<CellProvenance, 'verification'>,
  trans: TranslationBundle
): IOutcome | null {
  switch (verification.status) {
    case 'ok':
      return { tone: 'ok', text: trans.__('Verified') };
    case 'off':
      return null;
    case 'pending':
      return { tone: 'quiet', text: trans.__('Waiting') };
    case 'skipped':
      return { tone: 'warning', text: trans.__('Not run') };
    case 'canceled':
    case 'interrupted':
      return { tone: 'warning', text: trans.__('Stopped') };
    case 'timeout':
      return { tone: 'error', text: trans.__('Too slow') };
    case 'oom':
      return { tone: 'error', text: trans.__('Out of memory') };
    default:
      return { tone: 'error', text: trans.__('Failed') };
  }
}

/**
 * Say what kind of change a pending cell is.
 */
export function changeLabel(
  change: CellProvenance['change'],
  trans: TranslationBundle
): string {
  switch (change) {
    case 'changed':
      return trans.__('Changed');
    case 'deleted':
      return trans.__('To delete');
    default:
      return trans.__('New');
  }
}

/**
 * Say how many findings a reader should look at; empty where there is none.
 */
export function findingsLabel(
  { checks }: Pick<CellProvenance, 'checks'>,
  trans: TranslationBundle
): string {
  const count = checks.filter(({ severity }) => severity !== 'info').length;
  return count > 0 ? trans._n('%1 finding', '%1 findings', count) : '';
}

/**
 * The name of a notebook without its folders.
 */
export function notebookName(path: string): string {
  return path.split('/').pop() ?? path;
}
