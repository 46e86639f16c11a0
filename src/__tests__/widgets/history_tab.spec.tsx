import { nullTranslator } from '@jupyterlab/translation';
import React, { act } from 'react';

import { History } from '../../model/history';
import { RequestError } from '../../request';
import { HistoryTab } from '../../widgets/history_tab';
import { whenLabel } from '../../widgets/history_labels';
import type { JobSummary } from '../../wire/schema';
import { summary } from '../fakes/history';
import { button, render, write } from '../fakes/page';

const trans = nullTranslator.load('gptoss_lab');

async function show(jobs: JobSummary[], busy = false) {
  const history = new History({
    jobs: async () => ({ jobs, next: '' }),
    request: async () => {
      throw new RequestError({
        type: '',
        title: 'Not Found',
        status: 404,
        detail: 'The server has forgotten this job.',
        code: 'not_found',
        hint: ''
      });
    },
    cancel: async () => undefined
  });
  const told = {
    onReplay: jest.fn(),
    onRefill: jest.fn(),
    onShow: jest.fn(),
    onStop: jest.fn(),
    onGenerate: jest.fn(),
    onEmptied: jest.fn()
  };
  const page = await render(() => (
    <HistoryTab
      {...told}
      history={history}
      isShown={job => job === 'j1'}
      busy={busy}
      trans={trans}
    />
  ));
  const watching = history.watch();
  await page.draw();
  watching.dispose();
  const names = () =>
    [...page.node.querySelectorAll('[data-row] button')].map(
      node => node.textContent
    );
  return { ...page, history, told, names };
}

describe('HistoryTab', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('teaches where nothing was asked for', async () => {
    const { node, told } = await show([]);
    expect(node.textContent).toContain('Nothing was asked for yet.');
    act(() => button(node, 'Generate cells').click());
    expect(told.onGenerate).toHaveBeenCalledTimes(1);
  });

  it('says what was asked, who answered and how it went', async () => {
    const { node } = await show([
      summary(),
      summary({
        job: 'j2',
        edit: 'port',
        language: 'r',
        generator: 'examples',
        state: 'error',
        cells: 1,
        verified: 0
      }),
      summary({ job: 'j3', kind: 'execute', generator: null, task: 'x = 1' })
    ]);
    const facts = [...node.querySelectorAll('.jp-Gptoss-row-facts')].map(row =>
      [...row.querySelectorAll('span')].map(fact => fact.textContent)
    );
    expect(facts).toEqual([
      ['Done', 'New cells', 'Python', 'gpt-oss-20b', '4 cells, 3 verified'],
      ['Failed', 'Port', 'R', 'Examples', '1 cell'],
      ['Done', 'Execution', 'Python', '4 cells']
    ]);
  });

  it('offers what can be done with each', async () => {
    const { names, told, node } = await show([
      summary(),
      summary({ job: 'j2', task: 'plot', state: 'running' }),
      summary({ job: 'j3', kind: 'execute' })
    ]);
    expect(names()).toEqual([
      'Replay',
      'Refill the form',
      'Show in notebook',
      'Refill the form',
      'Stop'
    ]);
    act(() => button(node, 'Replay').click());
    act(() => button(node, 'Refill the form').click());
    act(() => button(node, 'Show in notebook').click());
    act(() => button(node, 'Stop: plot').click());
    for (const [call, job] of [
      [told.onReplay, 'j1'],
      [told.onRefill, 'j1'],
      [told.onShow, 'j1'],
      [told.onStop, 'j2']
    ] as const) {
      expect(call).toHaveBeenCalledWith(expect.objectContaining({ job }));
    }
  });

  it('does not replay while another generation runs', async () => {
    const { node, told } = await show([summary()], true);
    const replay = button(node, 'Replay');
    expect(replay.getAttribute('aria-disabled')).toBe('true');
    act(() => replay.click());
    expect(told.onReplay).not.toHaveBeenCalled();
  });

  it('filters by text, and says how many are left', async () => {
    const { node } = await show([
      summary(),
      summary({ job: 'j2', task: 'Plot', language: 'r' })
    ]);
    expect(node.querySelector('[role=status]')?.textContent).toBe('2 jobs');
    write(node.querySelector('input'), 'plot');
    expect(node.querySelectorAll('[data-row]')).toHaveLength(1);
    expect(node.querySelector('[role=status]')?.textContent).toBe(
      '1 of 2 jobs'
    );
  });

  it('says what was refused, until that is closed', async () => {
    const { node, history } = await show([summary()]);
    await act(async () => {
      await history.request('j1');
    });
    const alert = node.querySelector('.jp-Gptoss-refusal');
    expect(alert?.textContent).toBe('The server has forgotten this job.');
    act(() => button(node, 'Close the message of the history').click());
    expect(alert?.textContent).toBe('');
  });
});

describe('whenLabel', () => {
  const now = new Date(2026, 10, 27, 12, 0);

  it('names the day only where it was another', () => {
    const today = whenLabel(new Date(2026, 10, 27, 9, 5).toISOString(), now);
    const before = whenLabel(new Date(2026, 9, 3, 9, 5).toISOString(), now);
    expect(today).toMatch(/^0?9.05/);
    expect(before).toMatch(/3/);
    expect(before.length).toBeGreaterThan(today.length);
  });

  it('says nothing of what is no time', () => {
    expect(whenLabel('', now)).toBe('');
  });
});
