import type { IDraft } from '../tokens';
import type { Finding, PackageNeed } from '../wire/schema';

/**
 * The packages that findings speak of, each once, in their order.
 */
export function needsOf(findings: readonly Finding[]): PackageNeed[] {
  const needs = new Map<string, PackageNeed>();
  for (const { need } of findings) {
    if (need) {
      needs.set(need.name, need);
    }
  }
  return [...needs.values()];
}

/**
 * The packages that the cells of a job lack.
 */
export function needsOfDrafts(drafts: readonly IDraft[]): PackageNeed[] {
  return needsOf(
    drafts
      .filter(({ state }) => state !== 'removed')
      .flatMap(({ findings }) => findings)
  );
}

/**
 * Those that may be added by one click.
 */
export function offered(needs: readonly PackageNeed[]): PackageNeed[] {
  return needs.filter(({ addable }) => addable);
}
