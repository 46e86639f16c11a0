import type { ISharedCell } from '@jupyter/ydoc';

import type { CellProvenance, Decision, ReviewRecord } from '../wire/schema';
import { KEY, asMetadata, readProvenance } from './provenance';
import { author } from './record_author';
import type { IStamp } from './record_author';
import { countCharacters, editDistance } from './record_distance';
import { hashOf } from './record_hash';

/**
 * How many decisions on a cell are kept, the latest.
 */
export const MAX_DECISIONS = 200;

/**
 * A decision on a whole cell: alone, or as one of a generation.
 */
export interface ICellDecision extends IStamp {
  readonly verdict: Decision['verdict'];
  readonly scope: Decision['scope'];

  /**
   * The text that was decided on, with the person's own edits.
   */
  readonly text: string;
}

/**
 * Note on a cell that its review has ended, and how.
 *
 * #### Notes
 * The generated text goes: it was kept to be compared with.
 */
export function withRecord(
  before: CellProvenance,
  decision: ICellDecision
): CellProvenance {
  const { verdict, scope, text, at, by } = decision;
  const lines = countLines(text);
  return {
    ...withDecision(before, { verdict, scope, lines, at, by }),
    record: recordOf(before, decision),
    generated: ''
  };
}

/**
 * Note on a cell what was decided on it, or on a part of it.
 */
export function withDecision(
  before: CellProvenance,
  decision: Decision
): CellProvenance {
  const decisions = [...before.decisions, decision].slice(-MAX_DECISIONS);
  return { ...before, decisions };
}

/**
 * Note on a cell that a part of it was accepted or rejected; call it within the
 * transaction that changes the cell.
 */
export function recordPart(
  cell: ISharedCell,
  verdict: Decision['verdict'],
  lines: number,
  stamp: IStamp = author.stamp()
): void {
  const before = readProvenance(cell);
  if (before?.review === 'pending') {
    const decision = { scope: 'hunk' as const, verdict, lines, ...stamp };
    cell.setMetadata(KEY, asMetadata(withDecision(before, decision)));
  }
}

/**
 * Say how the review of a cell has ended.
 */
export function recordOf(
  before: CellProvenance,
  { verdict, text, at, by }: ICellDecision
): ReviewRecord {
  const generated = countCharacters(before.generated);
  if (verdict === 'rejected') {
    return {
      verdict,
      at,
      by,
      generated_chars: generated || (before.record?.generated_chars ?? 0),
      kept_chars: 0,
      edit_distance: null,
      kept_sha256: ''
    };
  }
  const kept = { kept_chars: countCharacters(text), kept_sha256: hashOf(text) };
  const distance = editDistance(before.generated, text);
  return before.generated
    ? {
        verdict: distance === 0 ? 'accepted' : 'edited',
        at,
        by,
        generated_chars: generated,
        edit_distance: distance,
        ...kept
      }
    : acceptedAgain(before.record, { at, by, ...kept });
}

/**
 * The record of a cell that was set back to pending, or came without its
 * generated text: what was measured holds where the text is still the same.
 */
function acceptedAgain(
  earlier: ReviewRecord | null,
  now: Pick<ReviewRecord, 'at' | 'by' | 'kept_chars' | 'kept_sha256'>
): ReviewRecord {
  if (earlier && earlier.kept_sha256 === now.kept_sha256) {
    return { ...earlier, ...now };
  }
  return {
    verdict: earlier ? 'edited' : 'accepted',
    generated_chars: earlier?.generated_chars ?? 0,
    edit_distance: null,
    ...now
  };
}

function countLines(text: string): number {
  return text === '' ? 0 : text.split('\n').length;
}
