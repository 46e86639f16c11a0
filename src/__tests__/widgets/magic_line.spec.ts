import { MimeModel } from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';

import { newJob } from '../../model/job';
import { MIME } from '../../model/magic_variables';
import { MagicLine, stateOf } from '../../widgets/magic_line';
import { FakeManager } from '../fakes/magic';
import { button } from '../fakes/page';

const trans = nullTranslator.load('gptoss_lab');

async function line(data: unknown, manager = new FakeManager()) {
  const opened: number[] = [];
  const widget = new MagicLine({
    manager,
    trans,
    onOpen: () => opened.push(1)
  });
  await widget.renderModel(
    new MimeModel({ data: { [MIME]: data as Record<string, string> } })
  );
  return { widget, manager, opened };
}

describe('MagicLine', () => {
  it('starts nothing when a saved note is shown', async () => {
    const { widget, manager } = await line({
      version: 1,
      ticket: 't',
      job: 'j9',
      docs: ['pandas'],
      task: 'mean',
      variables: [{ name: 'df', description: 'a table' }]
    });
    expect(manager.asked).toEqual([]);
    expect(widget.node.textContent).toContain('was asked here');
    expect(widget.node.textContent).toContain('pandas');
    expect(widget.node.querySelector('details')?.hidden).toBe(false);
    expect(widget.node.querySelector('li')?.textContent).toBe('df: a table');
  });

  it('follows its own job', async () => {
    const manager = new FakeManager();
    manager.job = newJob('j1', 'mean', true);
    manager.phase = 'streaming';
    const { widget } = await line({ version: 1, job: 'j1', docs: [] }, manager);
    const state = widget.node.querySelector('[role=status]');
    expect(state?.textContent).toContain('writes the cells below');
    manager.phase = 'reviewing';
    manager.counts = { total: 2, pending: 2, accepted: 0, rejected: 0 };
    manager.changed.emit();
    expect(state?.textContent).toContain('2 cells below wait');
    widget.dispose();
    manager.phase = 'done';
    manager.changed.emit();
    expect(state?.textContent).toContain('2 cells below wait');
  });

  it.each([null, 'text', [], { job: 3, docs: [1, {}], variables: [{}] }])(
    'shows nonsense as a line: %j',
    async data => {
      const { widget } = await line(data);
      expect(widget.node.textContent).toContain('was asked here');
      expect(widget.node.querySelector('details')?.hidden).toBe(true);
    }
  );

  it('takes markup for text', async () => {
    const { widget } = await line({ docs: ['<img src=x onerror=alert(1)>'] });
    expect(widget.node.querySelector('img')).toBeNull();
    expect(widget.node.textContent).toContain('<img');
  });

  it('opens the panel', async () => {
    const { widget, opened } = await line({});
    button(widget.node, 'Open the panel').click();
    expect(opened).toEqual([1]);
  });
});

describe('stateOf', () => {
  it('says how many were accepted', () => {
    const manager = new FakeManager();
    manager.job = newJob('j1', 'mean', true);
    manager.phase = 'done';
    manager.counts = { total: 2, pending: 0, accepted: 1, rejected: 1 };
    expect(stateOf('j1', manager, trans)).toBe('Reviewed: 1 cell accepted.');
  });

  it.each([
    ['', 'starting', 'Asking gpt-oss'],
    ['', 'streaming', 'was asked here'],
    ['j2', 'streaming', 'was asked here'],
    ['j1', 'done', 'No cells were made. Nothing fits.'],
    ['j1', 'error', 'The generation failed: Gone.']
  ] as const)('of job %j while %s', (job, phase, words) => {
    const manager = new FakeManager();
    manager.job = { ...newJob('j1', 'mean', true), message: 'Nothing fits.' };
    manager.phase = phase;
    manager.problem = {
      type: 'about:blank',
      title: 'Lost',
      status: 502,
      detail: 'Gone.',
      code: 'lost',
      hint: ''
    };
    expect(stateOf(job, manager, trans)).toContain(words);
  });
});
