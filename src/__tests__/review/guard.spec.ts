import { CodeCell } from '@jupyterlab/cells';
import type { Cell } from '@jupyterlab/cells';
import type { INotebookCellExecutor } from '@jupyterlab/notebook';

import {
  GuardedExecutor,
  RefusalNotice,
  guardCodeCells,
  guardExecutor
} from '../../review/guard';

function cell(type: string, review?: string): Cell {
  return {
    model: { type, getMetadata: () => (review ? { review } : undefined) }
  } as unknown as Cell;
}

function options(target: Cell) {
  const executed: boolean[] = [];
  return {
    executed,
    options: {
      cell: target,
      onCellExecuted: ({ success }: { success: boolean }) =>
        executed.push(success)
    } as unknown as INotebookCellExecutor.IRunCellOptions
  };
}

describe('GuardedExecutor', () => {
  it.each([
    ['code', 'pending', false],
    ['code', 'damaged', false],
    ['code', 'accepted', true],
    ['code', undefined, true],
    ['markdown', 'pending', true],
    ['raw', 'pending', true]
  ])('%s that is %s runs: %s', async (type, review, runs) => {
    const refused: Cell[] = [];
    const run = jest.fn(async () => true);
    const guard = new GuardedExecutor(target => refused.push(target), run);
    const asked = options(cell(type, review));
    expect(await guard.runCell(asked.options)).toBe(runs);
    expect(run).toHaveBeenCalledTimes(runs ? 1 : 0);
    expect(refused).toHaveLength(runs ? 0 : 1);
    expect(asked.executed).toEqual(runs ? [] : [false]);
  });
});

describe('guardExecutor', () => {
  class Foreign implements INotebookCellExecutor {
    readonly ran: string[] = [];

    async runCell({
      cell: target
    }: INotebookCellExecutor.IRunCellOptions): Promise<boolean> {
      this.ran.push(target.model.type);
      return true;
    }
  }

  it('stands before an executor of another extension', async () => {
    const refused: Cell[] = [];
    const foreign = new Foreign();
    const guarded = guardExecutor(foreign, target => refused.push(target));
    expect(guarded).toBeInstanceOf(GuardedExecutor);
    const pending = options(cell('code', 'pending'));
    expect(await foreign.runCell(pending.options)).toBe(false);
    expect(await foreign.runCell(options(cell('code')).options)).toBe(true);
    expect(foreign.ran).toEqual(['code']);
    expect(refused).toHaveLength(1);
  });

  it('does not stand before itself', () => {
    const own = new GuardedExecutor(() => undefined);
    expect(guardExecutor(own, () => undefined)).toBe(own);
  });

  it('says where it cannot stand', () => {
    const frozen = Object.freeze({ runCell: async () => true });
    expect(guardExecutor(frozen, () => undefined)).toBeNull();
  });
});

describe('GuardedExecutor with another runner', () => {
  it.each([
    ['accepted', true, 1],
    [undefined, true, 1],
    ['pending', false, 0]
  ])('leaves cells that are %s to it', async (review, expected, asked) => {
    const original = jest.fn(async () => true);
    const guard = new GuardedExecutor(() => undefined, original);
    const own = jest.fn(async () => true);
    guard.leaveTo({ takes: () => true, run: own });
    const { options: run } = options(cell('code', review));
    expect(await guard.runCell(run)).toBe(expected);
    expect(own).toHaveBeenCalledTimes(asked);
    expect(original).not.toHaveBeenCalled();
  });

  it('tells it how many cells were asked to run at once', async () => {
    const guard = new GuardedExecutor(
      () => undefined,
      async () => true
    );
    const seen: number[] = [];
    guard.leaveTo({
      takes: () => true,
      run: async (_, __, together) => seen.push(await together) > 0
    });
    const cells = [cell('code'), cell('code', 'pending'), cell('code')];
    await Promise.all(cells.map(one => guard.runCell(options(one).options)));
    await guard.runCell(options(cell('code')).options);
    expect(seen).toEqual([3, 3, 1]);
  });

  it('runs what the other does not take', async () => {
    const original = jest.fn(async () => true);
    const guard = new GuardedExecutor(() => undefined, original);
    const own = jest.fn(async () => true);
    guard.leaveTo({ takes: () => false, run: own });
    expect(await guard.runCell(options(cell('code')).options)).toBe(true);
    expect(own).not.toHaveBeenCalled();
    expect(original).toHaveBeenCalledTimes(1);
  });
});

describe('guardCodeCells', () => {
  it('refuses pending cells, runs others, and can be undone', async () => {
    const original = CodeCell.execute;
    const run = jest.fn(async () => undefined);
    CodeCell.execute = run;
    const refused: Cell[] = [];
    const guard = guardCodeCells(target => refused.push(target));
    const session = {} as Parameters<typeof CodeCell.execute>[1];
    await CodeCell.execute(cell('code', 'pending') as CodeCell, session);
    expect(run).not.toHaveBeenCalled();
    expect(refused).toHaveLength(1);
    await CodeCell.execute(cell('code', 'accepted') as CodeCell, session);
    expect(run).toHaveBeenCalledTimes(1);
    guard.dispose();
    expect(CodeCell.execute).toBe(run);
    CodeCell.execute = original;
  });

  it('leaves a later wrapper in place', () => {
    const original = CodeCell.execute;
    const guard = guardCodeCells(() => undefined);
    const later = jest.fn();
    CodeCell.execute = later;
    guard.dispose();
    expect(CodeCell.execute).toBe(later);
    CodeCell.execute = original;
  });
});

describe('RefusalNotice', () => {
  it('says once what was refused together', () => {
    jest.useFakeTimers();
    const shown: number[] = [];
    const notice = new RefusalNotice(cells => shown.push(cells.length));
    const one = cell('code', 'pending');
    notice.add(one);
    notice.add(one);
    notice.add(cell('code', 'pending'));
    jest.runAllTimers();
    notice.add(one);
    jest.runAllTimers();
    expect(shown).toEqual([2, 1]);
    jest.useRealTimers();
  });
});
