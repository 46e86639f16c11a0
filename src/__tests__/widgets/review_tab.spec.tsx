import { nullTranslator } from '@jupyterlab/translation';
import type { INotebookModel } from '@jupyterlab/notebook';
import React, { act } from 'react';

import { PendingList } from '../../model/pending_list';
import { ReviewTab } from '../../widgets/review_tab';
import { notebook, reviews } from '../fakes/notebook';
import { button, render } from '../fakes/page';
import { FakeTracker, mark } from '../fakes/tracker';

const trans = nullTranslator.load('gptoss_lab');

async function show(models: Record<string, INotebookModel>) {
  const tracker = new FakeTracker();
  Object.entries(models).forEach(([path, model]) => tracker.add(path, model));
  const writing = new Set<string>();
  const list = new PendingList({
    tracker,
    isWriting: (_, cell) => writing.has(cell),
    schedule: run => run()
  });
  await Promise.resolve();
  const told = {
    onOpen: jest.fn(),
    onEmptied: jest.fn(),
    onGenerate: jest.fn()
  };
  const page = await render(() => (
    <ReviewTab
      {...told}
      list={list}
      keysOf={() => ['Alt+Y']}
      trans={trans}
      onAccept={(path, cells) => list.accept(path, cells)}
      onReject={(path, cells) => list.reject(path, cells)}
    />
  ));
  const rows = () => [...page.node.querySelectorAll('[data-row]')];
  const press = (key: string) =>
    act(() => {
      document.activeElement?.dispatchEvent(
        new KeyboardEvent('keydown', { key, bubbles: true })
      );
    });
  return { ...page, list, told, writing, rows, press };
}

function sales(): INotebookModel {
  const model = notebook('own', 'a = 1', 'b = 2', 'c = 3');
  mark(model, 1, { verification: { status: 'ok' } });
  mark(model, 2, { change: 'changed', original: 'b = 1' });
  mark(model, 3, {
    change: 'deleted',
    job: 'j2',
    task: 'plot',
    checks: [{ severity: 'error', message: 'No' }]
  });
  return model;
}

describe('ReviewTab', () => {
  afterEach(() => {
    document.body.innerHTML = '';
  });

  it('teaches where nothing waits', async () => {
    const { node, told } = await show({});
    expect(node.textContent).toContain('Nothing waits for review.');
    expect(node.querySelector('kbd')?.textContent).toBe('Alt+Y');
    act(() => button(node, 'Generate cells').click());
    expect(told.onGenerate).toHaveBeenCalledTimes(1);
  });

  it('says of each cell what it is and how it did', async () => {
    const { node, rows } = await show({ 'work/sales.ipynb': sales() });
    expect(node.querySelector('h3')?.textContent).toBe('sales.ipynb (3)');
    expect(
      rows().map(row =>
        [...row.querySelectorAll('code, .jp-Gptoss-row-facts > span')].map(
          part => part.textContent
        )
      )
    ).toEqual([
      ['a = 1', 'New', 'Verified'],
      ['b = 2', 'Changed'],
      ['c = 3', 'To delete', '1 finding']
    ]);
  });

  it('decides on one cell, and on a generation', async () => {
    const model = sales();
    const { node, draw } = await show({ 'sales.ipynb': model });
    act(() => button(node, 'Accept a = 1').click());
    expect(reviews(model)).toEqual(['', 'accepted', 'pending', 'pending']);
    await draw();
    act(() => button(node, 'Reject all of: plot').click());
    expect(reviews(model)).toEqual(['', 'accepted', 'pending', 'rejected']);
    await draw();
    expect(node.textContent).not.toContain('plot');
  });

  it('does not decide on what is still written', async () => {
    const model = sales();
    const { node, writing, draw } = await show({ 'sales.ipynb': model });
    writing.add('c1');
    await draw();
    const accept = button(node, 'Accept a = 1');
    expect(accept.getAttribute('aria-disabled')).toBe('true');
    act(() => accept.click());
    expect(reviews(model)[1]).toBe('pending');
  });

  it('is one stop of the keyboard, with arrows from row to row', async () => {
    const { node, rows, press, told } = await show({ 'sales.ipynb': sales() });
    const stops = () =>
      rows().map(row => row.querySelector('button')?.tabIndex);
    expect(stops()).toEqual([0, -1, -1]);
    rows()[0]?.querySelector('button')?.focus();
    press('ArrowDown');
    press('ArrowDown');
    press('ArrowDown');
    expect(stops()).toEqual([-1, -1, 0]);
    press('Home');
    press('ArrowDown');
    const open = document.activeElement as HTMLButtonElement;
    expect(open.textContent).toContain('b = 2');
    act(() => open.click());
    expect(told.onOpen.mock.calls[0]?.[0]).toBe('sales.ipynb');
    expect(node.contains(document.activeElement)).toBe(true);
  });

  it('keeps the place of the keyboard when its row goes', async () => {
    const { node, rows, draw, told } = await show({ 'sales.ipynb': sales() });
    for (const name of ['a = 1', 'b = 2', 'c = 3']) {
      const accept = button(node, `Accept ${name}`);
      act(() => accept.focus());
      act(() => accept.click());
      await draw();
      const first = rows()[0]?.querySelector('button') ?? document.body;
      expect(document.activeElement).toBe(first);
    }
    expect(told.onEmptied).toHaveBeenCalledTimes(1);
  });

  it('lists 500 cells without drawing all of them', async () => {
    const model = notebook(...Array.from({ length: 500 }, (_, at) => `x${at}`));
    for (let at = 0; at < 500; at += 1) {
      mark(model, at);
    }
    const { node, rows } = await show({ 'big.ipynb': model });
    expect(node.textContent).toContain('500 cells wait for review');
    expect(rows()).toHaveLength(40);
    act(() => button(node, 'Show 460 more').click());
    expect(rows()).toHaveLength(500);
  });
});
