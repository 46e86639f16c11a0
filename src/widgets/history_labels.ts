import type { TranslationBundle } from '@jupyterlab/translation';

import type { JobSummary } from '../wire/schema';

/**
 * Say how a job stands.
 */
export function stateLabel(
  state: JobSummary['state'],
  trans: TranslationBundle
): string {
  switch (state) {
    case 'queued':
      return trans.__('Queued');
    case 'running':
      return trans.__('Running');
    case 'done':
      return trans.__('Done');
    case 'error':
      return trans.__('Failed');
    case 'cancelled':
      return trans.__('Stopped');
    default:
      return state;
  }
}

/**
 * Say what was asked for: new cells, an edit of some kind, or a run.
 */
export function kindLabel(
  { kind, edit }: Pick<JobSummary, 'kind' | 'edit'>,
  trans: TranslationBundle
): string {
  if (kind === 'execute') {
    return trans.__('Execution');
  }
  if (kind === 'add') {
    return trans.__('Packages');
  }
  switch (edit) {
    case 'edit':
      return trans.__('Edit');
    case 'fix':
      return trans.__('Fix');
    case 'explain':
      return trans.__('Explanation');
    case 'example':
      return trans.__('Example');
    case 'port':
      return trans.__('Port');
    case 'redo':
      return trans.__('Redo');
    default:
      return trans.__('New cells');
  }
}

/**
 * Say who answered; empty while nobody has.
 */
export function whoLabel(
  job: Pick<JobSummary, 'generator' | 'model'>,
  trans: TranslationBundle
): string {
  if (job.generator === 'examples') {
    return trans.__('Examples');
  }
  return job.generator === 'model' ? job.model || trans.__('Model') : '';
}

/**
 * Count cells, and those that a sandbox has run without an error.
 */
export function cellsLabel(
  job: Pick<JobSummary, 'kind' | 'cells' | 'verified'>,
  trans: TranslationBundle
): string {
  const cells = trans._n('%1 cell', '%1 cells', job.cells);
  return job.kind === 'generate' && job.verified > 0
    ? trans.__('%1, %2 verified', cells, job.verified)
    : cells;
}

/**
 * Name a language.
 */
export function languageLabel(
  language: JobSummary['language'],
  trans: TranslationBundle
): string {
  return language === 'r' ? trans.__('R') : trans.__('Python');
}

/**
 * Say when a job was asked for: only the time, where it was today.
 */
export function whenLabel(createdAt: string, now = new Date()): string {
  const when = new Date(createdAt);
  if (Number.isNaN(when.getTime())) {
    return '';
  }
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  return when.toDateString() === now.toDateString()
    ? when.toLocaleTimeString(undefined, time)
    : when.toLocaleString(undefined, {
        day: 'numeric',
        month: 'short',
        ...time
      });
}
