import {
  BUSY_INTERVAL_MS,
  IDLE_INTERVAL_MS,
  QUIET_INTERVAL_MS
} from '../../model/pace';
import { Sandboxes } from '../../model/sandboxes';
import type { IOwnKernel } from '../../model/sandboxes';
import { RequestError } from '../../request';
import { FakeSandboxApi, problem, sandbox } from '../fakes/sandboxes';

const lists = (api: FakeSandboxApi): number =>
  api.calls.filter(call => call === 'list').length;

/**
 * Let so many milliseconds pass, and all that was waiting for them.
 */
async function pass(milliseconds: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(milliseconds);
}

function setUp(own: Record<string, IOwnKernel> = {}) {
  const api = new FakeSandboxApi();
  const sandboxes = new Sandboxes({ api, ownKernel: id => own[id] ?? null });
  let changes = 0;
  sandboxes.changed.connect(() => {
    changes += 1;
  });
  return { api, sandboxes, changes: () => changes };
}

const ownKernel = () => ({
  path: 'new.ipynb',
  restart: jest.fn(),
  shutdown: jest.fn(),
  renew: jest.fn()
});

describe('Sandboxes', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('asks nothing until somebody looks, and stops when nobody does', async () => {
    const { api, sandboxes } = setUp();
    await pass(60_000);
    expect(api.calls).toEqual([]);
    const watching = sandboxes.watch();
    const other = sandboxes.watch();
    await pass(0);
    expect(sandboxes.list).toEqual([]);
    expect(sandboxes.capabilities?.runtime).toBe('docker');
    watching.dispose();
    await pass(IDLE_INTERVAL_MS + 10);
    expect(lists(api)).toBe(2);
    other.dispose();
    await pass(60_000);
    expect(lists(api)).toBe(2);
  });

  it.each([
    ['busy', { phase: 'busy' }, BUSY_INTERVAL_MS],
    ['idle', { phase: 'idle', idle_s: 3 }, IDLE_INTERVAL_MS],
    ['quiet', { phase: 'idle', idle_s: 600 }, QUIET_INTERVAL_MS]
  ] as const)('asks at the pace of what is %s', async (_, fields, interval) => {
    const { api, sandboxes } = setUp();
    api.list = [sandbox(fields)];
    sandboxes.watch();
    await pass(0);
    await pass(interval - 100);
    expect(lists(api)).toBe(1);
    await pass(200);
    expect(lists(api)).toBe(2);
  });

  it('tells of a change only where something has changed', async () => {
    const { api, sandboxes, changes } = setUp();
    api.list = [sandbox()];
    sandboxes.watch();
    await pass(0);
    expect(changes()).toBe(1);
    await pass(IDLE_INTERVAL_MS + 10);
    expect(changes()).toBe(1);
    api.list = [sandbox({ uptime_s: 800 })];
    await pass(IDLE_INTERVAL_MS + 10);
    expect(changes()).toBe(2);
  });

  it('keeps what it knows, says why, and backs off while the server is gone', async () => {
    const { api, sandboxes, changes } = setUp();
    api.list = [sandbox()];
    sandboxes.watch();
    await pass(0);
    api.down = problem({ status: 0, code: 'unreachable' });
    await pass(5 * 60_000);
    expect(lists(api)).toBeLessThan(20);
    expect(changes()).toBe(2);
    expect(sandboxes.list).toHaveLength(1);
    expect(sandboxes.problem?.code).toBe('unreachable');
    api.down = null;
    await pass(61_000);
    expect(sandboxes.problem).toBeNull();
    expect(changes()).toBe(3);
  });

  it('lists the sandboxes where the server cannot say what it can do', async () => {
    const { api, sandboxes, changes } = setUp();
    api.list = [sandbox()];
    const can = jest
      .spyOn(api, 'capabilities')
      .mockRejectedValue(new RequestError(problem({ detail: 'No answer.' })));
    sandboxes.watch();
    await pass(0);
    expect(sandboxes.list).toHaveLength(1);
    expect(sandboxes.problem?.detail).toBe('No answer.');
    expect(changes()).toBe(1);
    can.mockRestore();
    await pass(IDLE_INTERVAL_MS + 10);
    expect(sandboxes.capabilities).not.toBeNull();
    expect(sandboxes.problem).toBeNull();
    expect(changes()).toBe(2);
  });

  it('asks again what the server can do once it is back', async () => {
    const { api, sandboxes } = setUp();
    api.down = problem();
    sandboxes.watch();
    await pass(0);
    expect(sandboxes.list).toBeNull();
    api.down = null;
    api.can = { ...api.can, runtime: 'bubblewrap' };
    await pass(60_000);
    expect(sandboxes.capabilities?.runtime).toBe('bubblewrap');
  });

  it.each(['interrupt', 'restart', 'stop'] as const)(
    'shows %s while it is under way, then asks what came of it',
    async verb => {
      const { api, sandboxes } = setUp();
      api.list = [sandbox()];
      sandboxes.watch();
      await pass(0);
      const done = sandboxes[verb]('k1');
      expect(sandboxes.activity('k1')).toEqual({
        verb,
        running: true,
        problem: null
      });
      await pass(10);
      await done;
      expect(api.calls).toContain(`${verb} k1`);
      expect(sandboxes.activity('k1')).toBeNull();
      expect(lists(api)).toBe(2);
    }
  );

  it('does one thing at a time to a sandbox', async () => {
    const { api, sandboxes } = setUp();
    const first = sandboxes.restart('k1');
    await sandboxes.stop('k1');
    await first;
    expect(api.calls).toEqual(['restart k1']);
  });

  it('keeps a refusal until it is dismissed', async () => {
    const { api, sandboxes } = setUp();
    api.down = problem({ detail: 'Not yours.' });
    await sandboxes.stop('k1');
    expect(sandboxes.activity('k1')).toMatchObject({
      running: false,
      problem: { detail: 'Not yours.' }
    });
    sandboxes.dismiss('k1');
    expect(sandboxes.activity('k1')).toBeNull();
  });

  it('forgets the refusal of a sandbox that has gone', async () => {
    const { api, sandboxes } = setUp();
    api.down = problem();
    await sandboxes.stop('k1');
    api.down = null;
    sandboxes.watch();
    await pass(0);
    expect(sandboxes.activity('k1')).toBeNull();
  });

  it('steers the kernel of an open notebook through its own connection', async () => {
    const own = ownKernel();
    const { api, sandboxes } = setUp({ k1: own });
    await sandboxes.restart('k1');
    await sandboxes.stop('k1');
    expect(await sandboxes.addPackages('k1', ['polars'])).toBeNull();
    expect(own.restart).toHaveBeenCalledTimes(1);
    expect(own.shutdown).toHaveBeenCalledTimes(1);
    expect(own.renew).toHaveBeenCalledTimes(1);
    expect(api.calls).toEqual(['add polars to k1']);
  });

  it('shows data to a kernel of its own through the server', async () => {
    const own = ownKernel();
    const { api, sandboxes } = setUp({ k1: own });
    await sandboxes.restart('k1', ['work']);
    expect(api.calls).toEqual(['restart k1 work']);
    expect(own.restart).not.toHaveBeenCalled();
    expect(own.renew).toHaveBeenCalledTimes(1);
  });

  it('knows the notebook of its own kernel by its present name', async () => {
    const { api, sandboxes } = setUp({ k1: ownKernel() });
    api.list = [sandbox(), sandbox({ id: 'k2' })];
    sandboxes.watch();
    await pass(0);
    expect(sandboxes.list?.map(({ notebook }) => notebook)).toEqual([
      'new.ipynb',
      'work/mean.ipynb'
    ]);
  });

  it('hands over why packages were refused', async () => {
    const { api, sandboxes } = setUp();
    api.down = problem({ hint: 'Did you mean polars?' });
    const refused = await sandboxes.addPackages('k1', ['polrs']);
    expect(refused?.hint).toBe('Did you mean polars?');
    expect(sandboxes.activity('k1')?.problem).toEqual(refused);
  });

  it('asks nothing once it is disposed', async () => {
    const { api, sandboxes } = setUp();
    const watching = sandboxes.watch();
    sandboxes.dispose();
    watching.dispose();
    await pass(60_000);
    await sandboxes.refresh();
    expect(api.calls).toEqual([]);
  });
});
