import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { KernelSpec } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import {
  CurrentKernel,
  ownKernel,
  sandboxSpec
} from '../../model/sandbox_kernels';

const spec = (metadata?: object): KernelSpec.ISpecModel =>
  ({ display_name: 'Shown', metadata }) as unknown as KernelSpec.ISpecModel;

const SANDBOX = spec({ gptoss_lab: { sandbox: true, network: 'none' } });

class FakePanel {
  isDisposed = false;
  readonly context = { localPath: 'a.ipynb' };
  readonly sessionContext;

  constructor(id: string, name: string) {
    this.sessionContext = {
      session: { kernel: { id, name, reconnect: jest.fn() } },
      kernelChanged: new Signal<object, void>(this),
      restartKernel: jest.fn(),
      shutdown: jest.fn()
    };
  }
}

function setUp(panel: FakePanel | null) {
  const owner = {};
  const tracker = {
    currentWidget: panel,
    currentChanged: new Signal<object, void>(owner),
    find: (test: (one: FakePanel) => boolean) =>
      panel && test(panel) ? panel : undefined
  };
  const shell = {
    currentWidget: panel as unknown,
    currentChanged: new Signal<object, void>(owner)
  };
  const specs = {
    specs: { kernelspecs: { 'gptoss-python': SANDBOX, python3: spec() } },
    specsChanged: new Signal<object, void>(owner)
  };
  const current = new CurrentKernel({
    tracker: tracker as unknown as INotebookTracker,
    shell: shell as unknown as JupyterFrontEnd.IShell,
    specs: specs as unknown as KernelSpec.IManager
  });
  return { tracker, shell, specs, current };
}

describe('sandboxSpec', () => {
  it.each([
    [undefined, null],
    [spec(), null],
    [spec({ gptoss_lab: { sandbox: 'yes' } }), null],
    [SANDBOX, { network: false }],
    [spec({ gptoss_lab: { sandbox: true } }), { network: true }]
  ])('reads %j', (given, found) => {
    expect(sandboxSpec(given)).toEqual(found);
  });
});

describe('CurrentKernel', () => {
  it('is the sandbox kernel of the notebook in front', () => {
    const { current } = setUp(new FakePanel('k1', 'gptoss-python'));
    expect(current.kernel).toEqual({
      id: 'k1',
      path: 'a.ipynb',
      displayName: 'Shown',
      network: false
    });
  });

  it.each([
    ['no notebook', null],
    ['another kernel', new FakePanel('k1', 'python3')],
    ['an unknown kernel', new FakePanel('k1', 'gone')]
  ])('is none for %s', (_, panel) => {
    expect(setUp(panel).current.kernel).toBeNull();
  });

  it('follows the kernel, and what is in front', () => {
    const panel = new FakePanel('k1', 'gptoss-python');
    const { current, shell } = setUp(panel);
    let changes = 0;
    current.changed.connect(() => {
      changes += 1;
    });
    panel.sessionContext.kernelChanged.emit();
    expect(changes).toBe(0);
    panel.sessionContext.session.kernel.id = 'k2';
    panel.sessionContext.kernelChanged.emit();
    expect([current.kernel?.id, changes]).toEqual(['k2', 1]);
    shell.currentWidget = {};
    shell.currentChanged.emit();
    expect([current.kernel, changes]).toEqual([null, 2]);
  });

  it('leaves the notebook that was in front before', () => {
    const panel = new FakePanel('k1', 'gptoss-python');
    const { current, tracker, shell } = setUp(panel);
    const other = new FakePanel('k9', 'gptoss-python');
    tracker.currentWidget = other;
    shell.currentWidget = other;
    tracker.currentChanged.emit();
    expect(current.kernel?.id).toBe('k9');
    expect(
      panel.sessionContext.kernelChanged.disconnect(
        (current as unknown as { _update: () => void })._update,
        current
      )
    ).toBe(false);
  });

  it('says nothing more once it is disposed', () => {
    const panel = new FakePanel('k1', 'gptoss-python');
    const { current } = setUp(panel);
    current.dispose();
    panel.sessionContext.session.kernel.id = 'k2';
    panel.sessionContext.kernelChanged.emit();
    expect(current.kernel?.id).toBe('k1');
  });
});

describe('ownKernel', () => {
  it('steers the kernel of an open notebook', async () => {
    const panel = new FakePanel('k1', 'gptoss-python');
    const tracker = setUp(panel).tracker as unknown as INotebookTracker;
    expect(ownKernel(tracker, 'other')).toBeNull();
    const own = ownKernel(tracker, 'k1');
    expect(own?.path).toBe('a.ipynb');
    await own?.restart();
    await own?.renew();
    await own?.shutdown();
    const { sessionContext } = panel;
    expect(sessionContext.restartKernel).toHaveBeenCalledTimes(1);
    expect(sessionContext.session.kernel.reconnect).toHaveBeenCalledTimes(1);
    expect(sessionContext.shutdown).toHaveBeenCalledTimes(1);
  });
});
