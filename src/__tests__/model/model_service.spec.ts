import { ModelService } from '../../model/model_service';
import { IDLE_INTERVAL_MS, LOADING_INTERVAL_MS } from '../../model/pace';
import {
  FakeModelApi,
  attached,
  failed,
  loading,
  modelState,
  ready
} from '../fakes/model';
import { problem } from '../fakes/sandboxes';

/**
 * Let so many milliseconds pass, and all that was waiting for them.
 */
async function pass(milliseconds: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(milliseconds);
}

function setUp() {
  const api = new FakeModelApi();
  const model = new ModelService(api);
  let changes = 0;
  model.changed.connect(() => {
    changes += 1;
  });
  return { api, model, changes: () => changes };
}

describe('ModelService', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('asks nothing until somebody looks, and stops when nobody does', async () => {
    const { api, model } = setUp();
    await pass(60_000);
    expect(api.calls).toEqual([]);
    const watching = model.watch();
    const other = model.watch();
    await pass(0);
    expect(model.state?.phase).toBe('stopped');
    watching.dispose();
    await pass(IDLE_INTERVAL_MS + 10);
    expect(api.count('state')).toBe(2);
    other.dispose();
    await pass(60_000);
    expect(api.count('state')).toBe(2);
  });

  it.each([
    ['loads', loading(), LOADING_INTERVAL_MS],
    ['stops', ready({ phase: 'draining' }), LOADING_INTERVAL_MS],
    ['is ready', ready(), IDLE_INTERVAL_MS],
    ['failed', failed(), IDLE_INTERVAL_MS]
  ])('asks at the pace of a model that %s', async (_, state, interval) => {
    const { api, model } = setUp();
    api.now = state;
    model.watch();
    await pass(0);
    await pass(interval - 100);
    expect(api.count('state')).toBe(1);
    await pass(200);
    expect(api.count('state')).toBe(2);
  });

  it('tells of a change only where something has changed', async () => {
    const { api, model, changes } = setUp();
    api.now = loading({ percent: 1 });
    model.watch();
    await pass(0);
    await pass(LOADING_INTERVAL_MS + 10);
    expect(changes()).toBe(1);
    api.now = loading({ percent: 2 });
    await pass(LOADING_INTERVAL_MS + 10);
    expect(changes()).toBe(2);
  });

  it('keeps what it knows, says why, and backs off while the server is gone', async () => {
    const { api, model, changes } = setUp();
    api.now = loading();
    model.watch();
    await pass(0);
    api.down = problem({ status: 0, code: 'unreachable' });
    await pass(5 * 60_000);
    expect(api.count('state')).toBeLessThan(30);
    expect(changes()).toBe(2);
    expect(model.state?.phase).toBe('loading_weights');
    expect(model.problem?.code).toBe('unreachable');
    api.down = null;
    await pass(61_000);
    expect(model.problem).toBeNull();
    expect(changes()).toBe(3);
  });

  it('starts, and follows the start at once', async () => {
    const { api, model } = setUp();
    model.watch();
    await pass(0);
    const starting = model.start();
    expect(model.activity).toMatchObject({ verb: 'start', running: true });
    await pass(0);
    await starting;
    expect(model.activity).toBeNull();
    expect(model.state?.phase).toBe('starting');
    api.now = ready();
    await pass(LOADING_INTERVAL_MS + 10);
    expect(model.state?.phase).toBe('ready');
  });

  it('attaches the server that the person chose, no other', async () => {
    const { api, model } = setUp();
    await model.attach('http://127.0.0.1:8000/v1');
    expect(api.calls).toContain('attach http://127.0.0.1:8000/v1');
    expect(model.state).toEqual(attached());
  });

  it('sees what another page has done', async () => {
    const { api, model } = setUp();
    const other = new ModelService(api);
    model.watch();
    await pass(0);
    await other.start();
    await pass(IDLE_INTERVAL_MS + 10);
    expect(model.state?.phase).toBe('starting');
    await other.stop();
    await pass(LOADING_INTERVAL_MS + 10);
    expect(model.state).toEqual(modelState());
  });

  it('stops a start that is not answered yet, and starts nothing twice', async () => {
    const { api, model } = setUp();
    const release = api.hold('start');
    const starting = model.start();
    await model.start();
    await model.attach('http://127.0.0.1:1');
    const stopping = model.stop();
    expect(model.activity?.verb).toBe('stop');
    await stopping;
    release();
    await starting;
    expect(api.calls.filter(call => call !== 'state')).toEqual([
      'start',
      'stop'
    ]);
    expect(model.activity).toBeNull();
    expect(model.state?.phase).toBe('stopped');
  });

  it('believes a verb over an answer that was asked for before it', async () => {
    const { api, model } = setUp();
    const release = api.hold('state');
    model.watch();
    await pass(0);
    await model.start();
    expect(model.state?.phase).toBe('starting');
    release();
    await pass(0);
    expect(model.state?.phase).toBe('starting');
  });

  it('keeps a refusal until it is dismissed', async () => {
    const { api, model } = setUp();
    api.down = problem({ detail: 'Only an administrator may.' });
    await model.start();
    expect(model.activity).toMatchObject({
      verb: 'start',
      running: false,
      problem: { detail: 'Only an administrator may.' }
    });
    model.dismiss();
    expect(model.activity).toBeNull();
  });

  it('asks once for the plan, however often it is wanted meanwhile', async () => {
    const { api, model, changes } = setUp();
    await Promise.all([model.askPlan(), model.askPlan()]);
    expect(api.count('plan')).toBe(1);
    expect(model.plan).toEqual(api.fits);
    expect(changes()).toBe(1);
    api.down = problem({ detail: 'No.' });
    await model.askPlan();
    expect(model.plan).toMatchObject({ detail: 'No.' });
  });

  it('reads the log anew, and tells only of new lines', async () => {
    const { api, model, changes } = setUp();
    api.lines = ['one'];
    await model.askLogs();
    await model.askLogs();
    expect(model.logs).toEqual(['one']);
    expect(changes()).toBe(1);
    api.lines = ['one', 'two'];
    await model.askLogs();
    expect(model.logs).toEqual(['one', 'two']);
    api.down = problem({ detail: 'No.' });
    await model.askLogs();
    expect(model.logs).toMatchObject({ detail: 'No.' });
  });

  it('is quiet once it is disposed', async () => {
    const { api, model, changes } = setUp();
    model.watch();
    model.dispose();
    await model.refresh();
    await pass(60_000);
    expect(api.count('state')).toBeLessThanOrEqual(1);
    expect(changes()).toBe(0);
    expect(model.isDisposed).toBe(true);
  });
});
