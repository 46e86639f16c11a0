import { nullTranslator } from '@jupyterlab/translation';
import { act } from 'react';

import { ReviewBar } from '../../review/bar';
import type { ITally } from '../../model/tally';
import { attach, button } from '../fakes/page';

const trans = nullTranslator.load('gptoss_lab');

const ONE: ITally = {
  cells: 3,
  hunks: 5,
  generations: [{ job: 'a', task: 'Mean of a column', cells: 3, hunks: 5 }]
};

const TWO: ITally = {
  cells: 4,
  hunks: 4,
  generations: [
    { job: 'a', task: 'Mean of a column\nof sales', cells: 3, hunks: 3 },
    { job: 'b', task: '', cells: 1, hunks: 1 }
  ]
};

async function bar(tally: ITally) {
  const calls: unknown[][] = [];
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void calls.push([name, ...args]);
  const widget = new ReviewBar(
    {
      go: note('go'),
      acceptAll: note('accept'),
      rejectAll: note('reject'),
      undoGeneration: note('undo'),
      titleOf: action => action
    },
    trans
  );
  widget.showTally(tally);
  await attach(widget);
  const show = (next: ITally) =>
    act(async () => {
      widget.showTally(next);
      await new Promise(resolve => setTimeout(resolve, 20));
    });
  return { widget, calls, show };
}

describe('ReviewBar', () => {
  it('counts, steps and decides', async () => {
    const { widget, calls } = await bar(ONE);
    expect(widget.node.textContent).toContain('3 cells to review · 5 changes');
    for (const name of [
      'Next pending cell',
      'Previous pending cell',
      'Accept all',
      'Reject all',
      'Undo this generation'
    ]) {
      button(widget.node, name).click();
    }
    expect(calls).toEqual([
      ['go', 1, undefined],
      ['go', -1, undefined],
      ['accept', undefined],
      ['reject', undefined],
      ['undo', undefined]
    ]);
    expect(widget.node.querySelector('[role="region"]')).not.toBeNull();
  });

  it('narrows to one of several generations, while it waits', async () => {
    const { widget, calls, show } = await bar(TWO);
    const select = () => widget.node.querySelector('select');
    expect(
      [...(select()?.options ?? [])].map(({ textContent }) => textContent)
    ).toEqual([
      'All 2 generations: 4 cells to review',
      'Mean of a column: 3 cells to review',
      'Without a task: 1 cell to review'
    ]);
    expect(widget.node.textContent).not.toContain('Undo this generation');
    await act(async () => {
      const field = select();
      if (field) {
        field.value = 'b';
        field.dispatchEvent(new Event('change', { bubbles: true }));
      }
      await new Promise(resolve => setTimeout(resolve, 20));
    });
    button(widget.node, 'Accept all').click();
    button(widget.node, 'Undo this generation').click();
    expect(calls).toEqual([
      ['accept', 'b'],
      ['undo', 'b']
    ]);
    await show(ONE);
    button(widget.node, 'Accept all').click();
    expect(calls[2]).toEqual(['accept', undefined]);
  });

  it('is there only while something waits', async () => {
    const { widget, show } = await bar({
      cells: 0,
      hunks: 0,
      generations: []
    });
    expect(widget.isHidden).toBe(true);
    await show(ONE);
    expect(widget.isHidden).toBe(false);
    await show({ cells: 0, hunks: 0, generations: [] });
    expect(widget.isHidden).toBe(true);
  });
});
