import { nullTranslator } from '@jupyterlab/translation';

import { placeText, targetOf } from '../../model/paper_places';
import type { Place } from '../../wire/schema';

const trans = nullTranslator.load('gptoss_lab');

const NOWHERE: Place = { page: null, section: [], anchor: '' };
const PAGE: Place = { ...NOWHERE, page: 12 };

describe('targetOf', () => {
  it.each([
    ['a/b.pdf', ['a/b.pdf'], PAGE, { path: 'a/b.pdf', fragment: '#page=12' }],
    ['a.tex', ['a.tex'], NOWHERE, { path: 'a.tex', fragment: '' }],
    [
      'a.html',
      ['a.html'],
      { ...NOWHERE, anchor: 'sec 2' },
      { path: 'a.html', fragment: '#sec%202' }
    ],
    // An archive is no page; what was found in it may be.
    ['a.tar.gz', [], PAGE, null],
    [
      'a.zip',
      ['a/main.tex'],
      PAGE,
      { path: 'a/main.tex', fragment: '#page=12' }
    ],
    [
      '/srv/work/a.pdf',
      ['/srv/work/a.pdf'],
      PAGE,
      { path: 'a.pdf', fragment: '#page=12' }
    ],
    ['/etc/a.pdf', ['/etc/a.pdf'], PAGE, null],
    ['../a.pdf', ['../a.pdf'], PAGE, null],
    [
      'arXiv:1406.5823',
      ['/var/cache/x.pdf'],
      PAGE,
      { url: 'https://arxiv.org/pdf/1406.5823#page=12' }
    ],
    [
      'doi:10.18637/jss.v067.i01',
      [],
      NOWHERE,
      { url: 'https://doi.org/10.18637/jss.v067.i01' }
    ],
    [
      'https://x.org/a.pdf#here',
      [],
      PAGE,
      { url: 'https://x.org/a.pdf#page=12' }
    ],
    ['javascript:alert(1).pdf', [], PAGE, null]
  ] as const)('%s %j', (uri, files, place, target) => {
    expect(targetOf({ uri, files }, place as Place, '/srv/work')).toEqual(
      target
    );
  });
});

describe('placeText', () => {
  it.each([
    [PAGE, 'p. 12'],
    [{ ...NOWHERE, section: ['Methods', 'Data'] }, 'Data'],
    [{ ...NOWHERE, anchor: 'eq:1' }, 'eq:1'],
    [NOWHERE, '']
  ])('%j', (place, text) => {
    expect(placeText(place, trans)).toBe(text);
  });
});
