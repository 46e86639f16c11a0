import type { Finding } from '../wire/schema';
import { hunksOf } from './hunks';

/**
 * A finding with the line that it is about, as the text stands now.
 */
export interface IPlacedFinding {
  readonly finding: Finding;

  /**
   * From 1 on.
   */
  readonly line: number;
}

/**
 * Find the lines that findings are about, in a text that was edited since.
 *
 * #### Notes
 * A finding on a line that has changed is left out: it may not hold any more.
 * One that is about the whole cell has no line.
 */
export function placeFindings(
  findings: readonly Finding[],
  checked: string,
  source: string
): IPlacedFinding[] {
  const lineOf = lineMap(checked || source, source);
  return findings.flatMap(finding => {
    const line = finding.line > 0 ? lineOf(finding.line) : null;
    return line === null ? [] : [{ finding, line }];
  });
}

/**
 * Map the lines of one text to those of another; null where one has changed.
 */
function lineMap(
  before: string,
  after: string
): (line: number) => number | null {
  const starts = startsOf(before);
  const now = startsOf(after);
  const hunks = before === after ? [] : hunksOf(before, after);
  return line => {
    const start = starts[line - 1];
    if (start === undefined) {
      return null;
    }
    let moved = 0;
    for (const { fromA, toA, toB } of hunks) {
      if (start >= fromA && start < toA) {
        return null;
      }
      if (start >= toA) {
        moved = toB - toA;
      }
    }
    const index = now.indexOf(start + moved);
    return index < 0 ? null : index + 1;
  };
}

function startsOf(text: string): number[] {
  let start = 0;
  return text.split('\n').map(line => {
    const here = start;
    start += line.length + 1;
    return here;
  });
}
