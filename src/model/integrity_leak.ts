import type { CellProvenance } from '../wire/schema';
import type { ICellState, IStep, Mends } from './integrity_state';
import { pendingIn } from './integrity_state';
import { unproven } from './provenance';

/**
 * Text of a pending cell that turns up in one that may run makes that pending.
 *
 * #### Notes
 * The net below the rules for what JupyterLab does: other extensions move text
 * in ways of their own. Where no cell is left, another notebook was loaded.
 */
export function mendLeaks(step: IStep): Mends {
  const mends: Mends = new Map();
  const sources = leakSources(step);
  if (!sources.length || step.came.length === step.after.length) {
    return mends;
  }
  const before = new Map<ICellState, string>(
    step.altered.map(one => [one.after, one.before.source])
  );
  for (const cell of [...step.came, ...before.keys()]) {
    const leak = sources.find(
      ({ source }) =>
        cell.source.includes(source.trim()) &&
        before.get(cell)?.includes(source.trim()) !== true
    );
    const provenance = leak && pendingIn(leak);
    if (provenance && !pendingIn(cell)) {
      const original =
        before.get(cell) ?? cell.source.split(leak.source.trim()).join('');
      mends.set(cell, leaked(provenance, original));
    }
  }
  return mends;
}

/**
 * Pending cells whose text is no longer where it was.
 */
function leakSources({ gone, altered }: IStep): ICellState[] {
  const moved = altered
    .filter(({ before, after }) => before.source !== after.source)
    .map(({ before }) => before);
  return [...gone, ...moved].filter(
    cell => pendingIn(cell) && cell.source.trim() !== ''
  );
}

function leaked(source: CellProvenance, original: string): CellProvenance {
  return unproven({
    ...source,
    change: original.trim() === '' ? 'new' : 'changed',
    original: original.trim() === '' ? '' : original,
    cell: ''
  });
}

/**
 * A copy of a pending cell is not the cell that a generation writes to.
 */
export function mendCopies(step: IStep): Mends {
  const mends: Mends = new Map();
  if (step.came.length === step.after.length) {
    return mends;
  }
  const came = new Set(step.came);
  const known = new Set(
    step.after.filter(cell => !came.has(cell)).map(identity)
  );
  known.delete(null);
  for (const cell of step.came) {
    const provenance = pendingIn(cell);
    const name = identity(cell);
    if (provenance && name !== null && known.has(name)) {
      mends.set(cell, { ...provenance, cell: '' });
    }
    known.add(name);
  }
  return mends;
}

/**
 * Which cell of which job a cell is; null where it is none.
 */
function identity(cell: ICellState): string | null {
  const provenance = pendingIn(cell);
  return provenance?.job && provenance.cell
    ? JSON.stringify([provenance.job, provenance.cell])
    : null;
}
