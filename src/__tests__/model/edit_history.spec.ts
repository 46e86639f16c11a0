import { StateDB } from '@jupyterlab/statedb';

import { EditHistory, HistoryWalk } from '../../model/edit_history';

describe('EditHistory', () => {
  it('keeps the newest last, each once, from visit to visit', async () => {
    const state = new StateDB();
    const history = new EditHistory(state);
    ['a', 'b', ' a ', '', 'x'.repeat(3000)].forEach(text => history.add(text));
    expect(history.entries).toEqual(['b', 'a']);
    const later = new EditHistory(state);
    later.add('c');
    await later.restore();
    expect(later.entries.slice(-1)).toEqual(['c']);
  });

  it('is bounded, and takes no nonsense from the store', async () => {
    const state = new StateDB();
    await state.save('gptoss-lab:instructions', ['a', 3, null] as never);
    const history = new EditHistory(state);
    await history.restore();
    expect(history.entries).toEqual(['a']);
    for (let index = 0; index < 80; index += 1) {
      history.add(`task ${index}`);
    }
    expect(history.entries).toHaveLength(50);
    expect(history.entries[49]).toBe('task 79');
  });
});

describe('HistoryWalk', () => {
  it('goes back to the oldest, and forth to what was typed', () => {
    const walk = new HistoryWalk(['a', 'b']);
    expect(walk.go(1, 'typed')).toBeNull();
    expect(walk.go(-1, 'typed')).toBe('b');
    expect(walk.go(-1, 'b')).toBe('a');
    expect(walk.go(-1, 'a')).toBeNull();
    expect(walk.go(1, 'a')).toBe('b');
    expect(walk.go(1, 'b')).toBe('typed');
  });
});
