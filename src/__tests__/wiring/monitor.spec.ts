import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Signal } from '@lumino/signaling';

import type { IGenerationManager, IJob } from '../../tokens';
import { monitorWiring } from '../../wiring/monitor';
import { FakeMonitorApi, monitor } from '../fakes/monitor';

function house() {
  const api = new FakeMonitorApi();
  const manager = {
    job: null as Pick<IJob, 'id' | 'ended'> | null,
    changed: new Signal<object, void>({})
  };
  const wired = monitorWiring({
    app: {} as JupyterFrontEnd,
    manager: manager as unknown as IGenerationManager,
    api
  });
  return { ...wired, api, manager };
}

function settle(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 20));
}

describe('monitorWiring', () => {
  it('asks while the tab is in view, and when the own job has ended', async () => {
    const { onMonitor, api, manager } = house();
    manager.job = { id: 'j1', ended: false };
    manager.changed.emit();
    await settle();
    expect(api.asked).toHaveLength(0);
    onMonitor(true);
    await settle();
    expect(api.asked).toHaveLength(1);
    manager.changed.emit();
    await settle();
    expect(api.asked).toHaveLength(1);
    manager.job = { id: 'j1', ended: true };
    manager.changed.emit();
    manager.changed.emit();
    await settle();
    expect(api.asked).toHaveLength(2);
    onMonitor(false);
    manager.job = { id: 'j2', ended: true };
    manager.changed.emit();
    await settle();
    expect(api.asked).toHaveLength(2);
  });

  it('saves the figures as the server said them', async () => {
    const { monitorVerbs } = house();
    const saved: Blob[] = [];
    URL.createObjectURL = jest.fn(blob => {
      saved.push(blob as Blob);
      return 'blob:x';
    });
    URL.revokeObjectURL = jest.fn();
    let name = '';
    const click = jest
      .spyOn(HTMLAnchorElement.prototype, 'click')
      .mockImplementation(function (this: HTMLAnchorElement) {
        name = this.download;
      });
    monitorVerbs.onExport(monitor());
    click.mockRestore();
    expect(name).toBe('gptoss-monitor-2026-11-27T12-00-00-00-00.json');
    expect(saved[0]?.type).toBe('application/json');
    expect(saved[0]?.size).toBe(JSON.stringify(monitor(), null, 2).length + 1);
    expect(document.querySelector('a')).toBeNull();
  });
});
