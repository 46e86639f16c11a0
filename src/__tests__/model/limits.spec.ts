import { cappedSettings, limitsFor } from '../../model/limits';
import { LIMITS } from '../fakes/sandboxes';

describe('limitsFor', () => {
  it.each([
    [{ cellTimeout: 0, memory: 0 }, {}],
    [{ cellTimeout: 30, memory: 0 }, { cell_timeout_s: 30 }],
    [{ cellTimeout: 0, memory: 512 }, { memory_bytes: 512 * 1024 ** 2 }]
  ])('asks with %j for %j', (chosen, asked) => {
    expect(limitsFor(chosen)).toEqual(asked);
  });
});

describe('cappedSettings', () => {
  it('names what is wider than allowed', () => {
    expect(cappedSettings({ cellTimeout: 60, memory: 4096 }, LIMITS)).toEqual([
      { setting: 'memory', chosen: 4096, allowed: 2048 }
    ]);
    expect(cappedSettings({ cellTimeout: 61, memory: 0 }, LIMITS)).toEqual([
      { setting: 'cellTimeout', chosen: 61, allowed: 60 }
    ]);
    expect(cappedSettings({ cellTimeout: 61, memory: 0 }, null)).toEqual([]);
  });
});
