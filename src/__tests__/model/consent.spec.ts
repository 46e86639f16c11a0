import { DataConsent, folderOf } from '../../model/consent';

describe('folderOf', () => {
  it.each([
    ['a.ipynb', '.'],
    ['study/a.ipynb', 'study'],
    ['study/two/a.ipynb', 'study/two']
  ])('of %s is %s', (notebook, folder) => {
    expect(folderOf(notebook)).toBe(folder);
  });
});

describe('DataConsent', () => {
  it('is given by notebook, and taken back', () => {
    const consent = new DataConsent();
    expect(consent.paths('study/a.ipynb')).toEqual([]);
    consent.set('study/a.ipynb', true);
    expect(consent.paths('study/a.ipynb')).toEqual(['study']);
    expect(consent.paths('study/b.ipynb')).toEqual([]);
    consent.set('study/a.ipynb', false);
    expect(consent.given('study/a.ipynb')).toBe(false);
  });

  it('is not given where no notebook is open', () => {
    const consent = new DataConsent();
    consent.set('', true);
    expect(consent.paths('')).toEqual([]);
  });
});
