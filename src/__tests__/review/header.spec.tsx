import { nullTranslator } from '@jupyterlab/translation';
import React, { act } from 'react';
import { createRoot } from 'react-dom/client';

import { readProvenance } from '../../model/provenance';
import { badgeOf, placeOf } from '../../review/badge';
import { HeaderRow } from '../../review/header';
import type { IVerb } from '../../review/header';
import type { IImplemented } from '../../review/implements';
import type { CellProvenance, VerificationNote } from '../../wire/schema';
import { paper, unit } from '../fakes/paper';

const trans = nullTranslator.load('gptoss_lab');

const NOTE: VerificationNote = {
  status: 'ok',
  duration_s: 0.42,
  peak_memory_bytes: 120 * 2 ** 20,
  runtime: 'bubblewrap',
  image: '',
  error: ''
};

const CITATION = {
  source: 'pandas',
  title: 'Group by',
  version: '3.1.1',
  symbol: '',
  page: null,
  anchor: '',
  link: ''
};

function provenance(fields: Partial<CellProvenance> = {}): CellProvenance {
  const base = readProvenance({ getMetadata: () => ({ review: 'pending' }) });
  if (!base) {
    throw new Error('unreachable');
  }
  return { ...base, verification: NOTE, ...fields };
}

describe('badgeOf', () => {
  it.each([
    [NOTE, 'ok', 'Verified in sandbox (bubblewrap) · 0.4 s · 120 MB'],
    [
      { ...NOTE, peak_memory_bytes: null, duration_s: 12.3 },
      'ok',
      'Verified in sandbox (bubblewrap) · 12 s'
    ],
    [
      { ...NOTE, status: 'error', error: 'Traceback\nKeyError: x\n' },
      'error',
      'Failed in sandbox: KeyError: x'
    ],
    [
      { ...NOTE, status: 'timeout', duration_s: 60 },
      'error',
      'Stopped in the sandbox after 60 s'
    ],
    [{ ...NOTE, status: 'oom' }, 'error', 'Out of memory in the sandbox'],
    [{ ...NOTE, status: 'skipped' }, 'warning', 'Not run in the sandbox'],
    [{ ...NOTE, status: 'pending' }, 'quiet', 'Waiting for the sandbox']
  ] as const)('%j', (note, tone, text) => {
    expect(badgeOf(note as VerificationNote, trans)).toEqual({ tone, text });
  });

  it('is silent where nothing was to be run', () => {
    expect(badgeOf({ ...NOTE, status: 'off' }, trans)).toBeNull();
  });
});

describe('placeOf', () => {
  it.each([
    [CITATION, 'Group by (3.1.1)'],
    [{ ...CITATION, symbol: 'pandas.mean' }, 'pandas.mean (3.1.1)'],
    [{ ...CITATION, version: '', page: 7 }, 'Group by, page 7']
  ])('%#: %s', (citation, text) => {
    expect(placeOf(citation, trans)).toBe(text);
  });
});

describe('HeaderRow', () => {
  const onVerb = jest.fn();
  const onOpenPlace = jest.fn();

  function render(
    data: CellProvenance,
    writing = false,
    verbs: readonly IVerb[] = [],
    implemented: IImplemented | null = null
  ) {
    const host = document.createElement('div');
    document.body.append(host);
    const onAccept = jest.fn();
    const onReject = jest.fn();
    act(() => {
      createRoot(host).render(
        <HeaderRow
          provenance={data}
          writing={writing}
          trans={trans}
          verbs={verbs}
          implemented={implemented}
          root=""
          onOpenPlace={onOpenPlace}
          titleOf={verdict => verdict}
          onVerb={onVerb}
          onAccept={onAccept}
          onReject={onReject}
        />
      );
    });
    const button = (name: string) =>
      [...host.querySelectorAll('button')].find(
        ({ textContent }) => textContent === name
      );
    return { host, onAccept, onReject, button };
  }

  it('says which words of a paper a cell implements, and opens them', () => {
    const implemented = {
      paper: paper(),
      units: [unit('u1'), unit('u2', { quote: 'q'.repeat(99) })]
    };
    const { button, host } = render(
      provenance({ units: ['u1', 'u2'] }),
      false,
      [],
      implemented
    );
    act(() => button('“we fit the model u1”, p. 4')?.click());
    expect(onOpenPlace).toHaveBeenCalledWith({
      path: 'papers/lmer.pdf',
      fragment: '#page=4'
    });
    expect(host.textContent).toContain('+1');
    act(() => button('Details')?.click());
    const quotes = [...host.querySelectorAll('q')].map(
      ({ textContent }) => textContent
    );
    expect(quotes).toEqual(['we fit the model u1', 'q'.repeat(99)]);
  });

  it('opens the paper where a cell of its printed code comes from', () => {
    const citation = { ...CITATION, source: paper().title, page: 7 };
    const { button, host } = render(
      provenance({ sources: [citation] }),
      false,
      [],
      { paper: paper(), units: [] }
    );
    expect(host.textContent).toContain('From the paper');
    act(() => button('Group by (3.1.1), page 7')?.click());
    expect(onOpenPlace).toHaveBeenLastCalledWith({
      path: 'papers/lmer.pdf',
      fragment: '#page=7'
    });
  });

  it('accepts and rejects', () => {
    const { button, onAccept, onReject } = render(provenance());
    act(() => button('Accept')?.click());
    act(() => button('Reject')?.click());
    expect(onAccept).toHaveBeenCalledTimes(1);
    expect(onReject).toHaveBeenCalledTimes(1);
  });

  it('waits for the text before anything can be decided', () => {
    const { button, host } = render(provenance(), true);
    expect(button('Accept')?.disabled).toBe(true);
    expect(button('Reject')?.disabled).toBe(true);
    expect(host.textContent).toContain('Writing…');
  });

  it('shows findings and sources on demand', () => {
    const data = provenance({
      sources: [CITATION, { ...CITATION, title: 'Two' }],
      checks: [
        {
          check: 'api',
          severity: 'error',
          cell: 'a',
          line: 3,
          symbol: '',
          message: 'no such name',
          suggestions: ['mean'],
          evidence: [],
          need: null
        }
      ]
    });
    const { button, host } = render(data);
    expect(host.textContent).not.toContain('no such name');
    act(() => button('1 finding')?.click());
    expect(host.textContent).toContain('Line 3: no such name');
    expect(host.textContent).toContain('Perhaps: mean');
    expect(host.textContent).toContain('Two');
  });

  it('makes a link of a web address and of nothing else', () => {
    const links = (link: string) =>
      render(
        provenance({ sources: [{ ...CITATION, link }] })
      ).host.querySelectorAll('a').length;
    expect(links('https://pandas.pydata.org')).toBe(1);
    expect(links('javascript:alert(1)')).toBe(0);
    expect(links('')).toBe(0);
  });

  it.each([
    ['new', 'Pending'],
    ['changed', 'Changed'],
    ['deleted', 'To be deleted']
  ] as const)('says what kind of change a %s cell is', (change, text) => {
    const { host } = render(provenance({ change }));
    expect(host.querySelector('.jp-Gptoss-badge')?.textContent).toBe(text);
    expect(
      host.querySelector('[role="group"]')?.getAttribute('aria-label')
    ).toContain('Pending review');
  });

  it('offers what else can be done with the cell', () => {
    const { button } = render(provenance(), false, [
      { id: 'lab:redo', label: 'Redo with…' }
    ]);
    act(() => button('Redo with…')?.click());
    expect(onVerb).toHaveBeenCalledWith('lab:redo');
  });

  it('tells of the task, the seed, the time, the memory and the image', () => {
    const { button, host } = render(
      provenance({
        task: 'Mean of a column',
        seed: 7,
        verification: { ...NOTE, image: 'gptoss/python:1' }
      })
    );
    act(() => button('Details')?.click());
    const facts = [...host.querySelectorAll('dd')].map(
      ({ textContent }) => textContent
    );
    expect(facts).toEqual([
      'Mean of a column',
      'Example from the documentation',
      '7',
      'Verified in sandbox (bubblewrap) · 0.4 s · 120 MB',
      '0.4 s',
      '120 MB',
      'gptoss/python:1'
    ]);
  });
});
