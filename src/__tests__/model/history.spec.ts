import { History, isRunning, matching } from '../../model/history';
import { RequestError } from '../../request';
import type { JobSummary } from '../../wire/schema';
import { summary } from '../fakes/history';

class FakeApi {
  list: JobSummary[] = [summary()];
  failure: Error | null = null;
  asked = 0;
  readonly cancelled: string[] = [];

  async jobs() {
    this.asked += 1;
    this._fail();
    return { jobs: this.list, next: '' };
  }

  async request(job: string) {
    this._fail();
    return { task: `what ${job} asked for` };
  }

  async cancel(job: string) {
    this._fail();
    this.cancelled.push(job);
  }

  private _fail() {
    if (this.failure) {
      throw this.failure;
    }
  }
}

/**
 * Ask, and wait for the answer: the poll's own promise says only that it asks.
 */
async function ask(history: History): Promise<void> {
  await history.refresh();
  await new Promise(resolve => setTimeout(resolve, 20));
}

const GONE = new RequestError({
  type: '',
  title: 'Not Found',
  status: 404,
  detail: 'Gone.',
  code: 'not_found',
  hint: ''
});

describe('History', () => {
  it('asks only while somebody looks', async () => {
    const api = new FakeApi();
    const history = new History(api);
    await ask(history);
    expect([api.asked, history.jobs]).toEqual([0, null]);
    const watching = history.watch();
    await ask(history);
    expect(history.jobs).toHaveLength(1);
    watching.dispose();
    const { asked } = api;
    await ask(history);
    expect(api.asked).toBe(asked);
    history.dispose();
  });

  it('tells of a change, not of each answer', async () => {
    const api = new FakeApi();
    const history = new History(api);
    const watching = history.watch();
    await ask(history);
    const changed = jest.fn();
    history.changed.connect(changed);
    await ask(history);
    expect(changed).not.toHaveBeenCalled();
    api.list = [summary({ state: 'running' })];
    await ask(history);
    expect(changed).toHaveBeenCalledTimes(1);
    watching.dispose();
    history.dispose();
  });

  it('keeps what it knew when the server does not answer', async () => {
    const api = new FakeApi();
    const history = new History(api);
    const watching = history.watch();
    await ask(history);
    api.failure = GONE;
    await ask(history);
    expect(history.problem?.status).toBe(404);
    expect(history.jobs).toHaveLength(1);
    api.failure = null;
    await ask(history);
    expect(history.problem).toBeNull();
    watching.dispose();
    history.dispose();
  });

  it('reads what was asked for, or says why it cannot', async () => {
    const api = new FakeApi();
    const history = new History(api);
    expect(await history.request('j1')).toEqual({
      task: 'what j1 asked for'
    });
    api.failure = GONE;
    expect(await history.request('j1')).toBeNull();
    expect(history.refusal?.detail).toBe('Gone.');
    history.dismiss();
    expect(history.refusal).toBeNull();
    history.dispose();
  });

  it('cancels a job', async () => {
    const api = new FakeApi();
    const history = new History(api);
    await history.cancel('j1');
    expect(api.cancelled).toEqual(['j1']);
    history.dispose();
  });
});

describe('matching', () => {
  const jobs = [
    summary({ task: 'Mean of a column', language: 'r' }),
    summary({ task: 'Plot the mean', edit: 'port', model: '' })
  ];

  it.each([
    ['', 2],
    ['mean', 2],
    ['MEAN plot', 1],
    ['port', 1],
    ['gpt-oss', 1],
    ['nothing', 0]
  ])('finds with "%s" %i of two', (filter, count) => {
    expect(matching(jobs, filter)).toHaveLength(count);
  });
});

describe('isRunning', () => {
  it('knows which jobs have not ended', () => {
    const states = ['queued', 'running', 'done', 'error', 'cancelled'] as const;
    expect(states.filter(state => isRunning({ state }))).toEqual([
      'queued',
      'running'
    ]);
  });
});
