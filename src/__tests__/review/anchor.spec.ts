import type { INotebookTracker } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { holdView } from '../../review/anchor';
import type { IGenerationManager, Phase } from '../../tokens';

describe('holdView', () => {
  it('marks the notebook that text streams into, and no longer', () => {
    const panels = ['a.ipynb', 'b.ipynb'].map(path => ({
      content: new Widget(),
      context: { path }
    }));
    const tracker = {
      forEach: (each: (panel: unknown) => void) => panels.forEach(each)
    } as unknown as INotebookTracker;
    const manager = {
      phase: 'idle' as Phase,
      path: 'b.ipynb',
      changed: new Signal<IGenerationManager, void>(
        {} as unknown as IGenerationManager
      )
    };
    holdView(manager, tracker);
    const marks = (phase: Phase) => {
      manager.phase = phase;
      manager.changed.emit();
      return panels.map(({ content }) =>
        content.hasClass('jp-Gptoss-streaming')
      );
    };
    expect(marks('starting')).toEqual([false, false]);
    expect(marks('streaming')).toEqual([false, true]);
    expect(marks('reviewing')).toEqual([false, false]);
  });
});
