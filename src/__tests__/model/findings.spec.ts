import { placeFindings } from '../../model/findings';
import type { Finding } from '../../wire/schema';

const CHECKED = 'import pandas\nx = 1\n\ny = pandas.nothing()\nprint(y)';

function finding(line: number): Finding {
  return {
    check: 'api',
    severity: 'error',
    cell: 'a',
    line,
    symbol: '',
    message: 'm',
    suggestions: [],
    evidence: [],
    need: null
  };
}

const linesIn = (source: string, ...lines: number[]) =>
  placeFindings(lines.map(finding), CHECKED, source).map(({ line }) => line);

describe('placeFindings', () => {
  it('leaves them where the text is as it was checked', () => {
    expect(linesIn(CHECKED, 1, 3, 4, 5)).toEqual([1, 3, 4, 5]);
  });

  it.each([
    ['above', `# one\n# two\n${CHECKED}`, [6]],
    ['below', `${CHECKED}\nz = 2`, [4]],
    ['of a line that is removed above', CHECKED.replace('x = 1\n', ''), [3]],
    ['in it', CHECKED.replace('nothing', 'mean'), []],
    ['that removes it', CHECKED.replace(/y = .*\n/, ''), []]
  ])('follows an edit %s', (_, source, lines) => {
    expect(linesIn(source, 4)).toEqual(lines);
  });

  it('leaves out what is about the whole cell, or about no line at all', () => {
    expect(linesIn(CHECKED, 0, 99)).toEqual([]);
  });

  it('takes the text itself where the checked one is not known', () => {
    expect(placeFindings([finding(2)], '', 'a\nb')).toMatchObject([
      { line: 2 }
    ]);
  });
});
