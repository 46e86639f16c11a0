import { nullTranslator } from '@jupyterlab/translation';
import React, { act } from 'react';

import { DataTable } from '../../widgets/data_table';
import type { DataCell } from '../../widgets/data_table';
import { groupTable } from '../../widgets/monitor_tables';
import { quality } from '../fakes/monitor';
import { button, render } from '../fakes/page';

const trans = nullTranslator.load('gptoss_lab');

async function show(rows: readonly DataCell[][], sorts = true) {
  const { node } = await render(() => (
    <DataTable
      head={['Name', 'Count']}
      rows={rows}
      sorts={sorts}
      label="Table"
      trans={trans}
    />
  ));
  const names = () =>
    [...node.querySelectorAll('tbody tr')].map(
      row => row.firstElementChild?.textContent
    );
  const order = () =>
    [...node.querySelectorAll('thead th')].map(one =>
      one.getAttribute('aria-sort')
    );
  return { node, names, order };
}

const ROWS: DataCell[][] = [
  ['b', { text: '2', by: 2 }],
  ['c', { text: '–', by: NaN }],
  ['a', { text: '10', by: 10 }]
];

describe('DataTable', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('sorts numbers from the greatest, then the other way, then not', async () => {
    const { node, names, order } = await show(ROWS);
    const head = () => button(node.querySelector('thead') as Element, 'Count▼');
    act(() => button(node, 'Count').click());
    expect(names()).toEqual(['a', 'b', 'c']);
    expect(order()).toEqual(['none', 'descending']);
    act(() => head().click());
    // What has no number stays at the end.
    expect(names()).toEqual(['b', 'a', 'c']);
    expect(order()).toEqual(['none', 'ascending']);
    act(() => button(node, 'Count▲').click());
    expect(names()).toEqual(['b', 'c', 'a']);
  });

  it('sorts words from the first', async () => {
    const { node, names } = await show(ROWS);
    act(() => button(node, 'Name').click());
    expect(names()).toEqual(['a', 'b', 'c']);
  });

  it('has no buttons where nothing is to be sorted', async () => {
    const { node, order } = await show(ROWS, false);
    expect(node.querySelector('thead button')).toBeNull();
    expect(order()).toEqual([null, null]);
  });

  it('shows the beginning of a list of 200, and all of it on request', async () => {
    const { rows, head } = groupTable(
      Array.from({ length: 200 }, (_, at) => ({
        generator: 'model' as const,
        model: `model-${at}`,
        templates: '',
        docs: '',
        quality: quality({ generations: 200 - at, good: 100 - at / 2 })
      })),
      trans
    );
    const { node } = await render(() => (
      <DataTable head={head} rows={rows} sorts label="Table" trans={trans} />
    ));
    expect(node.querySelectorAll('tbody tr')).toHaveLength(12);
    act(() => button(node, 'Show all 200').click());
    expect(node.querySelectorAll('tbody tr')).toHaveLength(200);
    act(() => button(node, 'Generations').click());
    act(() => button(node, 'Generations▼').click());
    expect(node.querySelector('tbody th')?.textContent).toBe('model-199');
  });
});
