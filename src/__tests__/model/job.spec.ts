import { fromResponse, newJob, reduce } from '../../model/job';
import type { IJob } from '../../tokens';
import type { CodeGenerationResponse, Event } from '../../wire/schema';
import {
  DONE,
  GENERATOR,
  RUN,
  SANDBOX,
  close,
  delta,
  open,
  script,
  verified
} from '../fakes/script';

function play(events: Event[]): IJob {
  return events.reduce(reduce, newJob('j1', 'task', true));
}

describe('reduce', () => {
  it('gathers the reasoning, and begins anew with a repair', () => {
    const job = play(
      script(
        { type: 'reasoning', text: 'A mean' },
        { type: 'reasoning', text: ' by group.' },
        { type: 'repair', round: 1, rounds: 3, reason: '', cells: [] },
        { type: 'reasoning', text: 'The name was wrong.' }
      )
    );
    expect(job.reasoning).toBe('A mean by group.\n\nThe name was wrong.');
  });

  it('keeps no reasoning without end', () => {
    const text = 'x'.repeat(60_000);
    const job = play(
      script({ type: 'reasoning', text }, { type: 'reasoning', text })
    );
    expect(job.reasoning).toHaveLength(100_000);
  });

  it('gathers a cell from its deltas and takes the final text', () => {
    const job = play(
      script(
        open('c1', 0),
        delta('c1', 'x ='),
        delta('c1', ' 1'),
        close('c1', 'x = 1\n')
      )
    );
    expect(job.drafts).toMatchObject([
      { id: 'c1', source: 'x = 1\n', state: 'closed' }
    ]);
    expect(job.lastSeq).toBe(4);
  });

  it('keeps the order of the notebook, not that of arrival', () => {
    const job = play(script(open('b', 1), open('a', 0)));
    expect(job.drafts.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('removes a cell that is closed with no text', () => {
    const job = play(script(open('c1', 0), close('c1', '')));
    expect(job.drafts[0]?.state).toBe('removed');
  });

  it('forgets findings and runs of the cells under repair', () => {
    const finding = {
      check: 'api' as const,
      severity: 'error' as const,
      cell: 'a',
      line: 1,
      symbol: '',
      message: 'no such name',
      suggestions: [],
      evidence: [],
      need: null
    };
    const job = play(
      script(
        open('a', 0),
        open('b', 1),
        { type: 'finding', finding },
        { type: 'finding', finding: { ...finding, cell: 'b' } },
        verified('a'),
        { type: 'repair', round: 1, rounds: 3, cells: ['a'], reason: '' }
      )
    );
    expect(job.drafts[0]).toMatchObject({ findings: [], verification: null });
    expect(job.drafts[1]?.findings).toHaveLength(1);
  });

  it('lists each stage once, with the last one running', () => {
    const job = play(
      script(
        { type: 'stage', stage: 'collect', detail: 'pandas' },
        {
          type: 'progress',
          stage: 'collect',
          message: 'read',
          done: 1,
          total: 4
        },
        { type: 'stage', stage: 'verify', detail: '' },
        { type: 'stage', stage: 'repair', detail: '' },
        { type: 'stage', stage: 'verify', detail: 'again' }
      )
    );
    expect(job.steps).toEqual([
      { stage: 'collect', running: false, detail: 'read', done: 1, total: 4 },
      { stage: 'verify', running: true, detail: 'again', done: 0, total: 0 },
      { stage: 'repair', running: false, detail: '', done: 0, total: 0 }
    ]);
  });

  it('ends, and leaves no cell open', () => {
    const job = play(script(GENERATOR, open('a', 0), DONE));
    expect(job).toMatchObject({ ended: true, outcome: 'done' });
    expect(job.drafts[0]?.state).toBe('closed');
  });

  it.each([
    [{ ...DONE, state: 'cancelled' as const }, 'cancelled'],
    [
      {
        type: 'error' as const,
        problem: {
          type: '',
          title: 't',
          status: 502,
          detail: '',
          code: 'engine',
          hint: ''
        }
      },
      'error'
    ]
  ])('tells how it ended: %#', (event, outcome) => {
    expect(play(script(event)).outcome).toBe(outcome);
  });

  it('ignores what a later version may send', () => {
    const odd = { type: 'sparkle', seq: 1, job: 'j1' } as unknown as Event;
    expect(play([odd])).toMatchObject({ lastSeq: 1, ended: false });
  });
});

describe('fromResponse', () => {
  it('takes the cells of an ended job from its summary', () => {
    const answer: CodeGenerationResponse = {
      kind: 'generate',
      environment: null,
      job: 'j1',
      state: 'done',
      task: 't',
      language: 'python',
      generator: 'model',
      model: 'gpt-oss-20b',
      seed: null,
      templates: '',
      edit: null,
      created_at: '',
      finished_at: '',
      stage: 'done',
      last_seq: 9,
      cells: [
        {
          id: 'c1',
          kind: 'code',
          change: 'new',
          target: '',
          language: 'python',
          source: 'x',
          sources: [],
          units: [],
          findings: [],
          verification: RUN
        }
      ],
      corpora: [],
      usage: {
        prompt_tokens: 0,
        completion_tokens: 0,
        reasoning_tokens: 0,
        cached_tokens: 0,
        drafted_tokens: 0,
        accepted_tokens: 0
      },
      repairs: 0,
      paper: null,
      gaps: [],
      warnings: ['careful'],
      sandbox: SANDBOX,
      error: null
    };
    expect(fromResponse(answer)).toMatchObject({
      ended: true,
      outcome: 'done',
      drafts: [{ id: 'c1', index: 0, state: 'closed' }],
      warnings: [{ message: 'careful', hint: '' }]
    });
  });
});
