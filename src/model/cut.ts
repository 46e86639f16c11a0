import { diff } from '@codemirror/merge';

/**
 * Cut a text where another one, made from it, is cut.
 *
 * @param original The text to cut.
 * @param text The text that was made from it.
 * @param cuts Where that one is cut: offsets, ascending.
 * @returns One part more than there are cuts; together they are the original.
 */
export function cutAlike(
  original: string,
  text: string,
  cuts: readonly number[]
): string[] {
  const place = placer(original, text);
  const offsets = [0, ...cuts.map(place), original.length];
  return offsets.slice(1).map((end, index) => {
    const start = offsets[index] ?? 0;
    return original.slice(start, Math.max(start, end));
  });
}

/**
 * Find where the parts of a text begin, of which blank lines at the ends may
 * be missing; null where they are not its parts.
 */
export function partOffsets(
  text: string,
  parts: readonly string[]
): number[] | null {
  const offsets: number[] = [];
  let end = 0;
  for (const part of parts) {
    const start = text.indexOf(part, end);
    if (start < 0 || text.slice(end, start).trim() !== '') {
      return null;
    }
    offsets.push(start);
    end = start + part.length;
  }
  return text.slice(end).trim() === '' ? offsets : null;
}

/**
 * Tell the offset in the original for one in the text.
 *
 * #### Notes
 * Lines are compared as a whole. Among lines that were changed, the cut goes
 * as far through the old ones as through the new ones.
 */
function placer(original: string, text: string): (offset: number) => number {
  const from = lines(original);
  const to = lines(text);
  const code = coder();
  const changes = diff(from.map(code).join(''), to.map(code).join(''));
  const start = (line: number): number =>
    from.slice(0, line).reduce((sum, one) => sum + one.length, 0);
  return offset => {
    const { line, column } = position(to, offset);
    let shift = 0;
    for (const { fromA, toA, fromB, toB } of changes) {
      if (line < fromB) {
        break;
      }
      if (line < toB) {
        const passed = line - fromB + (column ? 1 : 0);
        return start(
          fromA + Math.round((passed * (toA - fromA)) / (toB - fromB))
        );
      }
      shift = toA - toB;
    }
    return Math.min(start(line + shift) + column, original.length);
  };
}

/**
 * The lines of a text, each with its end.
 */
function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function position(
  rows: readonly string[],
  offset: number
): { line: number; column: number } {
  let line = 0;
  let rest = offset;
  for (const row of rows) {
    if (rest < row.length) {
      break;
    }
    rest -= row.length;
    line += 1;
  }
  return { line, column: rest };
}

/**
 * Give equal lines the same character, so that lines are compared at once.
 */
function coder(): (line: string) => string {
  const known = new Map<string, string>();
  return line => {
    // The last line may have no end, and is the same line without it.
    const key = line.replace(/\n$/, '');
    const found = known.get(key);
    if (found !== undefined) {
      return found;
    }
    // Half of a surrogate pair would not count as a character.
    const code = known.size + (known.size < 0xd7e0 ? 0x20 : 0x820);
    const made = String.fromCharCode(code);
    known.set(key, made);
    return made;
  };
}
