import type { INotebookModel } from '@jupyterlab/notebook';
import { StateDB } from '@jupyterlab/statedb';
import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

import { BusyError, GenerationManager } from '../../model/generation';
import { JobMemory } from '../../model/memory';
import { acceptCells, pendingCells } from '../../model/review';
import { RequestError } from '../../request';
import type { IAsk, IGenerationApi, ITarget, ITargets } from '../../tokens';
import type {
  CodeGenerationRequest,
  CodeGenerationResponse,
  Event
} from '../../wire/schema';
import { notebook, reviews, texts } from '../fakes/notebook';
import {
  DONE,
  GENERATOR,
  close,
  delta,
  open,
  script,
  verified
} from '../fakes/script';
import { summary } from '../fakes/summary';

const ASK: IAsk = {
  task: 'mean',
  sources: [{ kind: 'package', uri: 'pandas' }],
  language: 'python',
  effort: 'medium',
  verify: true,
  data: []
};

const CELLS = script(
  GENERATOR,
  open('a', 0),
  delta('a', 'x = 1'),
  close('a', 'x = 1'),
  open('b', 1),
  delta('b', 'y'),
  close('b', 'y = 2'),
  verified('b'),
  DONE
);

/**
 * A server whose job waits before each event until the test lets it go on.
 */
class FakeApi implements IGenerationApi {
  readonly requests: CodeGenerationRequest[] = [];
  readonly cancelled: string[] = [];
  readonly readFrom: number[] = [];
  summary: CodeGenerationResponse | null = null;
  failure: Error | null = null;

  constructor(private _events: Event[]) {}

  async generate(request: CodeGenerationRequest) {
    this.requests.push(request);
    if (this.failure) {
      throw this.failure;
    }
    return { job: 'j1', events: '', state: 'queued' as const };
  }

  async job() {
    if (!this.summary) {
      throw problem(404);
    }
    return this.summary;
  }

  async cancel(id: string) {
    this.cancelled.push(id);
  }

  readonly health = () => Promise.reject(problem(503));
  readonly replay = () => Promise.reject(problem(404));
  readonly prompt = () => Promise.reject(problem(404));

  async *events(_: string, options: { after?: number } = {}) {
    this.readFrom.push(options.after ?? 0);
    for (const event of this._events) {
      await this._gate.promise;
      yield event;
      this._allowed -= 1;
      if (this._allowed <= 0) {
        this._gate = new PromiseDelegate<void>();
      }
    }
  }

  async let(count: number) {
    this._allowed = count;
    this._gate.resolve();
    await settle();
  }

  private _allowed = 0;
  private _gate = new PromiseDelegate<void>();
}

class FakeTargets implements ITargets {
  readonly opened = new Signal<this, string>(this);
  readonly renamed = new Signal<this, { from: string; to: string }>(this);
  readonly open = new Map<string, INotebookModel>();
  active = '';

  add(path: string, model: INotebookModel) {
    this.open.set(path, model);
    this.active = path;
    this.opened.emit(path);
  }

  close(path: string) {
    this.open.get(path)?.dispose();
    this.open.delete(path);
  }

  async current(): Promise<ITarget> {
    const target = this.find(this.active);
    if (!target) {
      throw new Error('none');
    }
    return target;
  }

  inFront(): ITarget | null {
    return this.find(this.active);
  }

  below(): ITarget | null {
    return null;
  }

  find(path: string): ITarget | null {
    const model = this.open.get(path);
    return model
      ? {
          path,
          model,
          after: model.sharedModel.cells[0]?.getId() ?? null,
          context: ['import pandas']
        }
      : null;
  }
}

function problem(status: number, code = 'x') {
  return new RequestError({
    type: '',
    title: 'No',
    status,
    detail: 'No.',
    code,
    hint: 'Try again.'
  });
}

async function settle() {
  for (let round = 0; round < 30; round += 1) {
    await Promise.resolve();
  }
}

async function house(events = CELLS, state = new StateDB()) {
  const api = new FakeApi(events);
  const targets = new FakeTargets();
  const model = notebook('first');
  targets.add('a.ipynb', model);
  const manager = new GenerationManager({
    api,
    targets,
    memory: new JobMemory(state),
    schedule: run => run()
  });
  return { api, targets, model, manager, state };
}

describe('GenerationManager', () => {
  it('goes through its phases while cells grow', async () => {
    const { api, manager, model } = await house();
    const phases: string[] = [];
    manager.changed.connect(() => {
      if (phases[phases.length - 1] !== manager.phase) {
        phases.push(manager.phase);
      }
    });
    expect(manager.phase).toBe('idle');
    await manager.generate(ASK);
    await api.let(3);
    expect(texts(model)).toEqual(['first', 'x = 1']);
    expect(manager.isWriting('j1', 'a')).toBe(true);
    expect(manager.isWriting('j2', 'a')).toBe(false);
    await api.let(99);
    expect(texts(model)).toEqual(['first', 'x = 1', 'y = 2']);
    expect(manager.counts).toEqual({
      total: 2,
      pending: 2,
      accepted: 0,
      rejected: 0
    });
    acceptCells(model, pendingCells(model));
    await Promise.resolve();
    expect(phases).toEqual(['starting', 'streaming', 'reviewing', 'done']);
    expect(manager.counts.accepted).toBe(2);
  });

  it('sends the task, its sources and the code above', async () => {
    const { api, manager } = await house();
    await manager.generate(ASK);
    expect(api.requests[0]).toEqual({
      ...ASK,
      context: { path: 'a.ipynb', cells: ['import pandas'] }
    });
  });

  it('refuses a second generation while one runs', async () => {
    const { api, manager } = await house();
    await manager.generate(ASK);
    await expect(manager.generate(ASK)).rejects.toThrow(BusyError);
    await api.let(99);
    await expect(manager.generate(ASK)).resolves.toBeUndefined();
    expect(api.requests).toHaveLength(2);
  });

  it('shows why the server refused, and can be asked again', async () => {
    const { api, manager, model } = await house();
    api.failure = problem(429, 'too_busy');
    await manager.generate(ASK);
    expect(manager.phase).toBe('error');
    expect(manager.problem).toMatchObject({
      code: 'too_busy',
      hint: 'Try again.'
    });
    expect(texts(model)).toEqual(['first']);
    api.failure = null;
    await manager.generate(ASK);
    expect(manager.phase).toBe('streaming');
  });

  it('keeps the cells that were closed before a failure', async () => {
    const failed: Event = {
      type: 'error',
      seq: 5,
      job: 'j1',
      problem: problem(502, 'engine').problem
    };
    const { api, manager, model } = await house([...CELLS.slice(0, 4), failed]);
    await manager.generate(ASK);
    await api.let(99);
    expect(manager.phase).toBe('error');
    expect(manager.problem?.code).toBe('engine');
    expect(texts(model)).toEqual(['first', 'x = 1']);
    expect(reviews(model)).toEqual(['', 'pending']);
  });

  it('asks the server to stop', async () => {
    const { api, manager } = await house();
    await manager.generate(ASK);
    await manager.stop();
    expect(api.cancelled).toEqual(['j1']);
  });

  it('stops a job that was accepted after the person pressed stop', async () => {
    const { api, manager } = await house();
    const started = manager.generate(ASK);
    await manager.stop();
    await started;
    expect(api.cancelled).toEqual(['j1']);
  });

  it('stops when the person undoes the cells while they are written', async () => {
    const { api, manager, model } = await house();
    await manager.generate(ASK);
    await api.let(3);
    model.sharedModel.undo();
    await api.let(1);
    expect(texts(model)).toEqual(['first']);
    expect(api.cancelled).toEqual(['j1']);
  });

  it('goes on while the notebook is closed, and inserts elsewhere', async () => {
    const { api, manager, targets } = await house();
    await manager.generate(ASK);
    await api.let(3);
    targets.close('a.ipynb');
    expect(manager.attached).toBe(false);
    await api.let(3);
    expect(manager.phase).toBe('streaming');
    const other = notebook('other');
    targets.add('b.ipynb', other);
    expect(texts(other)).toEqual(['other']);
    await manager.insertHere();
    expect(manager.path).toBe('b.ipynb');
    await api.let(99);
    expect(texts(other)).toEqual(['other', 'x = 1', 'y = 2']);
  });

  it('goes on in the same notebook once it is open again', async () => {
    const { api, manager, targets } = await house();
    await manager.generate(ASK);
    await api.let(3);
    targets.close('a.ipynb');
    const again = notebook('first');
    targets.add('a.ipynb', again);
    expect(manager.attached).toBe(true);
    await api.let(99);
    expect(texts(again)).toEqual(['first', 'x = 1', 'y = 2']);
  });

  it('goes on after the page was loaded again', async () => {
    const first = await house();
    await first.manager.generate(ASK);
    await first.api.let(3);
    await settle();
    first.manager.dispose();

    const second = await house(CELLS, first.state);
    second.api.summary = summary('running');
    second.targets.open.set('a.ipynb', first.model);
    const resumed = second.manager.resume();
    await settle();
    await second.api.let(99);
    await resumed;
    expect(second.api.readFrom).toEqual([0]);
    expect(texts(first.model)).toEqual(['first', 'x = 1', 'y = 2']);
    expect(second.manager.phase).toBe('reviewing');
    await settle();
    expect(await new JobMemory(first.state).load()).toBeNull();
  });

  it('takes a job that ended meanwhile from its summary', async () => {
    const first = await house();
    await first.manager.generate(ASK);
    await first.api.let(3);
    await settle();
    first.manager.dispose();

    const second = await house(CELLS, first.state);
    second.api.summary = {
      ...summary('done'),
      cells: [
        {
          id: 'a',
          kind: 'code',
          change: 'new',
          target: '',
          language: 'python',
          source: 'x = 1',
          sources: [],
          units: [],
          findings: [],
          verification: null
        }
      ]
    };
    second.targets.open.set('a.ipynb', first.model);
    await second.manager.resume();
    expect(second.api.readFrom).toEqual([]);
    expect(texts(first.model)).toEqual(['first', 'x = 1']);
  });

  it('forgets a job that the server does not know', async () => {
    const first = await house();
    await first.manager.generate(ASK);
    await settle();
    first.manager.dispose();
    const second = await house(CELLS, first.state);
    await second.manager.resume();
    expect(second.manager.phase).toBe('idle');
    expect(await new JobMemory(first.state).load()).toBeNull();
  });
});
