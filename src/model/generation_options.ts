import type { TranslationBundle } from '@jupyterlab/translation';

import type { IGenerationApi, ITargets } from '../tokens';
import type { JobMemory } from './memory';

/**
 * What a generation manager works with.
 */
export interface IGenerationOptions {
  api: IGenerationApi;
  targets: ITargets;
  memory: JobMemory;

  /**
   * Runs a function soon, at most once per painted frame.
   */
  schedule: (run: () => void) => void;
  trans?: TranslationBundle;
}
