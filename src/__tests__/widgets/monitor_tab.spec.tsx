import { nullTranslator } from '@jupyterlab/translation';
import React, { act } from 'react';

import { MonitorWatch } from '../../model/monitor';
import MonitorTab from '../../widgets/monitor_tab';
import type { Monitor } from '../../wire/schema';
import { FakeMonitorApi, TWENTY, monitor, quality } from '../fakes/monitor';
import { button, render } from '../fakes/page';

const trans = nullTranslator.load('gptoss_lab');

async function show(next: Monitor | number | null, now?: () => Date) {
  const api = new FakeMonitorApi();
  api.next = next;
  const watch = new MonitorWatch(api, now);
  const told = {
    onCopy: jest.fn(),
    onExport: jest.fn(),
    onHistory: jest.fn(),
    onGenerate: jest.fn()
  };
  const page = await render(() => (
    <MonitorTab {...told} watch={watch} trans={trans} />
  ));
  await act(async () => {
    watch.watch();
    await new Promise(resolve => setTimeout(resolve, 20));
  });
  const again = (what: Monitor | number) =>
    act(async () => {
      api.next = what;
      await watch.refresh();
      await new Promise(resolve => setTimeout(resolve, 20));
    });
  return { ...page, api, watch, told, again };
}

/**
 * What the rates say, by name.
 */
function rates(node: HTMLElement): Record<string, string> {
  return Object.fromEntries(
    [...node.querySelectorAll('.jp-Gptoss-rates > div')].map(row => [
      row.querySelector('dt')?.textContent ?? '',
      [...row.querySelectorAll('dd > :not([aria-hidden])')]
        .map(part => part.textContent)
        .join(', ')
    ])
  );
}

describe('MonitorTab', () => {
  let watches: MonitorWatch[] = [];
  const open = async (...parts: Parameters<typeof show>) => {
    const shown = await show(...parts);
    watches.push(shown.watch);
    return shown;
  };

  afterEach(() => {
    watches.forEach(watch => watch.dispose());
    watches = [];
    document.body.innerHTML = '';
  });

  it('says that it loads', async () => {
    const { node } = await open(null);
    expect(node.textContent).toContain('Loading the figures…');
  });

  it('says in words how each part stands, and what to do', async () => {
    const { node } = await open(monitor());
    expect(node.querySelector('h3')?.textContent).toBe('Needs a look: Sandbox');
    const said = [...node.querySelectorAll('.jp-Gptoss-services li')].map(
      row => row.textContent
    );
    expect(said).toEqual([
      'Sandbox WarningThe image is not built.Run `jupyter gptoss sandbox build`.',
      'Jobs Off',
      'Model Wellgpt-oss-20b answers'
    ]);
  });

  it('says what will appear where nothing was generated', async () => {
    const { node, told } = await open(monitor());
    expect(node.textContent).toContain(
      'Nothing was generated in the last 24 hours.'
    );
    expect(node.textContent).not.toContain('How generations ended');
    act(() => button(node, 'Generate cells').click());
    expect(told.onGenerate).toHaveBeenCalledTimes(1);
  });

  it('says every rate with its counts, and none of too few', async () => {
    const { node } = await open(monitor({ total: TWENTY }));
    expect(rates(node)).toMatchObject({
      Success: '85 %, 17 of 20 generations',
      'Cells that parse': '97 %, 58 of 60 cells',
      'Pass the checks': '95 %, 55 of 58 that parse',
      'Run well': '89 %, 40 of 45 that were run',
      Executions: 'Too few to say, 3 of 4 ended well',
      'Kept by people': '90 %, 36 of 40 decided on'
    });
    const facts = node.querySelector('.jp-Gptoss-facts')?.textContent;
    expect(facts).toContain('8, 0.4 per generation');
    expect(facts).toContain('420 ms');
    expect(facts).toContain('81.3 tokens/s');
  });

  it('draws charts that can be read as text and as tables', async () => {
    const { node } = await open(
      monitor({
        total: TWENTY,
        timeline: [
          { at: '2026-11-27T10:00:00Z', quality: TWENTY },
          { at: '2026-11-27T11:00:00Z', quality: quality() }
        ],
        stages: [{ name: 'stream', count: 20, p50_s: 8.2, p95_s: 21 }]
      })
    );
    const alts = [...node.querySelectorAll('svg[role=img]')].map(svg =>
      svg.getAttribute('aria-label')
    );
    expect(alts).toHaveLength(5);
    expect(alts).toContain(
      'How far cells came: Ran well 40, Checked, not run 10, Does not parse 2, Failed a check 3, Failed to run 5'
    );
    expect(alts.join()).toContain('17 of 20 came through');
    expect(alts.join()).toContain('Write the cells, Median: 8.2 s');
    act(() => button(node, 'Show as table: How far cells came').click());
    const cells = [...node.querySelectorAll('table')].map(table =>
      [...table.rows].map(row => [...row.cells].map(cell => cell.textContent))
    );
    expect(cells[0]).toContainEqual(['Ran well', '40', '67 %']);
    act(() => button(node, 'Show as chart: How far cells came').click());
    expect(node.querySelectorAll('svg[role=img]')).toHaveLength(5);
  });

  it('lists errors, and leads to the jobs', async () => {
    const { node, told } = await open(
      monitor({
        total: TWENTY,
        errors: [
          { code: 'KeyError', kind: 'cell', count: 1234 },
          { code: '4xx', kind: 'http', count: 3 }
        ]
      })
    );
    const table = node.querySelector('table');
    expect(table?.rows[1]?.textContent).toBe(
      `KeyErrorCell${(1234).toLocaleString()}`
    );
    expect(table?.rows[2]?.textContent).toBe('Refused (4xx)Request3');
    act(() => button(node, 'See the jobs in the history').click());
    expect(told.onHistory).toHaveBeenCalledTimes(1);
  });

  it('says what the machine has left, and where that is little', async () => {
    const { node } = await open(monitor());
    expect(rates(node)).toMatchObject({
      Processor: '34 % of 8 cores',
      Memory: '12 GB of 32 GB',
      Disk: '5 GB free of 100 GB, Little is left.'
    });
  });

  it.each([
    [404, 'older than this page'],
    [429, 'asked too often'],
    [0, 'does not answer'],
    [500, 'The server says no.']
  ])('says why it has no figures: %s', async (status, text) => {
    const { node } = await open(status);
    expect(node.querySelector('[role=alert]')?.textContent).toContain(text);
    expect(node.textContent).not.toContain('Loading');
    expect(button(node, 'Try again')).toBeTruthy();
  });

  it('leads who may not see the figures to their own jobs', async () => {
    const { node, told, again } = await open(monitor({ total: TWENTY }));
    await again(403);
    expect(node.textContent).toContain('not for you to see');
    expect(node.textContent).not.toContain('17 of 20');
    act(() => button(node, 'Show the history').click());
    expect(told.onHistory).toHaveBeenCalledTimes(1);
  });

  it('keeps the last figures while the server is gone, and says of when', async () => {
    const { node, again } = await open(monitor({ total: TWENTY }));
    await again(0);
    const alert = node.querySelector('[role=alert]')?.textContent;
    expect(alert).toMatch(/These are the figures of \S+/);
    expect(node.textContent).toContain('17 of 20');
    button(node, 'Try again').focus();
    await again(monitor({ total: TWENTY }));
    expect(node.querySelector('[role=alert]')?.textContent).toBe('');
    // The button is gone: the keyboard has the window that is chosen.
    expect(document.activeElement?.getAttribute('aria-label')).toBe(
      'the last 24 hours'
    );
  });

  it('says that the clocks differ', async () => {
    const { node } = await open(
      monitor(),
      () => new Date('2026-11-27T11:30:00Z')
    );
    expect(node.textContent).toContain('clock is 30 min ahead');
  });

  it('looks at another window', async () => {
    const { node, api } = await open(monitor({ total: TWENTY }));
    const hour = node.querySelector<HTMLInputElement>(
      '[aria-label="the last hour"]'
    );
    await act(async () => {
      hour?.click();
      await new Promise(resolve => setTimeout(resolve, 20));
    });
    expect(api.asked.map(({ hours }) => hours)).toEqual([24, 1]);
    expect(node.textContent).toContain('Generations in the last hour');
  });

  it('copies and exports what it shows', async () => {
    const figures = monitor({ total: TWENTY });
    const { node, told } = await open(figures);
    act(() => button(node, 'Copy as Markdown').click());
    expect(told.onCopy).toHaveBeenCalledWith(
      expect.stringContaining('| Success | 85 % | 17 of 20 generations |')
    );
    act(() => button(node, 'Export JSON').click());
    expect(told.onExport).toHaveBeenCalledWith(figures);
  });
});
