import { nullTranslator } from '@jupyterlab/translation';

import { answererText } from '../../widgets/answerer';
import { failed, loading, modelState, ready } from '../fakes/model';

const trans = nullTranslator.load('gptoss_lab');

describe('who answers', () => {
  const examples = { generator: 'examples' as const, model: '' };
  const model = { generator: 'model' as const, model: 'gpt-oss-20b' };

  it.each([
    [model, null, 'Model: gpt-oss-20b'],
    [model, ready(), 'Model: gpt-oss-20b'],
    [examples, null, 'No model is attached: examples from the documentation.'],
    [
      examples,
      modelState(),
      'No model is running: examples from the documentation answer.'
    ],
    [model, modelState(), 'Model gpt-oss-20b starts with the next generation.'],
    [
      examples,
      modelState({ phase: 'unconfigured' }),
      'No model is attached: examples from the documentation.'
    ],
    [
      examples,
      loading({ percent: 43 }),
      'Model gpt-oss-20b is loading, 43 %. Until then, examples from the documentation answer.'
    ],
    [
      model,
      loading(),
      'Model gpt-oss-20b is loading. A generation waits for it.'
    ],
    [
      examples,
      failed(),
      'Model gpt-oss-20b failed: examples from the documentation answer.'
    ]
  ])('%j, %#', (health, state, text) => {
    expect(answererText(health, state, trans)).toBe(text);
  });
});
