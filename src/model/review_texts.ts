import type { TranslationBundle } from '@jupyterlab/translation';

import type { HunkVerdict } from './hunks';

/**
 * Say what was decided on cells, and how many remain.
 */
export function decidedText(
  verdict: HunkVerdict,
  count: number,
  left: number,
  trans: TranslationBundle
): string {
  const what =
    verdict === 'accepted'
      ? trans._n('%1 cell accepted.', '%1 cells accepted.', count)
      : trans._n('%1 cell rejected.', '%1 cells rejected.', count);
  return `${what} ${leftText(left, trans)}`;
}

/**
 * Say what was decided on a hunk, and what remains in its cell.
 */
export function hunkText(
  verdict: HunkVerdict,
  left: number,
  trans: TranslationBundle
): string {
  const what =
    verdict === 'accepted'
      ? trans.__('Change accepted.')
      : trans.__('Change rejected.');
  return `${what} ${trans._n(
    '%1 change left in this cell.',
    '%1 changes left in this cell.',
    left
  )}`;
}

/**
 * Say how many cells wait.
 */
export function leftText(left: number, trans: TranslationBundle): string {
  return left === 0
    ? trans.__('Nothing is left to review.')
    : trans._n('%1 cell left to review.', '%1 cells left to review.', left);
}
