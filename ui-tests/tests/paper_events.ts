import type { IEvent } from './stream_server';

const page = (number: number) => ({ page: number, section: [], anchor: '' });

/**
 * What a server tells of a paper with two things to implement.
 */
export function paperOf(path: string): Record<string, unknown> {
  return {
    id: 'p1',
    uri: path,
    form: 'pdf',
    title: 'Fitting Linear Mixed-Effects Models Using lme4',
    authors: ['D. Bates', 'M. Mächler', 'B. Bolker', 'S. Walker'],
    files: [path],
    lost: ['exponents', 'fractions'],
    pages: 3,
    sections: [
      { title: 'Introduction', level: 1, place: page(1) },
      { title: 'Sleep study', level: 1, place: page(2) }
    ],
    blocks: { prose: 24, equation: 4, table: 2, code: 5 },
    candidates: [
      {
        id: 'code',
        kind: 'code',
        title: 'Code that the paper prints',
        blocks: ['b1'],
        place: page(2),
        score: 0.9
      },
      {
        id: 'lmm',
        kind: 'model',
        title: 'The linear mixed model (1) and its profiled deviance',
        blocks: ['b2'],
        place: page(1),
        score: 0.4
      },
      {
        id: 'exp',
        kind: 'experiment',
        title: 'Comparison of optimizers on the sleep study data',
        blocks: ['b3'],
        place: page(3),
        score: 0.2
      }
    ]
  };
}

export function told(path: string, more: Record<string, unknown> = {}): IEvent {
  return {
    type: 'paper',
    paper: paperOf(path),
    scope: [],
    config: [],
    assumptions: [],
    missing: [],
    ...more
  };
}

export function unit(id: string, more: Record<string, unknown> = {}): IEvent {
  return {
    type: 'unit',
    unit: {
      id,
      statement: 'Fit the model by REML with a random slope of Days',
      quote:
        'we fit a model with a random intercept and slope for each subject',
      block: 'b1',
      place: page(2),
      status: 'supported',
      question: '',
      answer: '',
      owner: '',
      verdict: 'open',
      note: '',
      ...more
    }
  };
}

export function claim(
  id: string,
  metric: string,
  printed: string,
  more: Record<string, unknown> = {}
): IEvent {
  return {
    type: 'claim',
    claim: {
      id,
      metric,
      dataset: 'sleepstudy',
      printed,
      value: Number(printed),
      unit: '',
      direction: '',
      tolerance: 0.05,
      quote: `${metric}: ${printed}`,
      block: 'b4',
      place: page(3),
      cell: 'a',
      computed: null,
      stand_in: false,
      state: 'open',
      reason: '',
      ...more
    }
  };
}

export const READ: IEvent[] = [
  { type: 'stage', stage: 'load', detail: '' },
  { type: 'progress', stage: 'load', message: 'Page 2 of 3', done: 2, total: 3 }
];
