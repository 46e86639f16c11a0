import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

/**
 * An event of a job, without its number.
 */
export type IEvent = { type: string } & Record<string, unknown>;

interface IFakeJob {
  posted: number;
  bodies: unknown[];
  cancelled: number;
  resumedAfter: string[];
  push(event: IEvent): void;
  cut(): void;
}

type IFakeWindow = typeof window & { gptossJob: IFakeJob };

/**
 * Answers for the server in the page, so that a test says when what arrives.
 */
export class FakeJobs {
  constructor(private readonly _page: IJupyterLabPageFixture) {}

  /**
   * Take over what is asked of `/api/v1/code`.
   */
  async install(): Promise<void> {
    await this._page.evaluate(takeOver);
  }

  /**
   * Let events arrive, and wait until the page has painted them.
   */
  async push(...events: IEvent[]): Promise<void> {
    await this._page.evaluate(async list => {
      for (const event of list) {
        (window as IFakeWindow).gptossJob.push(event);
        await new Promise(resolve => setTimeout(resolve, 10));
      }
      await new Promise(resolve => setTimeout(resolve, 150));
    }, events);
  }

  /**
   * Break the connection.
   */
  async cut(): Promise<void> {
    await this._page.evaluate(() => (window as IFakeWindow).gptossJob.cut());
  }

  /**
   * What the page has asked for.
   */
  asked(): Promise<Pick<IFakeJob, 'posted' | 'cancelled' | 'resumedAfter'>> {
    return this._page.evaluate(() => {
      const { posted, cancelled, resumedAfter } = (window as IFakeWindow)
        .gptossJob;
      return { posted, cancelled, resumedAfter };
    });
  }

  /**
   * What was asked of `generate`, in order.
   */
  bodies(): Promise<unknown[]> {
    return this._page.evaluate(() => (window as IFakeWindow).gptossJob.bodies);
  }
}

export function open(
  cell: string,
  index: number,
  change: 'new' | 'changed' | 'deleted' = 'new',
  target = ''
): IEvent {
  const kind = { kind: 'code', language: 'python' };
  return { type: 'cell_open', cell, index, ...kind, change, target };
}

export function delta(cell: string, text: string): IEvent {
  return { type: 'cell_delta', cell, text };
}

export function close(cell: string, source: string): IEvent {
  return { type: 'cell_close', cell, source, sources: [], units: [] };
}

export const DONE: IEvent = {
  type: 'done',
  state: 'done',
  cells: 1,
  verified: 0,
  message: ''
};

function takeOver(): void {
  const { serverSettings } = window.jupyterapp.serviceManager;
  const real = serverSettings.fetch;
  const encoder = new TextEncoder();
  let lines: string[] = [];
  const name = () => (job.posted > 1 ? `fake${job.posted}` : 'fake');
  let stream: ReadableStreamDefaultController | null = null;
  const job: IFakeJob = {
    posted: 0,
    bodies: [],
    cancelled: 0,
    resumedAfter: [],
    push: event => {
      const seq = lines.length + 1;
      const line = JSON.stringify({ ...event, seq, job: name() });
      lines.push(`id: ${seq}\nevent: ${event.type}\ndata: ${line}\n\n`);
      stream?.enqueue(encoder.encode(lines[seq - 1]));
    },
    cut: () => {
      stream?.error(new TypeError('network error'));
      stream = null;
    }
  };
  (window as IFakeWindow).gptossJob = job;
  const answer = (body: unknown, status: number) =>
    new Response(JSON.stringify(body), { status });
  const fake: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (!url.includes('/api/v1/code/')) {
      return real(input, init);
    }
    const request = new Request(input, init);
    if (request.url.includes('/api/v1/code/generate')) {
      job.posted += 1;
      job.bodies.push(await request.json());
      // Each job tells its own; the events of the last one are pushed.
      lines = [];
      return answer({ job: name(), events: '', state: 'queued' }, 202);
    }
    if (request.method === 'DELETE') {
      job.cancelled += 1;
      return new Response(null, { status: 204 });
    }
    const after = Number(request.headers.get('Last-Event-ID') ?? 0);
    job.resumedAfter.push(String(after));
    const body = new ReadableStream({
      start: controller => {
        stream = controller;
        lines
          .slice(after)
          .forEach(line => controller.enqueue(encoder.encode(line)));
      }
    });
    return new Response(body, { status: 200 });
  };
  Object.assign(serverSettings, { fetch: fake });
}
