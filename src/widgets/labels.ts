import type { TranslationBundle } from '@jupyterlab/translation';

import type { IJob, IStep } from '../tokens';
import type { DocSourceInput, Health, Problem, Stage } from '../wire/schema';

/**
 * Name a stage of the pipeline for the step list.
 */
export function stageLabel(
  stage: Stage['stage'],
  trans: TranslationBundle
): string {
  switch (stage) {
    case 'packages':
      return trans.__('Add packages to the sandbox');
    case 'load':
      return trans.__('Read the paper');
    case 'units':
      return trans.__('Find what it requires');
    case 'plan':
      return trans.__('Plan the cells');
    case 'claims':
      return trans.__('Compare the numbers');
    case 'collect':
      return trans.__('Read the documentation');
    case 'retrieve':
      return trans.__('Find what fits the task');
    case 'prompt':
      return trans.__('Prepare the request');
    case 'stream':
      return trans.__('Write the cells');
    case 'parse':
      return trans.__('Put the cells in order');
    case 'check':
      return trans.__('Check against the installed API');
    case 'verify':
      return trans.__('Run in the sandbox');
    case 'repair':
      return trans.__('Repair what failed');
    case 'done':
      return trans.__('Finish');
    default:
      return stage;
  }
}

/**
 * What a job has cost in words: tokens, and rounds of repair.
 */
export function spentParts(
  { usage, repair }: Pick<IJob, 'usage' | 'repair'>,
  trans: TranslationBundle
): string[] {
  const parts: string[] = [];
  if (usage && usage.prompt_tokens + usage.completion_tokens > 0) {
    parts.push(
      trans.__(
        '%1 tokens read, %2 written',
        usage.prompt_tokens.toLocaleString(),
        usage.completion_tokens.toLocaleString()
      )
    );
  }
  if (repair && repair.rounds > 0) {
    parts.push(trans.__('repair %1 of %2', repair.round, repair.rounds));
  }
  return parts;
}

/**
 * How far a step is, in percent; null while it is not known.
 */
export function percentOf(step: IStep): number | null {
  if (step.total <= 0) {
    return null;
  }
  return Math.min(100, Math.round((100 * step.done) / step.total));
}

/**
 * What a screen reader hears: the phase, never the text that arrives.
 */
export function announcement(
  job: IJob | null,
  trans: TranslationBundle
): string {
  if (!job) {
    return '';
  }
  if (job.problem) {
    return trans.__('The generation failed: %1', job.problem.detail);
  }
  if (job.outcome === 'cancelled') {
    return trans.__('The generation was stopped.');
  }
  if (job.ended) {
    const count = job.drafts.filter(({ state }) => state !== 'removed').length;
    return trans._n(
      'The generation has ended. %1 cell waits for review.',
      'The generation has ended. %1 cells wait for review.',
      count
    );
  }
  const step = job.steps.find(({ running }) => running);
  return step ? stageLabel(step.stage, trans) : trans.__('Queued');
}

/**
 * Say whether cells are run before the person sees them, or why not.
 */
export function sandboxLine(
  health: Pick<Health, 'sandbox'>,
  verify: boolean,
  trans: TranslationBundle
): string {
  const { sandbox } = health;
  if (!verify) {
    return trans.__('Verification is off in the settings.');
  }
  if (!sandbox.available) {
    return sandbox.reason
      ? trans.__('Verification is off: %1', sandbox.reason)
      : trans.__('Verification is off: no sandbox answers.');
  }
  if (!sandbox.image_ready) {
    return trans.__('The sandbox (%1) is not built yet.', sandbox.runtime);
  }
  return trans.__('Cells are run in a sandbox (%1) first.', sandbox.runtime);
}

/**
 * Name a source on its chip, as short as it stays clear.
 */
export function sourceName(source: DocSourceInput): string {
  const { uri } = source;
  if (source.kind === 'url') {
    return uri.replace(/^https?:\/\//, '').replace(/\/$/, '');
  }
  if (source.kind === 'package' || source.kind === 'r-package') {
    return uri;
  }
  const parts = uri.split('/').filter(Boolean);
  return parts[parts.length - 1] ?? uri;
}

/**
 * Say a problem in the person's language, where it is one of this page's own.
 */
export function problemText(
  problem: Problem,
  trans: TranslationBundle
): { detail: string; hint: string } {
  switch (problem.code) {
    case 'unreachable':
      return {
        detail: trans.__('The server does not answer.'),
        hint: trans.__('Check that Jupyter Server is running, then try again.')
      };
    case 'cut_off':
      return {
        detail: trans.__('The connection to the server was lost.'),
        hint: trans.__(
          'The job may still be running there. Load the page again to go on with it.'
        )
      };
    case 'not_json':
      return {
        detail: trans.__('The server answered something unreadable.'),
        hint: trans.__('A proxy may stand between this page and the server.')
      };
    default:
      return { detail: problem.detail || problem.title, hint: problem.hint };
  }
}

/**
 * Say why the sandbox cannot be shown the notebook's folder; empty where it can.
 */
export function dataReason(
  known: { notebook: string; verify: boolean; allowed: boolean },
  trans: TranslationBundle
): string {
  if (!known.verify) {
    return trans.__('Verification is off in the settings.');
  }
  if (!known.allowed) {
    return trans.__('This server shows sandboxes no files.');
  }
  return known.notebook === ''
    ? trans.__('Open a notebook first: it is its folder that is shown.')
    : '';
}
