import type { IExecutionApi } from '../../model/edit_preview';
import { RequestError } from '../../request';
import type {
  CellVerification,
  ExecutionEvent,
  ExecutionRequest,
  Problem
} from '../../wire/schema';
import { RUN } from './script';

/**
 * Without the distribution, `Omit` would merge the union's members into one.
 */
type Unnumbered<T> = T extends ExecutionEvent
  ? Omit<T, 'seq' | 'job' | 't'>
  : never;

/**
 * A sandbox that tells what it is given, and then waits to be told more.
 */
export class FakeExecution implements IExecutionApi {
  readonly asked: ExecutionRequest[] = [];
  readonly cancelled: string[] = [];
  down: Problem | null = null;

  async execute(
    request: ExecutionRequest
  ): Promise<{ job: string; events: string; state: 'queued' }> {
    if (this.down) {
      throw new RequestError(this.down);
    }
    this.asked.push(request);
    return { job: `x${this.asked.length}`, events: '', state: 'queued' };
  }

  async cancel(id: string): Promise<void> {
    this.cancelled.push(id);
  }

  async *events(
    id: string,
    options: { signal?: AbortSignal } = {}
  ): AsyncGenerator<ExecutionEvent, void, undefined> {
    for (let seq = 1; !options.signal?.aborted; seq += 1) {
      const event = this._events.shift() ?? (await this._next());
      yield { ...event, seq, job: id, t: seq } as ExecutionEvent;
      if (event.type === 'end') {
        return;
      }
    }
  }

  /**
   * Tell events, and let who reads them go on.
   */
  async tell(...events: Unnumbered<ExecutionEvent>[]): Promise<void> {
    this._events.push(...events);
    const first = this._waiting && this._events.shift();
    if (first) {
      this._waiting?.(first);
      this._waiting = null;
    }
    await new Promise(resolve => setTimeout(resolve, 0));
  }

  private _next(): Promise<Unnumbered<ExecutionEvent>> {
    return new Promise(resolve => {
      this._waiting = resolve;
    });
  }

  private readonly _events: Unnumbered<ExecutionEvent>[] = [];
  private _waiting: ((event: Unnumbered<ExecutionEvent>) => void) | null = null;
}

export const START: Unnumbered<ExecutionEvent> = {
  type: 'start',
  sandbox: 's',
  language: 'python',
  runtime: 'bubblewrap',
  isolation: '',
  image: 'i',
  limits: {} as never,
  cells: 2,
  warm: false,
  environment: null,
  data: []
};

export function cellEnd(
  cell: number,
  fields: Partial<CellVerification> = {}
): Unnumbered<ExecutionEvent> {
  return { type: 'cell_end', cell, verification: { ...RUN, ...fields } };
}

export function end(
  fields: { status?: 'ok' | 'error'; problem?: Problem } = {}
): Unnumbered<ExecutionEvent> {
  return {
    type: 'end',
    status: fields.status ?? 'ok',
    sandbox: '',
    duration_s: 1,
    state_lost: false,
    usage_peak: {} as never,
    files: [],
    problem: fields.problem ?? null
  };
}

export function raised(cell: number): Unnumbered<ExecutionEvent> {
  return {
    type: 'error',
    cell,
    ename: 'NameError',
    evalue: "name 'df' is not defined",
    traceback: ['NameError: …']
  };
}
