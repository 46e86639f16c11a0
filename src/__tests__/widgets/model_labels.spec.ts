import { nullTranslator } from '@jupyterlab/translation';

import {
  downloadText,
  hardwareText,
  modelAnnouncement,
  modelName,
  remainingText,
  revisionText,
  sourceText,
  startText
} from '../../widgets/model_labels';
import { failed, loading, plan, progress, ready } from '../fakes/model';

const trans = nullTranslator.load('gptoss_lab');
const GIB = 1024 ** 3;

describe('the words of a start', () => {
  it.each([
    [null, ''],
    [0, 'almost done'],
    [2.2, 'almost done'],
    [7.1, 'about 8 s left'],
    [22, 'about 25 s left'],
    [61, 'about 2 min left'],
    [4000, 'about 1 h 7 min left']
  ])('%j seconds left: %s', (left, text) => {
    expect(remainingText({ remaining_s: left }, trans)).toBe(text);
  });

  it('says the phase, the percent and the time in one sentence', () => {
    const state = loading({ percent: 43.7, remaining_s: 19 });
    expect(startText(state, trans)).toBe(
      'Loading the weights, 43 %, about 20 s left'
    );
  });

  it('says no number that is unknown', () => {
    expect(startText(loading(), trans)).toBe('Loading the weights');
  });

  it.each([
    [{}, ''],
    [{ done_bytes: 3 * GIB }, '3 GB'],
    [{ done_bytes: 3 * GIB, total_bytes: 13 * GIB }, '3 GB of 13 GB']
  ])('%j of a download: %s', (fields, text) => {
    expect(downloadText(progress(fields), trans)).toBe(text);
  });
});

describe('the name of a model', () => {
  it.each([
    [{ model: 'gpt-oss-20b', source: 'x/y' }, 'gpt-oss-20b'],
    [{ model: '', source: 'openai/gpt-oss-20b' }, 'gpt-oss-20b'],
    [{ model: '', source: '/models/tiny/' }, 'tiny'],
    [{ model: '', source: '' }, '']
  ])('%j is %s', (state, name) => {
    expect(modelName(state)).toBe(name);
  });

  it.each([
    ['openai/gpt-oss-20b', 'openai/gpt-oss-20b'],
    ['http://127.0.0.1:8000/v1', 'http://127.0.0.1:8000/v1'],
    ['/models', '/models'],
    ['/home/ada/models/gpt-oss/20b/', '…/gpt-oss/20b'],
    ['C:\\models\\gpt-oss\\20b', '…/gpt-oss/20b']
  ])('comes from %s, said as %s', (source, text) => {
    expect(sourceText(source)).toBe(text);
  });

  it('shortens the revisions that are hashes', () => {
    expect(revisionText('6cee5e81ee83917806bbde320786a8fb61efebee')).toBe(
      '6cee5e8'
    );
    expect(revisionText('main')).toBe('main');
  });
});

describe('what a screen reader hears', () => {
  it('is the same whatever the percent', () => {
    const heard = [1, 2, 99].map(percent =>
      modelAnnouncement(loading({ percent, remaining_s: percent }), trans)
    );
    expect(new Set(heard)).toEqual(new Set(['Model: Loading the weights']));
  });

  it('does not change with every generation', () => {
    expect(modelAnnouncement(ready({ phase: 'busy' }), trans)).toBe(
      modelAnnouncement(ready(), trans)
    );
  });

  it('is why it failed', () => {
    expect(modelAnnouncement(failed(), trans)).toBe(
      'The model failed: The GPU has too little free memory.'
    );
  });

  it('is nothing before the server has answered', () => {
    expect(modelAnnouncement(null, trans)).toBe('');
  });
});

describe('the machine', () => {
  it('is said in one line', () => {
    const { hardware } = plan();
    expect(hardwareText(hardware, trans)).toBe(
      'no GPU · 8 cores · 64 GB of memory, 40 GB free · 200 GB free on disk'
    );
  });

  it('names its accelerators', () => {
    const gpu = {
      index: 0,
      name: 'NVIDIA H100',
      kind: 'cuda' as const,
      total_bytes: 79 * GIB,
      free_bytes: 70 * GIB,
      capability: '9.0',
      driver: '570',
      uuid: ''
    };
    const text = hardwareText({ ...plan().hardware, gpus: [gpu] }, trans);
    expect(text).toContain('NVIDIA H100 (79 GB)');
  });
});
