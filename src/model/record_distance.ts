import { bitDistance } from './record_bits';
import { diagonalDistance } from './record_diagonals';
import type { Text } from './record_diagonals';

/**
 * What a measurement may cost the page: about 10 ms, one way or the other.
 */
const MAX_STEPS = 250_000;
const MAX_WORDS = 600_000;

/**
 * Return the edit distance (Levenshtein) of two texts in characters, or null
 * where it cannot be found without holding up the page.
 *
 * #### Notes
 * Up to some 4,000 characters, any two texts are measured, by words of bits;
 * longer ones along diagonals, where they differ little. What is long and differs
 * in much is not measured: a number of lines would be another unit, an estimate no
 * distance.
 */
export function editDistance(before: string, after: string): number | null {
  if (before === after) {
    return 0;
  }
  const [a, b] = middles(characters(before), characters(after));
  const short = a.length < b.length ? a : b;
  const long = a.length < b.length ? b : a;
  if (short.length === 0) {
    return long.length;
  }
  const words = Math.ceil(short.length / 32) * long.length;
  return words <= MAX_WORDS
    ? bitDistance(short, long)
    : diagonalDistance(short, long, MAX_STEPS);
}

/**
 * Return how many characters a text has; a pair of surrogates is one.
 */
export function countCharacters(text: string): number {
  return characters(text).length;
}

/**
 * The texts without what they begin and end with in common.
 */
function middles(a: Text, b: Text): [Text, Text] {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) {
    start += 1;
  }
  let end = 0;
  while (
    end < shorter - start &&
    a[a.length - 1 - end] === b[b.length - 1 - end]
  ) {
    end += 1;
  }
  return [a.subarray(start, a.length - end), b.subarray(start, b.length - end)];
}

function characters(text: string): Text {
  if (/[\uD800-\uDFFF]/.test(text)) {
    return Uint32Array.from(text, one => one.codePointAt(0)!);
  }
  const units = new Uint32Array(text.length);
  for (let index = 0; index < text.length; index += 1) {
    units[index] = text.charCodeAt(index);
  }
  return units;
}
