import { nullTranslator } from '@jupyterlab/translation';

import { newJob, reduce } from '../../model/job';
import {
  announcement,
  dataReason,
  percentOf,
  problemText,
  sandboxLine,
  sourceName,
  spentParts
} from '../../widgets/labels';
import type { Event } from '../../wire/schema';
import { DONE, SANDBOX, delta, open, script } from '../fakes/script';

const trans = nullTranslator.load('gptoss_lab');

describe('announcement', () => {
  const at = (events: Event[]) =>
    announcement(events.reduce(reduce, newJob('j1', 't', true)), trans);

  it('names phases and never what arrives', () => {
    const events = script(
      { type: 'stage', stage: 'stream', detail: '' },
      open('a', 0),
      delta('a', 'secret = 1'),
      delta('a', '\n')
    );
    const heard = events.map((_, index) => at(events.slice(0, index + 1)));
    expect(new Set(heard)).toEqual(new Set(['Write the cells']));
  });

  it('tells how many cells wait at the end', () => {
    expect(at(script(open('a', 0), DONE))).toBe(
      'The generation has ended. 1 cell waits for review.'
    );
  });
});

describe('what a job has cost', () => {
  it('tells tokens and rounds, and nothing before there are any', () => {
    const job = newJob('j1', 't', true);
    expect(spentParts(job, trans)).toEqual([]);
    const usage = {
      prompt_tokens: 12,
      completion_tokens: 7,
      reasoning_tokens: 5,
      cached_tokens: 0,
      drafted_tokens: 0,
      accepted_tokens: 0
    };
    const spent = script(
      { type: 'usage', usage },
      { type: 'repair', round: 1, rounds: 3, cells: [], reason: '' }
    ).reduce(reduce, job);
    expect(spentParts(spent, trans)).toEqual([
      '12 tokens read, 7 written',
      'repair 1 of 3'
    ]);
  });
});

describe('lines about the server', () => {
  it.each([
    [SANDBOX, true, 'Cells are run in a sandbox (bubblewrap) first.'],
    [SANDBOX, false, 'Verification is off in the settings.'],
    [
      { ...SANDBOX, available: false, reason: 'no runtime' },
      true,
      'Verification is off: no runtime'
    ],
    [
      { ...SANDBOX, image_ready: false },
      true,
      'The sandbox (bubblewrap) is not built yet.'
    ]
  ])('%#', (sandbox, verify, line) => {
    expect(sandboxLine({ sandbox }, verify, trans)).toBe(line);
  });
});

it.each([
  [0, 0, null],
  [1, 4, 25],
  [9, 4, 100]
])('%d of %d is %s percent', (done, total, percent) => {
  const step = { stage: 'verify' as const, running: true, detail: '' };
  expect(percentOf({ ...step, done, total })).toBe(percent);
});

it.each([
  ['package' as const, 'pandas', 'pandas'],
  ['url' as const, 'https://a.org/docs/', 'a.org/docs'],
  ['folder' as const, 'x/docs/', 'docs'],
  ['auto' as const, '~/p/one.pdf', 'one.pdf']
])('a %s source %s is called %s', (kind, uri, name) => {
  expect(sourceName({ kind, uri })).toBe(name);
});

it.each([
  ['cut_off', 'The connection to the server was lost.'],
  ['unreachable', 'The server does not answer.'],
  ['engine', 'as the server says']
])('says problem %s', (code, text) => {
  const problem = {
    type: '',
    title: '',
    status: 0,
    detail: 'as the server says',
    code,
    hint: ''
  };
  expect(problemText(problem, trans).detail).toBe(text);
});

describe('dataReason', () => {
  it.each([
    [{ notebook: 'a.ipynb', verify: true, allowed: true }, ''],
    [{ notebook: '', verify: true, allowed: true }, 'Open a notebook first'],
    [{ notebook: 'a.ipynb', verify: false, allowed: true }, 'Verification is'],
    [{ notebook: 'a.ipynb', verify: true, allowed: false }, 'This server shows']
  ])('of %j', (known, reason) => {
    const said = dataReason(known, trans);
    expect(reason === '' ? said : said.slice(0, reason.length)).toBe(reason);
  });
});
