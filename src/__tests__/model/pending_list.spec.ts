import { PendingList } from '../../model/pending_list';
import { notebook, reviews } from '../fakes/notebook';
import { FakeTracker, mark } from '../fakes/tracker';

async function house() {
  const tracker = new FakeTracker();
  const first = notebook('own', 'a = 1', 'b = 2');
  mark(first, 1);
  mark(first, 2, { job: 'j2', task: 'plot' });
  const renamed = tracker.add('first.ipynb', first);
  const writing = new Set<string>();
  const list = new PendingList({
    tracker,
    isWriting: (_, cell) => writing.has(cell),
    schedule: run => run()
  });
  const second = notebook('c = 3');
  mark(second, 0, { change: 'deleted' });
  const closing = tracker.add('second.ipynb', second);
  await Promise.resolve();
  const lines = () =>
    list.notebooks.map(({ path, count, generations }) => [
      path,
      count,
      ...generations.map(({ task, cells }) => [
        task,
        ...cells.map(({ line }) => line)
      ])
    ]);
  return { tracker, list, first, renamed, closing, writing, lines };
}

describe('PendingList', () => {
  it('groups pending cells by notebook and generation', async () => {
    const { list, lines } = await house();
    expect(list.count).toBe(3);
    expect(lines()).toEqual([
      ['first.ipynb', 2, ['mean', 'a = 1'], ['plot', 'b = 2']],
      ['second.ipynb', 1, ['mean', 'c = 3']]
    ]);
  });

  it('accepts and rejects a cell where it is', async () => {
    const { list, first, lines } = await house();
    const [one, two] = list.notebooks[0]?.generations ?? [];
    list.accept('first.ipynb', one?.cells ?? []);
    expect(reviews(first)).toEqual(['', 'accepted', 'pending']);
    list.reject('first.ipynb', two?.cells ?? []);
    expect(reviews(first)).toEqual(['', 'accepted']);
    expect(lines()).toEqual([['second.ipynb', 1, ['mean', 'c = 3']]]);
  });

  it('leaves a cell that is still written', async () => {
    const { list, first, writing } = await house();
    writing.add('c1');
    const cells = list.notebooks[0]?.generations.flatMap(one => one.cells);
    list.accept('first.ipynb', cells ?? []);
    expect(reviews(first)).toEqual(['', 'pending', 'accepted']);
  });

  it('follows a rename, and a notebook that is closed', async () => {
    const { list, renamed, closing, lines } = await house();
    const changed = jest.fn();
    list.changed.connect(changed);
    renamed.rename('work/means.ipynb');
    expect(list.notebooks[0]?.path).toBe('work/means.ipynb');
    closing.close();
    expect(lines()).toHaveLength(1);
    expect(changed).toHaveBeenCalledTimes(2);
  });

  it('counts a notebook with two views once', async () => {
    const { list, tracker, first } = await house();
    const view = tracker.add('first.ipynb', first);
    await Promise.resolve();
    expect(list.count).toBe(3);
    view.close();
    expect(list.count).toBe(3);
  });

  it('finds a cell of a job, also one that was decided on', async () => {
    const { list, first } = await house();
    mark(first, 1, { review: 'accepted' });
    expect(list.find('j1')).toEqual({
      path: 'first.ipynb',
      cell: first.cells.get(1)
    });
    expect(list.find('j9')).toBeNull();
  });

  it('tells of many changes once', async () => {
    const { tracker, first } = await house();
    const waiting: (() => void)[] = [];
    const list = new PendingList({
      tracker,
      isWriting: () => false,
      schedule: run => waiting.push(run)
    });
    await Promise.resolve();
    waiting.splice(0).forEach(run => run());
    const changed = jest.fn();
    list.changed.connect(changed);
    mark(first, 1, { task: 'x' });
    mark(first, 2, { task: 'y' });
    expect(waiting).toHaveLength(1);
    waiting.forEach(run => run());
    expect(changed).toHaveBeenCalledTimes(1);
    list.dispose();
    expect(list.notebooks).toEqual([]);
  });
});
