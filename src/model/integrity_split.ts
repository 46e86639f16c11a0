import { JSONExt } from '@lumino/coreutils';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';

import type { CellProvenance } from '../wire/schema';
import { cutAlike, partOffsets } from './cut';
import type { ICellState, IStep, Mends } from './integrity_state';
import { pendingIn } from './integrity_state';
import { unproven } from './provenance';

/**
 * The parts of a pending cell that was split share its original, so that their
 * rejection brings it back once.
 */
export function mendSplit(step: IStep): Mends {
  const mends: Mends = new Map();
  const came = new Set(step.came);
  const earlier = new Map(
    step.altered.map(({ before, after }) => [after, before])
  );
  step.after.forEach((cell, index) => {
    const before = earlier.get(cell) ?? cell;
    const above = came.has(cell) ? [] : runUpTo(step, index, before, came);
    if (above.length && pendingIn(before)) {
      share(before, [...above, cell], mends);
    }
  });
  for (const before of step.gone) {
    // Older versions put new cells in the place of the one that is split.
    const parts = step.came.filter(cell => sameValue(cell, before));
    if (pendingIn(before) && !parts.some(({ id }) => id === before.id)) {
      share(before, parts, mends);
    }
  }
  return mends;
}

/**
 * The new cells right above a place that carry the same metadata.
 */
function runUpTo(
  { after }: IStep,
  end: number,
  like: ICellState,
  came: ReadonlySet<ICellState>
): ICellState[] {
  let start = end;
  for (;;) {
    const above = after[start - 1];
    if (!above || !came.has(above) || !sameValue(above, like)) {
      return after.slice(start, end);
    }
    start -= 1;
  }
}

/**
 * Whether the provenance of two cells is one and the same.
 */
function sameValue(one: ICellState, other: ICellState): boolean {
  return JSONExt.deepEqual(
    (one.value ?? null) as ReadonlyPartialJSONValue,
    (other.value ?? null) as ReadonlyPartialJSONValue
  );
}

function share(
  before: ICellState,
  parts: readonly ICellState[],
  mends: Mends
): void {
  const whole = pendingIn(before);
  const starts = partOffsets(
    before.source,
    parts.map(part => part.source)
  );
  if (!whole || !starts || parts.length < 2) {
    // Copies are no parts.
    return;
  }
  const originals = shares(whole.original, before.source, starts);
  const generated = shares(whole.generated, before.source, starts);
  const empty = originals.every(original => original === '');
  parts.forEach((part, index) => {
    const last = index === parts.length - 1;
    const original = originals[index] ?? '';
    mends.set(
      part,
      unproven({
        ...whole,
        change: changeOf(whole, original, empty && last),
        original,
        generated: generated[index] ?? '',
        cell: last ? whole.cell : ''
      })
    );
  });
}

/**
 * A part for which no old text is left is a new cell.
 */
function changeOf(
  { change }: CellProvenance,
  original: string,
  keeps: boolean
): CellProvenance['change'] {
  return change === 'changed' && original === '' && !keeps ? 'new' : change;
}

/**
 * Each part's share of a text.
 */
function shares(
  text: string,
  source: string,
  starts: readonly number[]
): string[] {
  return cutAlike(text, source, starts.slice(1)).map((share, index, all) => {
    const begun = index > 0 ? share.replace(/^\n+/, '') : share;
    return index < all.length - 1 ? begun.replace(/\n+$/, '') : begun;
  });
}
