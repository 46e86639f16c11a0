import { nullTranslator } from '@jupyterlab/translation';

import { PaperRefused } from '../../model/paper_upload';
import {
  authorsText,
  claimCounts,
  claimState,
  numberText,
  readingText,
  refusalText,
  unitState
} from '../../widgets/paper_labels';
import { newJob, reduce } from '../../model/job';
import type { Claim, Unit } from '../../wire/schema';
import { claim, paper, told, unit } from '../fakes/paper';
import { DONE, script } from '../fakes/script';

const trans = nullTranslator.load('gptoss_lab');

describe('a state', () => {
  const claims: Claim['state'][] = [
    'open',
    'verified',
    'differs',
    'not_run',
    'not_checkable'
  ];
  const verdicts: Unit['verdict'][] = [
    'pass',
    'missing',
    'wrong_surface',
    'inconsistent',
    'not_implemented'
  ];

  it('of a claim has a word and a sign of its own', () => {
    const all = claims.map(state => claimState({ state }, trans));
    expect(new Set(all.map(({ word }) => word)).size).toBe(5);
    expect(new Set(all.map(({ mark }) => mark)).size).toBe(5);
  });

  it('of a requirement has a word of its own', () => {
    const words = [
      ...verdicts.map(verdict =>
        unitState({ status: 'supported', verdict }, trans)
      ),
      ...(['supported', 'inferred', 'unresolved'] as const).map(status =>
        unitState({ status, verdict: 'open' }, trans)
      )
    ].map(({ word }) => word);
    expect(new Set(words).size).toBe(8);
  });

  it('is counted, the best first', () => {
    const some = claims.map((state, at) => claim(`k${at}`, { state }));
    expect(
      claimCounts([...some, claim('x', { state: 'verified' })], trans)
    ).toBe('2 verified · 1 differs · 1 not run · 1 not checkable · 1 waiting');
  });
});

describe('numberText', () => {
  it.each([
    [1743.628271959, '1743.6', '1743.63'],
    [251.40510484848, '251.41', '251.405'],
    [12, '12', '12.0'],
    [12, '1.2e1', '12'],
    [1.25e-7, '0.0000', '1.25e-7'],
    [0, '0.00', '0.000'],
    [0.123456789, '12%', '0.123457']
  ])('%d beside %s', (value, printed, text) => {
    expect(numberText(value, printed)).toBe(text);
  });
});

describe('authorsText', () => {
  it('names six, and counts the others', () => {
    expect(authorsText([...'abcdef'], trans)).toBe('a, b, c, d, e, f');
    expect(authorsText([...'abcdefgh'], trans)).toBe(
      'a, b, c, d, e, f and 2 more'
    );
  });
});

describe('refusalText', () => {
  it.each([
    ['name', 'drop a PDF'],
    ['empty', 'a.pdf is empty'],
    ['size', 'larger than 50 MB'],
    ['save', 'could not be saved on the server: read-only']
  ] as const)('says what to do: %s', (why, words) => {
    const refused = new PaperRefused(why, 'a.pdf', 'read-only');
    expect(refusalText(refused, 50 * 2 ** 20, trans)).toContain(words);
  });
});

describe('readingText', () => {
  const said = (...events: Parameters<typeof script>) => {
    const job = script(...events).reduce(reduce, newJob('j1', 't', false));
    return readingText(
      {
        job,
        told: job.paper,
        reading: !job.ended,
        ready: job.outcome === 'done' && job.paper !== null
      },
      trans
    );
  };

  it('tells of the phase, and of the end', () => {
    expect(said()).toBe('Reading the paper');
    expect(said({ type: 'stage', stage: 'units', detail: '' })).toBe(
      'Find what it requires'
    );
    expect(said({ ...DONE, state: 'cancelled' } as typeof DONE)).toBe(
      'Reading was stopped.'
    );
    expect(said(told(), { type: 'unit', unit: unit('u') }, DONE)).toContain(
      `There are ${paper().candidates.length} things`
    );
  });
});
