import { bitDistance } from '../../model/record_bits';
import { diagonalDistance } from '../../model/record_diagonals';
import { countCharacters, editDistance } from '../../model/record_distance';

/**
 * The distance by its definition: slow, and easy to believe.
 */
function byDefinition(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const other = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + other));
    }
    above = row;
  }
  return above[b.length]!;
}

function codes(text: string): Uint32Array {
  return Uint32Array.from(text, one => one.charCodeAt(0));
}

/**
 * Numbers that look random and are the same in each run.
 */
function draw(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

const LINE = 'result = frame.groupby("column").agg({"x": "mean"})  # step';

describe('edit distance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['x = 1\n', 'x = 2\n', 1],
    ['a😀b', 'a🎉b', 1],
    ['a😀b', 'ab', 1]
  ])('of %j and %j is %d', (before, after, distance) => {
    expect(editDistance(before, after)).toBe(distance);
    expect(editDistance(after, before)).toBe(distance);
  });

  it('is the one of the definition, both ways of finding it', () => {
    const next = draw(7);
    for (let round = 0; round < 300; round += 1) {
      const [a, b] = [0, 1]
        .map(() =>
          Array.from({ length: 1 + next(80) }, () => 'abc'[next(3)]).join('')
        )
        .sort((one, other) => one.length - other.length) as [string, string];
      const distance = byDefinition(a, b);
      expect(bitDistance(codes(a), codes(b))).toBe(distance);
      expect(diagonalDistance(codes(a), codes(b), 1e6)).toBe(distance);
    }
  });

  it('measures a long text that differs little', () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `${LINE} ${i}`);
    const kept = lines.map((line, i) => (i % 2500 ? line : `${line} note`));
    expect(editDistance(lines.join('\n'), kept.join('\n'))).toBe(10);
  });

  it('gives up on what is long and differs in much, soon', () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `${LINE} ${i}`);
    const before = lines.join('\n');
    const after = lines.reverse().join('\n');
    const start = performance.now();
    expect(editDistance(before, after)).toBeNull();
    // 10 ms in a browser; a table of all pairs would take minutes.
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('counts a pair of surrogates as one character', () => {
    expect(countCharacters('a😀b')).toBe(3);
  });
});
