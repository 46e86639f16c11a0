import {
  acceptedHunk,
  hunkAt,
  hunksOf,
  linesOfHunk,
  rejectedHunk,
  replacement
} from '../../model/hunks';

/**
 * Numbers that are the same in each run.
 */
function lots(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return state % below;
  };
}

/**
 * Two texts of few words, so that lines often repeat.
 */
function pair(seed: number): [string, string] {
  const draw = lots(seed);
  const words = ['a', 'b', 'c = 1', '', 'def f(x):', '    return x'];
  const lines = (most: number) =>
    Array.from({ length: draw(most) }, () => words[draw(words.length)] ?? '');
  const original = lines(9);
  const source = original.flatMap(line => {
    const lot = draw(6);
    return lot === 0 ? [] : lot === 1 ? [...lines(3), line] : [line];
  });
  return [original.join('\n'), source.join('\n')];
}

const PAIRS = Array.from({ length: 300 }, (_, seed) => pair(seed + 1));

describe('hunks', () => {
  it('are none where nothing differs', () => {
    expect(hunksOf('a\nb', 'a\nb')).toEqual([]);
  });

  it.each([
    ['the first line', 'a\nb\nc', 'x\nb\nc', 2],
    ['an added line', 'a', 'a\nb', 1],
    ['a removed line', 'a\nb', 'a', 1],
    ['all of a new cell', '', 'a\nb\nc', 3]
  ])('count the lines of %s', (_, original, source, lines) => {
    const [hunk] = hunksOf(original, source);
    expect(hunk && linesOfHunk(original, source, hunk)).toBeGreaterThanOrEqual(
      lines
    );
  });

  it('lead to the text, accepted one after the other', () => {
    for (const [first, source] of PAIRS) {
      let original = first;
      for (;;) {
        const hunks = hunksOf(original, source);
        const last = hunks[hunks.length - 1];
        if (!last) {
          break;
        }
        original = acceptedHunk(original, source, last);
        expect(hunksOf(original, source).length).toBeLessThan(hunks.length);
      }
      expect(original).toBe(source);
    }
  });

  it('lead to the original, rejected one after the other', () => {
    for (const [original, first] of PAIRS) {
      let source = first;
      for (;;) {
        const [hunk] = hunksOf(original, source);
        if (!hunk) {
          break;
        }
        source = rejectedHunk(original, source, hunk);
      }
      expect(source).toBe(original);
    }
  });

  it('are found at, after and before a place', () => {
    const source = 'A\nb\nc\nd\nE';
    const hunks = hunksOf('a\nb\nc\nd\ne', source);
    expect(hunks).toHaveLength(2);
    expect(hunkAt(hunks, 0)).toBe(hunks[0]);
    expect(hunkAt(hunks, 4)).toBe(hunks[1]);
    expect(hunkAt(hunks, source.length)).toBe(hunks[1]);
    expect(hunkAt([], 0)).toBeNull();
  });
});

describe('replacement', () => {
  it('is the smallest part that differs', () => {
    for (const [before, after] of PAIRS) {
      const part = replacement(before, after);
      expect(part === null).toBe(before === after);
      if (part) {
        expect(
          before.slice(0, part.start) + part.text + before.slice(part.end)
        ).toBe(after);
      }
    }
    expect(replacement('aa', 'aaa')).toEqual({ start: 2, end: 2, text: 'a' });
  });
});
