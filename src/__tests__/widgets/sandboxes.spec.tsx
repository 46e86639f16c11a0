import { nullTranslator } from '@jupyterlab/translation';
import React, { act } from 'react';

import type { ISandboxActivity } from '../../tokens';
import { Sandboxes } from '../../widgets/sandboxes';
import type { ISandboxesProps } from '../../widgets/sandboxes';
import type { SandboxState } from '../../wire/schema';
import { button, render } from '../fakes/page';
import {
  LIMITS,
  USAGE,
  capabilities,
  problem,
  sandbox
} from '../fakes/sandboxes';

async function show(
  list: SandboxState[] | null,
  options: Partial<ISandboxesProps> = {}
) {
  const told = {
    onToggle: jest.fn(),
    onInterrupt: jest.fn(),
    onRestart: jest.fn(),
    onStop: jest.fn(),
    onRemove: jest.fn(),
    onPackages: jest.fn(),
    onFiles: jest.fn(),
    onDismiss: jest.fn()
  };
  const props: ISandboxesProps = {
    list,
    capabilities: capabilities(),
    problem: null,
    activity: () => null,
    open: true,
    trans: nullTranslator.load('gptoss_lab'),
    ...told,
    ...options
  };
  const page = await render(() => <Sandboxes {...props} />);
  return { ...page, told, props };
}

describe('Sandboxes', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('says which isolation is in force and what it leaves open', async () => {
    const { node } = await show([]);
    expect(node.textContent).toContain('Containers, no network');
    expect(node.textContent).toContain('share the Linux kernel');
  });

  it('teaches while there is none', async () => {
    const { node } = await show([]);
    expect(node.querySelector('.jp-Gptoss-teach')?.textContent).toContain(
      'Choose a kernel with “sandbox” in its name'
    );
  });

  it('says why none can run, and teaches nothing', async () => {
    const { node } = await show([], {
      capabilities: capabilities({ runtime: 'none', reason: 'No Docker.' })
    });
    expect(node.textContent).toContain('No sandbox can run hereNo Docker.');
    expect(node.querySelector('.jp-Gptoss-teach')).toBeNull();
  });

  it('shows what a sandbox is for and what it uses', async () => {
    const { node } = await show([sandbox({ phase: 'busy' })]);
    expect(node.querySelector('h3')?.textContent).toBe('Sandboxes (1)');
    const row = node.querySelector('li');
    expect(row?.textContent).toBe(
      'mean.ipynbBusyPythonup 12 min312 MB of 2 GBCPU 45 %'
    );
    const meter = row?.querySelector('[role=meter]');
    expect(meter?.getAttribute('aria-valuenow')).toBe('15');
    expect(meter?.getAttribute('aria-valuetext')).toBe('312 MB of 2 GB');
  });

  it('leaves out what the runtime cannot measure', async () => {
    const usage = { ...USAGE, memory_bytes: null, cpu_percent: null };
    const { node } = await show([sandbox({ usage })]);
    expect(node.querySelector('[role=meter]')).toBeNull();
    expect(node.textContent).not.toContain('CPU');
  });

  it('shows the data, the near end and the last error', async () => {
    const { node } = await show([
      sandbox({
        data: ['/home/ada/study'],
        expires_in_s: 60,
        idle_s: LIMITS.idle_s - 60,
        last_error: 'out of memory'
      })
    ]);
    const notes = [...node.querySelectorAll('.jp-Gptoss-notes li')];
    expect(notes.map(note => note.textContent)).toEqual([
      '/data: /home/ada/study, read-only',
      'Nobody uses it: it ends in 1 min, with its files.',
      'out of memory'
    ]);
  });

  it('shows the isolation of a sandbox that has another one', async () => {
    const { node } = await show([sandbox({ isolation: 'gVisor' })]);
    expect(node.querySelector('li')?.textContent).toContain('gVisor');
  });

  it.each([
    ['Interrupt', 'onInterrupt'],
    ['Restart…', 'onRestart'],
    ['Packages…', 'onPackages'],
    ['Files…', 'onFiles'],
    ['Stop…', 'onStop']
  ] as const)('tells of %s', async (label, call) => {
    const one = sandbox();
    const { node, told } = await show([one]);
    act(() => button(node, `${label}: mean.ipynb`).click());
    expect(told[call]).toHaveBeenCalledWith(one);
  });

  it('does nothing more to a sandbox while something is under way', async () => {
    const activity: ISandboxActivity = {
      verb: 'restart',
      running: true,
      problem: null
    };
    const { node, told } = await show([sandbox()], {
      activity: () => activity
    });
    expect(node.textContent).toContain('Restarting…');
    const restart = button(node, 'Restart…: mean.ipynb');
    expect(restart.getAttribute('aria-disabled')).toBe('true');
    act(() => restart.click());
    expect(told.onRestart).not.toHaveBeenCalled();
  });

  it.each([
    ['verify', ['Stop…: Verification']],
    ['inspect', ['Stop…: API check']]
  ] as const)(
    'only stops what is the server’s own: %s',
    async (purpose, names) => {
      const { node } = await show([sandbox({ purpose, notebook: '' })]);
      const labels = [...node.querySelectorAll('li button')].map(one =>
        one.getAttribute('aria-label')
      );
      expect(labels).toEqual(names);
    }
  );

  it('gives what waits for its first use no row, but accounts for it', async () => {
    const warm = (id: string) => sandbox({ id, purpose: 'warm', notebook: '' });
    const { node } = await show([warm('w1'), warm('w2')]);
    expect(node.querySelector('h3')?.textContent).toBe('Sandboxes');
    expect(node.querySelector('.jp-Gptoss-teach')).not.toBeNull();
    expect(node.textContent).toContain(
      '2 more are started and wait for their first use (624 MB).'
    );
  });

  it('says why a sandbox ended, and takes it off the list', async () => {
    const one = sandbox({ phase: 'ended', last_error: 'died' });
    const { node, told } = await show([one]);
    expect(node.querySelectorAll('li button')).toHaveLength(1);
    act(() => button(node, 'Remove: mean.ipynb').click());
    expect(told.onRemove).toHaveBeenCalledWith(one);
    expect(node.querySelector('li')?.textContent).toBe(
      'mean.ipynbEndedPythonran 12 mindied'
    );
  });

  it('says what was refused until that is closed', async () => {
    const refused = problem({ detail: 'Not yours.', hint: 'Ask.' });
    const one = sandbox();
    const { node, told } = await show([one], {
      activity: () => ({ verb: 'stop', running: false, problem: refused })
    });
    const alert = node.querySelector('li [role=alert]');
    expect(alert?.textContent).toBe('Not yours. Ask.');
    act(() => button(node, 'Close the message of mean.ipynb').click());
    expect(told.onDismiss).toHaveBeenCalledWith(one);
  });

  it('keeps its rows while the server is silent, and says that it is', async () => {
    const { node } = await show([sandbox()], {
      problem: problem({ status: 0, code: 'unreachable' })
    });
    expect(node.querySelectorAll('li')).toHaveLength(1);
    expect(node.querySelector('[role=alert]')?.textContent).toContain(
      'The server does not answer.'
    );
  });

  it('says that a server is too old to list them', async () => {
    const { node } = await show(null, { problem: problem({ status: 404 }) });
    expect(node.querySelector('[role=alert]')?.textContent).toContain(
      'does not list its sandboxes'
    );
  });

  it('folds', async () => {
    const { node, told } = await show([sandbox()], { open: false });
    const title = button(node, 'Sandboxes (1)');
    expect(title.getAttribute('aria-expanded')).toBe('false');
    expect(node.querySelector('li')).toBeNull();
    act(() => title.click());
    expect(told.onToggle).toHaveBeenCalledTimes(1);
  });

  it('keeps the keyboard where it is when figures change', async () => {
    const { node, props, draw } = await show([sandbox()]);
    const stop = button(node, 'Stop…: mean.ipynb');
    act(() => stop.focus());
    props.list = [sandbox({ id: 'k2' }), sandbox({ uptime_s: 900 })];
    await draw();
    expect(node.textContent).toContain('up 15 min');
    expect(document.activeElement).toBe(stop);
  });

  it('takes the keyboard to its title when the row goes away', async () => {
    const { node, props, draw } = await show([sandbox()]);
    act(() => button(node, 'Stop…: mean.ipynb').focus());
    props.list = [];
    await draw();
    expect(document.activeElement).toBe(button(node, 'Sandboxes'));
  });
});
