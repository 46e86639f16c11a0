import type { INotebookTracker } from '@jupyterlab/notebook';

import type { IGenerationManager } from '../tokens';

const STREAMING_CLASS = 'jp-Gptoss-streaming';

/**
 * Mark the notebook into which text streams, so that what the person looks at
 * stays where it is.
 */
export function holdView(
  manager: Pick<IGenerationManager, 'phase' | 'path' | 'changed'>,
  tracker: Pick<INotebookTracker, 'forEach'>
): void {
  manager.changed.connect(() => {
    const streaming = manager.phase === 'streaming';
    tracker.forEach(({ content, context }) =>
      content.toggleClass(
        STREAMING_CLASS,
        streaming && context.path === manager.path
      )
    );
  });
}
