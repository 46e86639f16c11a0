import { FollowQueue } from '../../review/follow_queue';

describe('FollowQueue', () => {
  it('runs what is added once, soon and in order', async () => {
    const queue = new FollowQueue();
    const done: string[] = [];
    const first = () => void done.push('first');
    queue.add(first);
    queue.add(() => void done.push('second'));
    queue.add(first);
    expect(done).toEqual([]);
    await Promise.resolve();
    expect(done).toEqual(['first', 'second']);
  });

  it('leaves to later frames what is too much for one', async () => {
    const queue = new FollowQueue();
    const done: number[] = [];
    const slow = (index: number) => () => {
      const end = performance.now() + 15;
      while (performance.now() < end) {
        continue;
      }
      done.push(index);
    };
    [0, 1, 2].forEach(index => queue.add(slow(index)));
    await Promise.resolve();
    expect(done).toEqual([0]);
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(done).toEqual([0, 1, 2]);
  });
});
