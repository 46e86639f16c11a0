import { nullTranslator } from '@jupyterlab/translation';
import React, { act } from 'react';

import { ModelSection } from '../../widgets/model_section';
import type { IModelSectionProps } from '../../widgets/model_section';
import type { ModelState } from '../../wire/schema';
import {
  FakeModel,
  NO_METRICS,
  attached,
  failed,
  failure,
  loading,
  modelState,
  option,
  plan,
  ready
} from '../fakes/model';
import { button, render } from '../fakes/page';
import { problem } from '../fakes/sandboxes';

const GIB = 1024 ** 3;

async function show(
  state: ModelState | null,
  fields: Partial<FakeModel> = {},
  options: Partial<IModelSectionProps> = {}
) {
  const model = Object.assign(new FakeModel(), { state, ...fields });
  const told = {
    onToggle: jest.fn(),
    onStart: jest.fn(),
    onStop: jest.fn(),
    onAttach: jest.fn(),
    onPlan: jest.fn(),
    onLogs: jest.fn(),
    onCopy: jest.fn(),
    onDismiss: jest.fn()
  };
  const props: IModelSectionProps = {
    model,
    open: null,
    trans: nullTranslator.load('gptoss_lab'),
    ...told,
    ...options
  };
  const page = await render(() => <ModelSection {...props} />);
  const text = (): string => page.node.textContent ?? '';
  const bar = (): Element | null =>
    page.node.querySelector('[role=progressbar]');
  return { ...page, model, told, text, bar };
}

describe('ModelSection', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('is empty until the server has answered', async () => {
    const { node, text } = await show(null);
    expect(text()).toBe('Model');
    expect(node.querySelectorAll('button')).toHaveLength(1);
  });

  it('says why the server does not answer', async () => {
    const { node } = await show(null, { problem: problem({ status: 404 }) });
    expect(node.querySelector('[role=alert]')?.textContent).toContain(
      'This server does not manage a model.'
    );
  });

  it('offers the start and says what fits, while nothing runs', async () => {
    const { node, text, told } = await show(modelState(), { plan: plan() });
    act(() => button(node, 'Start model').click());
    expect(told.onStart).toHaveBeenCalledTimes(1);
    expect(told.onPlan).toHaveBeenCalledTimes(1);
    expect(text()).toContain('vLLM on one GPUchosen');
    expect(text()).toContain('14 GB of memory13 GB on disk32,768 tokens');
    expect(text()).toContain('revision 6cee5e8');
    expect(() => button(node, 'Stop model')).toThrow();
  });

  it('teaches where no model is set up', async () => {
    const state = modelState({
      engine: null,
      phase: 'unconfigured',
      model: '',
      source: '',
      can_start: false
    });
    const { node, text } = await show(state);
    expect(text()).toContain('No model is set up.');
    expect(node.querySelector('[role=group]')).toBeNull();
  });

  it('says that the engine is missing, and opens the plan for it', async () => {
    const unset = modelState({ phase: 'unconfigured' });
    const { text } = await show(unset, { plan: plan() });
    expect(text()).toContain('This machine is not set up to serve it yet.');
    const { text: failedText } = await show(
      failed({ code: 'engine_missing' }),
      { plan: plan() }
    );
    expect(failedText()).toContain('vLLM on one GPU');
    const { text: other } = await show(failed({ code: 'crashed' }), {
      plan: plan()
    });
    expect(other()).not.toContain('vLLM on one GPU');
  });

  it('has no log of a server that is not ours', async () => {
    const gone = attached({
      phase: 'failed',
      failure: failure({ code: 'unreachable', log_tail: [] })
    });
    const { text } = await show(gone);
    expect(text()).not.toContain('Last lines of the log');
  });

  it('lets an attached server go', async () => {
    const { node, told } = await show(
      attached({ can_stop: true }),
      {},
      { open: true }
    );
    act(() => button(node, 'Detach').click());
    expect(told.onStop).toHaveBeenCalledTimes(1);
  });

  it('shows how far a start has come', async () => {
    const { bar, text } = await show(
      loading({ percent: 43, remaining_s: 18, message: 'Shard 1 of 3' })
    );
    expect(bar()?.getAttribute('aria-valuenow')).toBe('43');
    expect(bar()?.getAttribute('aria-valuetext')).toBe(
      'Loading the weights, 43 %, about 20 s left'
    );
    expect(text()).toContain('Loading the weights43 %about 20 s left');
    expect(text()).toContain('Shard 1 of 3');
  });

  it('names no percent that nobody knows', async () => {
    const { bar, text } = await show(loading({ elapsed_s: 34 }));
    expect(bar()?.hasAttribute('aria-valuenow')).toBe(false);
    expect(text()).toContain('34 s so far');
  });

  it('counts the bytes of a download', async () => {
    const { text } = await show(
      loading(
        { percent: 8, done_bytes: 3 * GIB, total_bytes: 13 * GIB },
        'downloading'
      )
    );
    expect(text()).toContain('Downloading the weights8 %');
    expect(text()).toContain('3 GB of 13 GB');
  });

  it('lets the person give a start up', async () => {
    const { node, told } = await show(loading());
    act(() => button(node, 'Cancel start').click());
    expect(told.onStop).toHaveBeenCalledTimes(1);
    expect(() => button(node, 'Start model')).toThrow();
  });

  it('does nothing twice while something is under way', async () => {
    const activity = { verb: 'stop' as const, running: true, problem: null };
    const { node, told } = await show(ready(), { activity });
    const stop = button(node, 'Stopping…');
    expect(stop.getAttribute('aria-disabled')).toBe('true');
    act(() => stop.click());
    expect(told.onStop).not.toHaveBeenCalled();
  });

  it('shows the figures of a model that answers', async () => {
    const { node } = await show(
      ready({
        memory: {
          weights_bytes: 13 * GIB,
          kv_bytes: GIB,
          kv_tokens: 28160,
          resident_bytes: null,
          gpu_bytes: null
        },
        metrics: {
          ...NO_METRICS,
          running: 1,
          ttft_s: 0.21,
          tokens_per_s: 86.4,
          cached_fraction: 0.83,
          accepted_fraction: 0.6
        },
        queue: { running: 1, waiting: 2, slots: 1 }
      })
    );
    const rows = [...node.querySelectorAll('dl > div')].map(row => [
      row.querySelector('dt')?.textContent,
      row.querySelector('dd')?.textContent
    ]);
    expect(rows).toEqual([
      ['Generations', '1 running, 2 waiting'],
      ['Speed', '86 tokens/s'],
      ['First token', '210 ms'],
      ['Memory', '14 GB'],
      ['Cache room', '28,160 tokens'],
      ['Cache hits', '83 %'],
      ['Speculation', '60 % accepted']
    ]);
  });

  it('keeps a place for what is measured later, and for nothing else', async () => {
    const { node } = await show(
      ready({ metrics: { ...NO_METRICS, running: 0 } })
    );
    const names = [...node.querySelectorAll('dt')].map(dt => dt.textContent);
    expect(names).toEqual(['Generations', 'Speed', 'First token']);
    expect(node.querySelectorAll('dd')[1]?.textContent).toBe(
      '–Not measured yet'
    );
    const { node: silent } = await show(attached(), {}, { open: true });
    expect(silent.querySelectorAll('dt')).toHaveLength(1);
  });

  it('says why it failed, what to do, and the last lines, which can be copied', async () => {
    const { node, text, told } = await show(failed());
    expect(text()).toContain(
      'The GPU has too little free memory.Close what uses it'
    );
    expect(text()).not.toContain('OutOfMemoryError');
    act(() => button(node, 'Last lines of the log').click());
    expect(told.onLogs).toHaveBeenCalledTimes(1);
    expect(node.querySelector('pre')?.textContent).toBe(
      'torch.OutOfMemoryError'
    );
    act(() => button(node, 'Copy the log').click());
    expect(told.onCopy).toHaveBeenCalledWith('torch.OutOfMemoryError');
    expect(text()).toContain('Copied');
    act(() => button(node, 'Try again').click());
    expect(told.onStart).toHaveBeenCalledTimes(1);
  });

  it('reads the log anew while it is open and the start goes on', async () => {
    const { node, told, model, draw } = await show(loading({ elapsed_s: 1 }), {
      logs: []
    });
    act(() => button(node, 'Last lines of the log').click());
    expect(node.textContent).toContain('The engine has said nothing yet.');
    model.state = loading({ elapsed_s: 2 });
    model.logs = ['Starting'];
    await draw();
    expect(told.onLogs).toHaveBeenCalledTimes(2);
    expect(node.querySelector('pre')?.textContent).toBe('Starting');
  });

  it('offers servers that were found, and takes none by itself', async () => {
    const url = 'http://127.0.0.1:11434/v1';
    const found = [{ name: 'Ollama', url, models: ['gpt-oss:20b'] }];
    const { node, text, told } = await show(modelState({ found }));
    expect(text()).toContain('It is used only once you attach it.');
    expect(told.onAttach).not.toHaveBeenCalled();
    act(() => button(node, 'Attach Ollama').click());
    expect(told.onAttach).toHaveBeenCalledWith(url);
  });

  it('shows what does not fit only on demand, with its reasons', async () => {
    const options = [
      option({ title: 'vLLM on one GPU', fits: false, reasons: ['No GPU.'] }),
      option({ title: 'Transformers', fits: false, install: 'pip install x' })
    ];
    const { node, text, told } = await show(modelState(), {
      plan: plan({ options, chosen: null, summary: 'Nothing fits.' })
    });
    expect(text()).toContain('Nothing fits.');
    expect(text()).not.toContain('No GPU.');
    act(() => button(node, 'What does not fit (2)').click());
    expect(text()).toContain('vLLM on one GPUdoes not fit');
    expect(text()).toContain('No GPU.');
    act(() => button(node, 'Copy the command').click());
    expect(told.onCopy).toHaveBeenCalledWith('pip install x');
  });

  it('shows what a person may start where nothing can be hosted', async () => {
    const options = [
      option({ engine: 'attached', title: 'llama-server' }),
      option({ title: 'vLLM', fits: false })
    ];
    const { node, text } = await show(modelState(), {
      plan: plan({ options, chosen: null })
    });
    expect(text()).toContain('llama-serverfits');
    expect(button(node, 'What does not fit (1)')).not.toBeNull();
    expect(button(node, 'Start model').className).not.toContain('primary');
  });

  it('does not say again in the plan why it failed', async () => {
    const summary = 'Too little memory.';
    const { text } = await show(failed(), { plan: plan({ summary }) });
    expect(text()).toContain('vLLM on one GPU');
    expect(text()).not.toContain(summary);
  });

  it('says why there is no plan, and asks again', async () => {
    const { node, told } = await show(modelState(), {
      plan: problem({ detail: 'No answer.' })
    });
    expect(node.textContent).toContain('No answer.');
    act(() => button(node, 'Ask again').click());
    expect(told.onPlan).toHaveBeenCalledTimes(2);
  });

  it('shows a refusal until it is closed', async () => {
    const activity = {
      verb: 'start' as const,
      running: false,
      problem: problem({ detail: 'Taken.', hint: 'Wait.' })
    };
    const { node, told } = await show(modelState(), { activity });
    expect(node.textContent).toContain('Taken. Wait.');
    act(() => button(node, 'Close the message of the model').click());
    expect(told.onDismiss).toHaveBeenCalledTimes(1);
  });

  it('takes no room where somebody else’s server simply works', async () => {
    const { node, told } = await show(attached());
    const title = button(node, 'Model');
    expect(title.getAttribute('aria-expanded')).toBe('false');
    expect(node.textContent).toBe('Modelgpt-oss-20b · Ready');
    act(() => title.click());
    expect(told.onToggle).toHaveBeenCalledWith(true);
  });

  it('opens again where that server is gone, unless the person closed it', async () => {
    const gone = attached({ phase: 'failed' });
    const { node } = await show(gone);
    expect(button(node, 'Model').getAttribute('aria-expanded')).toBe('true');
    const { node: closed } = await show(gone, {}, { open: false });
    expect(button(closed, 'Model').getAttribute('aria-expanded')).toBe('false');
  });

  it('tells a screen reader of each new phase, not of the first', async () => {
    const { node, model, draw } = await show(loading({ percent: 1 }));
    const live = node.querySelector('[aria-live=polite]');
    expect(live?.textContent).toBe('');
    model.state = loading({ percent: 2 });
    await draw();
    expect(live?.textContent).toBe('');
    model.state = ready();
    await draw();
    expect(live?.textContent).toBe('Model: Ready');
  });

  it('keeps the keyboard when the button that had it goes away', async () => {
    const { node, model, draw } = await show(modelState());
    button(node, 'Start model').focus();
    model.state = loading();
    await draw();
    expect(document.activeElement).toBe(button(node, 'Model'));
  });
});
