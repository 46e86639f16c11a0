/**
 * Characters by their code points.
 */
export type Text = Uint32Array;

/**
 * Return the edit distance of two texts, or null when it takes more comparisons
 * than may be made.
 *
 * #### Notes
 * Follows each diagonal as far as a number of edits reaches, so that the work
 * grows with the length and with the square of the distance.
 *
 * Source: E. Ukkonen, Algorithms for approximate string matching, 1985,
 * https://doi.org/10.1016/S0019-9958(85)80046-2
 */
export function diagonalDistance(
  a: Text,
  b: Text,
  maxSteps: number
): number | null {
  const goal = b.length - a.length;
  // So many edits visit more diagonals than may be visited.
  const most = Math.ceil(Math.sqrt(maxSteps)) + 1;
  if (Math.abs(goal) > most) {
    return null;
  }
  // Diagonal k (place in b minus place in a) lies at k + middle; each holds the
  // furthest place in a, and the rows of two numbers of edits take turns.
  const middle = most + 1;
  let reached = new Int32Array(2 * middle + 1).fill(-1);
  let next = new Int32Array(2 * middle + 1).fill(-1);
  let steps = 0;
  for (let edits = 0; edits <= most && steps <= maxSteps; edits += 1) {
    const first = Math.max(-edits, -a.length);
    const last = Math.min(edits, b.length);
    steps += last - first + 1;
    for (let k = first; k <= last; k += 1) {
      const end = Math.min(a.length, b.length - k);
      const from = edits === 0 ? 0 : furthest(reached, k + middle);
      const to = slide(a, b, k, Math.min(from, end), end);
      next[k + middle] = to;
      steps += to - from;
      if (k === goal && to === a.length) {
        return edits;
      }
    }
    [reached, next] = [next, reached];
  }
  return null;
}

/**
 * Where one more edit leads: a character put in, replaced or removed.
 */
function furthest(reached: Int32Array, at: number): number {
  const inserted = reached[at - 1]!;
  const replaced = reached[at]! + 1;
  const removed = reached[at + 1]! + 1;
  return Math.max(inserted, replaced, removed);
}

/**
 * Follow a diagonal as long as the characters are equal.
 */
function slide(a: Text, b: Text, k: number, from: number, end: number): number {
  let place = from;
  while (place < end && a[place] === b[place + k]) {
    place += 1;
  }
  return place;
}
