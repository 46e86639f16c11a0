import { MonitorWatch } from '../../model/monitor';
import { FakeMonitorApi, TWENTY, monitor } from '../fakes/monitor';

function settle(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 5));
}

function house(now = () => new Date('2026-11-27T12:00:01Z')) {
  const api = new FakeMonitorApi();
  const watch = new MonitorWatch(api, now);
  return { api, watch };
}

function hide(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', {
    configurable: true,
    value: hidden
  });
  document.dispatchEvent(new Event('visibilitychange'));
}

describe('MonitorWatch', () => {
  it('asks while somebody looks, for a day at first', async () => {
    const { api, watch } = house();
    await watch.refresh();
    expect(api.asked).toHaveLength(0);
    watch.watch();
    await settle();
    expect(api.asked.map(({ hours }) => hours)).toEqual([24]);
    expect(watch.figures?.skewS).toBe(0);
    watch.dispose();
  });

  it('asks one question at a time', async () => {
    const { api, watch } = house();
    api.next = null;
    watch.watch();
    void watch.refresh();
    void watch.refresh();
    await settle();
    expect(api.asked).toHaveLength(1);
    watch.dispose();
  });

  it('gives a question up when another window is chosen, and shows no figures of it', async () => {
    const { api, watch } = house();
    api.next = null;
    watch.watch();
    await settle();
    void watch.choose(1);
    await settle();
    expect(api.asked.map(({ hours }) => hours)).toEqual([24, 1]);
    expect(api.asked[0]?.signal.aborted).toBe(true);
    expect(watch.figures).toBeNull();
    expect(watch.problem).toBeNull();
    api.answer(monitor({ total: TWENTY }));
    await settle();
    expect(watch.figures?.monitor.total.good).toBe(17);
    watch.dispose();
  });

  it('shows what it knows of a window at once', async () => {
    const { api, watch } = house();
    watch.watch();
    await settle();
    await watch.choose(1);
    await settle();
    api.next = null;
    void watch.choose(24);
    expect(watch.figures).not.toBeNull();
    watch.dispose();
  });

  it('gives its question up when nobody looks any more', async () => {
    const { api, watch } = house();
    api.next = null;
    watch.watch().dispose();
    await settle();
    expect(api.asked.every(({ signal }) => signal.aborted)).toBe(true);
    expect(watch.problem).toBeNull();
    const again = watch.watch();
    await settle();
    expect(api.asked[api.asked.length - 1]?.signal.aborted).toBe(false);
    watch.dispose();
    expect(api.asked[api.asked.length - 1]?.signal.aborted).toBe(true);
    again.dispose();
  });

  it('keeps the last figures while the server is gone', async () => {
    const { api, watch } = house();
    watch.watch();
    await settle();
    api.next = 0;
    await watch.refresh();
    await settle();
    expect(watch.problem?.status).toBe(0);
    expect(watch.figures).not.toBeNull();
    api.next = monitor();
    await watch.refresh();
    await settle();
    expect(watch.problem).toBeNull();
    watch.dispose();
  });

  it('keeps nothing of what one may no longer see', async () => {
    const { api, watch } = house();
    watch.watch();
    await settle();
    api.next = 403;
    await watch.refresh();
    await settle();
    expect(watch.figures).toBeNull();
    watch.dispose();
  });

  it('does not ask while the page is hidden, and asks when it comes back', async () => {
    let now = 0;
    const { api, watch } = house(() => new Date(now));
    watch.watch();
    await settle();
    expect(api.asked).toHaveLength(1);
    hide(true);
    await watch.refresh();
    await settle();
    expect(api.asked).toHaveLength(1);
    hide(false);
    await settle();
    // They are fresh still.
    expect(api.asked).toHaveLength(1);
    hide(true);
    now = 60_000;
    hide(false);
    await settle();
    expect(api.asked).toHaveLength(2);
    watch.dispose();
    now = 120_000;
    hide(false);
    await settle();
    expect(api.asked).toHaveLength(2);
  });

  it('tells a clock that is far off', async () => {
    const { watch } = house(() => new Date('2026-11-27T11:30:00Z'));
    watch.watch();
    await settle();
    expect(watch.figures?.skewS).toBe(1800);
    watch.dispose();
  });
});
