import type { CellProvenance } from '../wire/schema';
import type { ICellState, IStep, Mends } from './integrity_state';
import { pendingIn } from './integrity_state';
import { unproven } from './provenance';

/**
 * What JupyterLab puts between the texts of merged cells.
 */
const SEPARATORS = ['\n\n', '\n'];

/**
 * A cell into which pending text was merged is pending; its rejection brings
 * back what was not pending of it.
 */
export function mendMerge(step: IStep): Mends {
  const mends: Mends = new Map();
  const [merged, ...others] = step.came;
  if (!merged || others.length || step.gone.length < 2) {
    return mends;
  }
  const texts = step.gone.map(({ source }) => source);
  const separator = SEPARATORS.find(
    between => texts.join(between) === merged.source
  );
  if (separator !== undefined && step.gone.some(pendingIn)) {
    mends.set(merged, mergedProvenance(merged, step.gone, separator));
  }
  return mends;
}

function mergedProvenance(
  merged: ICellState,
  parts: readonly ICellState[],
  separator: string
): CellProvenance {
  const waiting = parts.map(pendingIn).filter(isPresent);
  const base = pendingIn(merged) ?? (waiting[0] as CellProvenance);
  const kept = parts.map(textBefore).filter(isPresent);
  return unproven({
    ...base,
    change: changeOf(parts, kept.length),
    original: kept.join(separator),
    generated: parts.map(generatedText).join(separator),
    cell: waiting.length === 1 ? base.cell : '',
    raw: base.raw || (waiting.find(({ raw }) => raw)?.raw ?? ''),
    units: [...new Set(waiting.flatMap(({ units }) => units))],
    sources: [
      ...new Map(
        waiting
          .flatMap(({ sources }) => sources)
          .map(source => [JSON.stringify(source), source])
      ).values()
    ]
  });
}

function changeOf(
  parts: readonly ICellState[],
  kept: number
): CellProvenance['change'] {
  if (parts.every(part => pendingIn(part)?.change === 'deleted')) {
    return 'deleted';
  }
  return kept ? 'changed' : 'new';
}

/**
 * What is left of a part when the merged cell is rejected; null for nothing.
 */
function textBefore(part: ICellState): string | null {
  const pending = pendingIn(part);
  if (!pending || pending.change === 'deleted') {
    return part.source;
  }
  return pending.change === 'new' && !pending.original
    ? null
    : pending.original;
}

function generatedText(part: ICellState): string {
  return pendingIn(part)?.generated || part.source;
}

function isPresent<T>(value: T | null): value is T {
  return value !== null;
}
