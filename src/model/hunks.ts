import { Chunk } from '@codemirror/merge';
import { Text } from '@codemirror/state';

/**
 * A run of changed lines: where it is in the original (A) and in the text (B).
 * An end is one past the last line's end, so it may lie behind the text.
 */
export type IHunk = Pick<Chunk, 'fromA' | 'toA' | 'fromB' | 'toB'>;

/**
 * How a person may decide on a hunk.
 */
export type HunkVerdict = 'accepted' | 'rejected';

/**
 * What a comparison may cost: the same as what the editor spends on it.
 */
export const DIFF = { scanLimit: 500 };

/**
 * The hunks in which a text differs from its original.
 */
export function hunksOf(original: string, source: string): readonly IHunk[] {
  return Chunk.build(linesOf(original), linesOf(source), DIFF);
}

/**
 * The original once a hunk of the text was accepted.
 */
export function acceptedHunk(
  original: string,
  source: string,
  { fromA, toA, fromB, toB }: IHunk
): string {
  return spliced(original, fromA, toA, source, fromB, toB);
}

/**
 * The text once a hunk of it was rejected.
 */
export function rejectedHunk(
  original: string,
  source: string,
  { fromA, toA, fromB, toB }: IHunk
): string {
  return spliced(source, fromB, toB, original, fromA, toA);
}

/**
 * How many lines a hunk is about: the removed ones and the added ones.
 */
export function linesOfHunk(
  original: string,
  source: string,
  hunk: IHunk
): number {
  return (
    lineCount(original, hunk.fromA, hunk.toA) +
    lineCount(source, hunk.fromB, hunk.toB)
  );
}

/**
 * The hunk at a place in the text, or the next one, or the last.
 */
export function hunkAt<T extends IHunk>(
  hunks: readonly T[],
  place: number
): T | null {
  return (
    hunks.find(({ toB }) => Math.max(toB - 1, 0) >= place) ??
    hunks[hunks.length - 1] ??
    null
  );
}

/**
 * The only part in which two texts differ; null where they are the same.
 */
export function replacement(
  before: string,
  after: string
): { start: number; end: number; text: string } | null {
  if (before === after) {
    return null;
  }
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) {
    start += 1;
  }
  let tail = 0;
  while (
    tail < most - start &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) {
    tail += 1;
  }
  return {
    start,
    end: before.length - tail,
    text: after.slice(start, after.length - tail)
  };
}

function linesOf(text: string): Text {
  return Text.of(text.split('\n'));
}

function lineCount(text: string, from: number, to: number): number {
  return to > from ? text.slice(from, to - 1).split('\n').length : 0;
}

/**
 * Put lines of one text in the place of lines of another.
 */
function spliced(
  target: string,
  from: number,
  to: number,
  other: string,
  otherFrom: number,
  otherTo: number
): string {
  const lines = other.slice(otherFrom, Math.max(otherFrom, otherTo - 1));
  const closed = otherFrom !== otherTo && to <= target.length;
  return (
    target.slice(0, from) + lines + (closed ? '\n' : '') + target.slice(to)
  );
}
