import { nullTranslator } from '@jupyterlab/translation';

import {
  bytesText,
  endText,
  gapText,
  isolationText,
  memoryPercent,
  memoryText,
  phaseText,
  sandboxName,
  timeText
} from '../../widgets/sandbox_labels';
import { LIMITS, USAGE, capabilities, sandbox } from '../fakes/sandboxes';

const trans = nullTranslator.load('gptoss_lab');

describe('labels of sandboxes', () => {
  it.each([
    ['notebook', 'work/mean.ipynb', 'mean.ipynb'],
    ['notebook', '', 'Notebook kernel'],
    ['execute', '', 'Execution'],
    ['verify', '', 'Verification'],
    ['inspect', '', 'API check'],
    ['warm', '', 'Ready for use']
  ] as const)('name %s of %j', (purpose, notebook, name) => {
    expect(sandboxName({ purpose, notebook }, trans)).toBe(name);
  });

  it.each([
    ['idle', null, 'Idle'],
    ['busy', null, 'Busy'],
    ['starting', null, 'Starting'],
    ['ended', null, 'Ended'],
    ['busy', 'interrupt', 'Interrupting…'],
    ['idle', 'restart', 'Restarting…'],
    ['idle', 'stop', 'Stopping…'],
    ['idle', 'packages', 'Adding packages…']
  ] as const)('say %s under %s', (phase, verb, text) => {
    expect(phaseText(phase, verb, trans)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1536, '1.5 KB'],
    [312 * 1024 ** 2, '312 MB'],
    [2 * 1024 ** 3, '2 GB']
  ])('write %d bytes as %s', (bytes, text) => {
    expect(bytesText(bytes, trans)).toBe(text);
  });

  it.each([
    [-3, '0 s'],
    [59, '59 s'],
    [61, '1 min'],
    [3600, '1 h'],
    [7500, '2 h 5 min']
  ])('write %d seconds as %s', (seconds, text) => {
    expect(timeText(seconds, trans)).toBe(text);
  });

  it('say memory as used of limit, and nothing where it is not known', () => {
    expect(memoryText(sandbox(), trans)).toBe('312 MB of 2 GB');
    expect(memoryPercent(sandbox())).toBe(15);
    const unknown = sandbox({ usage: { ...USAGE, memory_bytes: null } });
    expect(memoryText(unknown, trans)).toBe('');
    expect(memoryPercent(unknown)).toBeNull();
    const over = sandbox({ usage: { ...USAGE, memory_bytes: 3e9 } });
    expect(memoryPercent(over)).toBe(100);
  });

  it.each([
    ['far off', { expires_in_s: 1700 }, ''],
    ['never', { expires_in_s: null }, ''],
    ['ended', { expires_in_s: 0, phase: 'ended' }, ''],
    [
      'unused',
      { expires_in_s: 240, idle_s: LIMITS.idle_s - 240 },
      'Nobody uses it: it ends in 4 min, with its files.'
    ],
    [
      'old',
      { expires_in_s: 100, idle_s: 5 },
      'Its time is up in 2 min: it ends then, with its files.'
    ]
  ] as const)('say the end that is %s', (_, fields, text) => {
    expect(endText(sandbox(fields), trans)).toBe(text);
  });

  it.each([
    ['docker', 'runc, shared kernel', 'Containers, no network', 'share'],
    ['docker', 'runsc', 'Containers under gVisor, no network', 'show'],
    [
      'docker',
      'kata, its own kernel',
      'Containers with a kernel of their own, no network',
      'show'
    ],
    [
      'bubblewrap',
      'namespaces, no system-call filter',
      'bubblewrap, no network',
      'share.* not filtered'
    ],
    ['bubblewrap', 'namespaces', 'bubblewrap, no network', 'share']
  ] as const)('say what %s (%s) protects', (runtime, isolation, text, gap) => {
    const can = capabilities({ runtime, isolation });
    expect(isolationText(can, trans)).toBe(text);
    expect(gapText(can, trans)).toMatch(new RegExp(`^Not protected:.*${gap}`));
  });

  it('say that gVisor is there and not used', () => {
    const can = capabilities({ gvisor: true });
    expect(gapText(can, trans)).toContain('gVisor is installed, but not used');
  });

  it('say what is missing', () => {
    const can = capabilities({ reason: 'it is not built', hint: 'Build it.' });
    expect(gapText(can, trans)).toContain('out. it is not built. Build it.');
  });

  it('say why no sandbox can run', () => {
    const can = capabilities({
      runtime: 'none',
      reason: 'Neither Docker nor bubblewrap answers.',
      hint: 'Install one.'
    });
    expect(isolationText(can, trans)).toBe('No sandbox can run here');
    expect(gapText(can, trans)).toBe(
      'Neither Docker nor bubblewrap answers. Install one.'
    );
  });
});
