import { PromiseDelegate } from '@lumino/coreutils';

import { RequestError } from '../../request';
import type { IGenerationApi } from '../../tokens';
import type {
  Candidate,
  Claim,
  CodeGenerationRequest,
  CodeGenerationResponse,
  Event,
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

/**
 * A server that reads papers; what it tells waits until the test says it.
 */
export class FakePaperApi implements Pick<
  IGenerationApi,
  'generate' | 'job' | 'cancel' | 'events'
> {
  readonly requests: CodeGenerationRequest[] = [];
  readonly cancelled: string[] = [];
  readonly readFrom: number[] = [];
  known: CodeGenerationResponse | null = null;
  failure: Error | null = null;

  async generate(request: CodeGenerationRequest) {
    this.requests.push(request);
    const job = `j${this.requests.length}`;
    await this.held;
    if (this.failure) {
      throw this.failure;
    }
    return { job, events: '', state: 'queued' as const };
  }

  async job(): Promise<CodeGenerationResponse> {
    if (!this.known) {
      throw problem(404);
    }
    return this.known;
  }

  async cancel(id: string): Promise<void> {
    this.cancelled.push(id);
    if (this.failure) {
      throw this.failure;
    }
  }

  async *events(_: string, options: { after?: number } = {}) {
    this.readFrom.push(options.after ?? 0);
    for (let seen = 0; ; seen += 1) {
      while (this._told.length <= seen) {
        await this._more.promise;
      }
      const event = this._told[seen];
      if (event instanceof Error) {
        throw event;
      }
      if (event) {
        yield event;
        if (event.type === 'done' || event.type === 'error') {
          return;
        }
      }
    }
  }

  /**
   * Tell events, or break; wait until they have arrived.
   */
  async tell(...events: (Event | Error)[]): Promise<void> {
    this._told.push(...events);
    const { _more: more } = this;
    this._more = new PromiseDelegate<void>();
    more.resolve();
    await new Promise(resolve => setTimeout(resolve, 0));
    await new Promise(resolve => setTimeout(resolve, 0));
  }

  /**
   * Keep answers to a start back until it resolves.
   */
  held: Promise<void> = Promise.resolve();
  private readonly _told: (Event | Error)[] = [];
  private _more = new PromiseDelegate<void>();
}

export function problem(status: number): RequestError {
  return new RequestError({
    type: '',
    title: 'No',
    status,
    detail: 'It cannot be read.',
    code: 'x',
    hint: 'Give another file.'
  });
}
