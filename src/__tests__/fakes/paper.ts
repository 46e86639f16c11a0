import type {
  Candidate,
  Claim,
  PaperEvent,
  PaperSummary,
  Unit
} from '../../wire/schema';

export function candidate(id: string, fields: Partial<Candidate> = {}) {
  return {
    id,
    kind: 'model',
    title: `Model ${id}`,
    blocks: ['b1'],
    place: { page: 4, section: ['Methods'], anchor: '' },
    score: 0.5,
    ...fields
  } as Candidate;
}

/**
 * A paper with two things to implement.
 */
export function paper(fields: Partial<PaperSummary> = {}): PaperSummary {
  return {
    id: 'p1',
    uri: 'papers/lmer.pdf',
    form: 'pdf',
    title: 'Fitting Linear Mixed-Effects Models',
    authors: ['A. Author', 'B. Author'],
    files: ['papers/lmer.pdf'],
    lost: ['exponents'],
    pages: 51,
    sections: [
      {
        title: 'Methods',
        level: 1,
        place: { page: 4, section: [], anchor: '' }
      }
    ],
    blocks: { prose: 40, equation: 12, table: 3, code: 8 },
    candidates: [
      candidate('c1', { score: 0.9, kind: 'code', title: 'Printed code' }),
      candidate('c2', { score: 0.3 })
    ],
    ...fields
  };
}

export function unit(id: string, fields: Partial<Unit> = {}): Unit {
  return {
    id,
    statement: `Fit the model ${id}`,
    quote: `we fit the model ${id}`,
    block: 'b1',
    place: { page: 4, section: ['Methods'], anchor: '' },
    status: 'supported',
    question: '',
    answer: '',
    owner: '',
    verdict: 'open',
    note: '',
    ...fields
  };
}

export function claim(id: string, fields: Partial<Claim> = {}): Claim {
  return {
    id,
    metric: 'REML criterion',
    dataset: '',
    printed: '1743.6',
    value: 1743.6,
    unit: '',
    direction: '',
    tolerance: 0.05,
    quote: 'REML criterion at convergence: 1743.6',
    block: 'b2',
    place: { page: 12, section: [], anchor: '' },
    cell: '',
    computed: null,
    stand_in: false,
    state: 'open',
    reason: '',
    ...fields
  };
}

/**
 * The event that tells a paper, without its number.
 */
export function told(
  fields: Partial<PaperEvent> = {}
): Omit<PaperEvent, 'seq' | 'job'> {
  return {
    type: 'paper',
    paper: paper(),
    scope: [],
    config: [],
    assumptions: [],
    missing: [],
    ...fields
  };
}
