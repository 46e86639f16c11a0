import { act } from 'react';

import { newJob, reduce } from '../../model/job';
import { loading } from '../fakes/model';
import { showPanel as show } from '../fakes/panel';
import { sandbox } from '../fakes/sandboxes';
import { GENERATOR, open, script } from '../fakes/script';

describe('GenerationPanel', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('teaches on a first visit', async () => {
    const { panel } = await show({}, { sources: () => [] });
    expect(panel.node.textContent).toContain('Name the documentation to use');
    expect(panel.node.textContent).toContain('No model is attached');
  });

  it('generates once there is a task, also with the keyboard', async () => {
    const { button, write, told, task } = await show();
    expect(button('Generate').disabled).toBe(true);
    write('mean');
    act(() => button('Generate').click());
    const enter = { key: 'Enter', ctrlKey: true, bubbles: true };
    act(() => {
      task?.dispatchEvent(new KeyboardEvent('keydown', enter));
    });
    expect(told.onGenerate.mock.calls).toEqual([
      ['mean', 'python'],
      ['mean', 'python']
    ]);
  });

  it('says that a task is too long before it is sent', async () => {
    const { button, write, panel } = await show();
    write('x'.repeat(16_001));
    expect(button('Generate').disabled).toBe(true);
    expect(panel.node.textContent).toContain('16001 of 16000 characters');
  });

  it('offers to stop while it works, and hides Generate', async () => {
    const { button, told } = await show({ phase: 'streaming' });
    act(() => button('Stop').click());
    expect(told.onStop).toHaveBeenCalledTimes(1);
    expect(() => button('Generate')).toThrow();
  });

  it('removes a source', async () => {
    const { button, told } = await show();
    act(() => button('Remove pandas').click());
    expect(told.onRemove).toHaveBeenCalledWith('pandas');
  });

  it('shows counts and lets the person decide on all cells', async () => {
    const job = script(GENERATOR, open('a', 0), {
      type: 'done',
      state: 'cancelled',
      cells: 1,
      verified: 0,
      message: ''
    }).reduce(reduce, newJob('j1', 't', true));
    const { panel, button, told } = await show({
      phase: 'reviewing',
      job,
      counts: { total: 3, pending: 1, accepted: 1, rejected: 1 }
    });
    expect(panel.node.textContent).toContain(
      'Stopped. 1 pending · 1 accepted · 1 rejected'
    );
    for (const [name, call] of [
      ['Accept all', told.onAcceptAll],
      ['Reject all', told.onRejectAll],
      ['Next', told.onNext],
      ['Previous', told.onPrevious]
    ] as const) {
      act(() => button(name).click());
      expect(call).toHaveBeenCalledTimes(1);
    }
  });

  it('says that the notebook is closed and offers another', async () => {
    const { panel, button, told } = await show({
      phase: 'streaming',
      job: newJob('j1', 't', true),
      attached: false
    });
    expect(panel.node.textContent).toContain('The notebook a.ipynb is closed');
    act(() => button('Insert here').click());
    expect(told.onInsertHere).toHaveBeenCalledTimes(1);
  });

  it('says what failed and what to do', async () => {
    const problem = {
      type: '',
      title: '',
      status: 503,
      detail: 'Nothing answers.',
      code: 'engine_unreachable',
      hint: 'Start the server.'
    };
    const { panel } = await show({ phase: 'error', problem });
    const alert = panel.node.querySelector('[role=alert]');
    expect(alert?.textContent).toBe('Nothing answers.Start the server.');
  });

  it('says when the server extension is missing', async () => {
    const gone = {
      type: '',
      title: 'Not Found',
      status: 404,
      detail: '',
      code: 'not_found',
      hint: ''
    };
    const { panel } = await show({}, { health: () => gone });
    expect(panel.node.textContent).toContain(
      'jupyter server extension enable gptoss_lab'
    );
  });

  it('follows the manager', async () => {
    const { panel, manager } = await show();
    manager.phase = 'streaming';
    manager.retrying = 2;
    manager.job = newJob('j1', 't', true);
    act(() => manager.changed.emit());
    expect(panel.node.textContent).toContain('Trying again (2)');
  });

  it('asks before the sandbox is shown a folder', async () => {
    const { panel, told } = await show();
    const box = panel.node.querySelector<HTMLInputElement>('[type=checkbox]');
    expect(box?.checked).toBe(false);
    act(() => box?.click());
    expect(told.onData).toHaveBeenCalledWith(true);
  });

  it('says why the sandbox cannot be shown a folder', async () => {
    const { panel } = await show(
      {},
      { data: () => ({ shown: true, folder: '.', reason: 'Not here.' }) }
    );
    const box = panel.node.querySelector<HTMLInputElement>('[type=checkbox]');
    expect([box?.checked, box?.disabled]).toEqual([false, true]);
    const reason = box?.getAttribute('aria-describedby') ?? '';
    expect(document.getElementById(reason)?.textContent).toBe('Not here.');
  });

  it('follows the model, also in its foot', async () => {
    const { panel, model } = await show();
    model.state = loading({ percent: 43 });
    act(() => model.changed.emit());
    expect(panel.node.querySelector('[role=progressbar]')).not.toBeNull();
    expect(panel.node.textContent).toContain(
      'Model gpt-oss-20b is loading, 43 %.'
    );
  });

  it('follows the model only while the panel is in view', async () => {
    const { panel, told } = await show();
    act(() => panel.hide());
    act(() => panel.show());
    expect(told.onModel.mock.calls).toEqual([[true], [false], [true]]);
  });

  it('opens the model and puts the keyboard there', async () => {
    const { panel, button } = await show();
    Element.prototype.scrollIntoView = jest.fn();
    act(() => button('Model').click());
    expect(button('Model').getAttribute('aria-expanded')).toBe('false');
    await act(async () => {
      panel.showModel();
      await new Promise(resolve => setTimeout(resolve, 50));
    });
    expect(button('Model').getAttribute('aria-expanded')).toBe('true');
    expect(document.activeElement).toBe(button('Model'));
  });

  it('shows the reasoning only on demand', async () => {
    const job = script(
      { type: 'stage', stage: 'stream', detail: '' },
      { type: 'reasoning', text: 'First a mean, ' },
      { type: 'reasoning', text: 'then a plot.' }
    ).reduce(reduce, newJob('j1', 't', true));
    const { panel, button } = await show({ phase: 'streaming', job });
    expect(panel.node.textContent).not.toContain('First a mean');
    act(() => button('Reasoning…').click());
    expect(panel.node.querySelector('pre')?.textContent).toBe(
      'First a mean, then a plot.'
    );
  });

  it('says what the job waits for, and how many are ahead of it', async () => {
    const job = script(
      { type: 'queued', position: 2 },
      { type: 'stage', stage: 'stream', detail: '' },
      {
        type: 'progress',
        stage: 'stream',
        message: 'Waiting for the model: loading the weights',
        done: 43,
        total: 100
      },
      { type: 'queued', position: 2 }
    ).reduce(reduce, newJob('j1', 't', true));
    const { panel } = await show({ phase: 'streaming', job });
    expect(panel.node.textContent).toContain(
      'Write the cells43 %Waiting for the model: loading the weights'
    );
    expect(panel.node.textContent).toContain('2 jobs are ahead of yours.');
  });

  it('follows the sandboxes', async () => {
    const { panel, sandboxes } = await show();
    sandboxes.list = [sandbox()];
    act(() => sandboxes.changed.emit());
    expect(panel.node.textContent).toContain('Sandboxes (1)');
    expect(panel.node.textContent).toContain('312 MB of 2 GB');
  });

  it('says when the sandboxes come into view and leave it', async () => {
    const { panel, told, button } = await show();
    act(() => button('Sandboxes').click());
    act(() => button('Sandboxes').click());
    act(() => panel.hide());
    act(() => panel.show());
    expect(told.onSandboxes.mock.calls).toEqual([
      [true],
      [false],
      [true],
      [false],
      [true]
    ]);
  });

  it('opens the sandboxes and puts the keyboard there', async () => {
    const { panel, button } = await show();
    Element.prototype.scrollIntoView = jest.fn();
    act(() => button('Sandboxes').click());
    await act(async () => {
      panel.showSandboxes();
      await new Promise(resolve => setTimeout(resolve, 50));
    });
    expect(button('Sandboxes').getAttribute('aria-expanded')).toBe('true');
    expect(document.activeElement).toBe(button('Sandboxes'));
  });
});
