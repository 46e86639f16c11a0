import { StateDB } from '@jupyterlab/statedb';

import { HealthWatch } from '../../model/health';
import { MAX_SOURCES, SourceList, parseSource } from '../../model/sources';
import type { Health } from '../../wire/schema';
import { SANDBOX } from '../fakes/script';

describe('parseSource', () => {
  it.each([
    ['pandas', 'package'],
    ['scikit-learn', 'package'],
    ['zope.interface', 'package'],
    ['https://pandas.pydata.org/docs', 'url'],
    ['HTTP://example.org', 'url'],
    ['r:stats', 'r-package'],
    ['docs/', 'auto'],
    ['~/papers/one.pdf', 'auto'],
    ['paper.pdf', 'auto'],
    ['./pandas', 'auto']
  ])('takes %s for a %s', (text, kind) => {
    expect(parseSource(`  ${text} `)).toEqual({ kind, uri: text });
  });

  it('takes nothing from an empty text', () => {
    expect(parseSource('   ')).toBeNull();
  });
});

describe('SourceList', () => {
  it('starts with the defaults and remembers what was changed', async () => {
    const state = new StateDB();
    const list = new SourceList(state);
    await list.restore(['pandas']);
    expect(list.add({ kind: 'package', uri: 'numpy' })).toBe(true);
    expect(list.add({ kind: 'package', uri: 'numpy' })).toBe(false);
    list.remove('pandas');
    const later = new SourceList(state);
    await later.restore(['scipy']);
    expect(later.sources).toEqual([{ kind: 'package', uri: 'numpy' }]);
  });

  it('holds as many as a request may name', () => {
    const list = new SourceList(null);
    for (let index = 0; index < MAX_SOURCES; index += 1) {
      expect(list.add({ kind: 'package', uri: `p${index}` })).toBe(true);
    }
    expect(list.add({ kind: 'package', uri: 'more' })).toBe(false);
  });

  it('drops what a damaged state holds', async () => {
    const state = new StateDB();
    await state.save('gptoss-lab:sources', [
      7,
      { uri: 'a', kind: 'x' },
      { uri: 'b', kind: 'file' }
    ]);
    const list = new SourceList(state);
    await list.restore([]);
    expect(list.sources).toEqual([{ uri: 'b', kind: 'file' }]);
  });
});

describe('HealthWatch', () => {
  it('asks once for callers at the same time, and tells of failures', async () => {
    const answer: Health = {
      status: 'ok',
      version: '1',
      generator: 'model',
      model: 'm',
      sandbox: SANDBOX,
      data_writable: true,
      jobs_fault: '',
      answers: null,
      resources: null,
      services: []
    };
    let asked = 0;
    const watch = new HealthWatch({
      health: async () => {
        asked += 1;
        if (asked > 1) {
          throw new Error('gone');
        }
        return answer;
      }
    });
    await Promise.all([watch.refresh(), watch.refresh()]);
    expect(asked).toBe(1);
    expect(watch.current).toBe(answer);
    await watch.refresh();
    expect(watch.current).toMatchObject({ code: 'client', detail: 'gone' });
  });
});
