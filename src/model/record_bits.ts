import type { Text } from './record_diagonals';

/**
 * Return the edit distance of two texts; `a` is the shorter one and not empty.
 *
 * #### Notes
 * A column of the table of distances is kept as words of 32 bits, in which each
 * bit says whether the distance grows or shrinks from one row to the next.
 *
 * Source: G. Myers, A fast bit-vector algorithm for approximate string matching
 * based on dynamic programming, 1999, https://doi.org/10.1145/316542.316550
 */
export function bitDistance(a: Text, b: Text): number {
  const words = Math.ceil(a.length / 32);
  const places = placesOf(a, words);
  const none = new Int32Array(words);
  const grows = new Int32Array(words).fill(-1);
  const shrinks = new Int32Array(words);
  const lastBit = (a.length - 1) & 31;
  let distance = a.length;
  for (const character of b) {
    distance += column(places.get(character) ?? none, grows, shrinks, lastBit);
  }
  return distance;
}

/**
 * Go one character on; return by how much the distance in the last row changes.
 */
function column(
  equal: Int32Array,
  grows: Int32Array,
  shrinks: Int32Array,
  lastBit: number
): number {
  const words = equal.length;
  // What the word before hands on: whether its last row grew or shrank.
  let up = 1;
  let down = 0;
  for (let word = 0; word < words; word += 1) {
    const same = equal[word]!;
    const plus = grows[word]!;
    const minus = shrinks[word]!;
    const across = same | minus;
    const met = same | down;
    const along = (((met & plus) + plus) ^ plus) | met;
    const right = minus | ~(along | plus);
    const left = plus & along;
    const end = word === words - 1 ? lastBit : 31;
    const shiftedRight = (right << 1) | up;
    const shiftedLeft = (left << 1) | down;
    up = (right >>> end) & 1;
    down = (left >>> end) & 1;
    grows[word] = shiftedLeft | ~(across | shiftedRight);
    shrinks[word] = shiftedRight & across;
  }
  return up - down;
}

/**
 * Where each character stands in a text, as bits.
 */
function placesOf(text: Text, words: number): Map<number, Int32Array> {
  const places = new Map<number, Int32Array>();
  text.forEach((character, index) => {
    let bits = places.get(character);
    if (!bits) {
      bits = new Int32Array(words);
      places.set(character, bits);
    }
    bits[index >> 5]! |= 1 << (index & 31);
  });
  return places;
}
