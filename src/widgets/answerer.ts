import type { TranslationBundle } from '@jupyterlab/translation';

import { stageOf } from '../model/model_phase';
import type { Health, ModelState } from '../wire/schema';
import { modelName, percentOfStart } from './model_labels';

/**
 * Say for the foot of the panel who answers: the model, once it is there.
 */
export function answererText(
  health: Pick<Health, 'generator' | 'model'>,
  state: ModelState | null,
  trans: TranslationBundle
): string {
  const name = (state && modelName(state)) || trans.__('unnamed');
  const answers = health.generator === 'model';
  switch (state && stageOf(state)) {
    case 'loading':
      return answers
        ? trans.__('%1 A generation waits for it.', loadingText(state, trans))
        : trans.__(
            '%1 Until then, examples from the documentation answer.',
            loadingText(state, trans)
          );
    case 'failed':
      if (!answers) {
        return trans.__(
          'Model %1 failed: examples from the documentation answer.',
          name
        );
      }
      break;
    case 'away':
      if (answers) {
        return trans.__('Model %1 starts with the next generation.', name);
      }
      if (state?.phase === 'stopped') {
        return trans.__(
          'No model is running: examples from the documentation answer.'
        );
      }
      break;
    default:
  }
  return answers
    ? trans.__('Model: %1', health.model || trans.__('unnamed'))
    : trans.__('No model is attached: examples from the documentation.');
}

function loadingText(
  state: ModelState | null,
  trans: TranslationBundle
): string {
  const name = (state && modelName(state)) || trans.__('unnamed');
  const percent = percentOfStart(state?.progress ?? null);
  return percent === null
    ? trans.__('Model %1 is loading.', name)
    : trans.__('Model %1 is loading, %2 %.', name, percent);
}
