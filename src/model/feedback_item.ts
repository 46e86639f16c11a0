import type { FeedbackItem } from '../wire/schema';
import type { IDecided } from './decided';
import { recordOf } from './record';

/**
 * Say of a decision what the server may keep: how it went, no code, no words
 * and no name. Null where the cell's origin is not one of ours.
 */
export function feedbackOf(made: IDecided): FeedbackItem | null {
  const { before } = made;
  if (!IDENTIFIER.test(before.job) || !IDENTIFIER.test(before.cell)) {
    return null;
  }
  const record = made.after?.record ?? recordOf(before, made);
  const parts = before.decisions.filter(({ scope }) => scope === 'hunk');
  const accepted = parts.filter(({ verdict }) => verdict === 'accepted').length;
  return {
    at: record.at,
    job: before.job,
    cell: before.cell,
    generator: before.generator,
    model: MODEL.test(before.model) ? before.model : '',
    language: before.language,
    change: before.change,
    verdict: record.verdict,
    generated_chars: record.generated_chars,
    kept_chars: record.kept_chars,
    edit_distance: record.edit_distance,
    accepted_parts: accepted,
    rejected_parts: parts.length - accepted,
    verification: STATUSES.find(one => one === before.verification.status)
  };
}

/**
 * By what the server tells cells apart.
 */
const IDENTIFIER = /^[A-Za-z0-9._~-]{1,128}$/;

/**
 * A name of a model that the server takes: without spaces, so no words.
 */
const MODEL = /^[A-Za-z0-9._/:@+-]{0,100}$/;

const STATUSES = [
  'ok',
  'error',
  'timeout',
  'interrupted',
  'oom',
  'died',
  'output_limit',
  'sandbox_lost',
  'canceled',
  'skipped',
  'off',
  'pending'
] as const satisfies readonly FeedbackItem['verification'][];
