import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';

import { Targets } from '../../model/targets';
import { notebook } from '../fakes/notebook';

describe('Targets', () => {
  it('finds the place below a cell, whichever is active', () => {
    const model = notebook('import a', '%%gptoss\nmean', '%%gptoss\nsum', 'b');
    const panel = {
      content: { model, activeCellIndex: 3 },
      context: { path: 'a.ipynb', model }
    } as unknown as NotebookPanel;
    const tracker = {
      widgetAdded: new Signal({}),
      find: (fits: (panel: NotebookPanel) => boolean) =>
        fits(panel) ? panel : undefined
    } as unknown as INotebookTracker;
    const targets = new Targets({
      tracker,
      commands: new CommandRegistry(),
      kernelFor: async () => ''
    });
    const cell = model.sharedModel.cells[2]?.getId() ?? '';
    // What is asked of us is no code of the notebook.
    expect(targets.below({ model, cell })).toEqual({
      path: 'a.ipynb',
      model,
      after: cell,
      context: ['import a'],
      readOnly: false
    });
    // Cells that an edit is about are no context of themselves.
    const below = model.sharedModel.cells[3]?.getId() ?? '';
    const from = model.sharedModel.cells[0]?.getId();
    expect(targets.below({ model, cell: below, from })?.context).toEqual([]);
    expect(targets.below({ model, cell: below })?.context).toHaveLength(2);
    expect(targets.below({ model: notebook('x'), cell })).toBeNull();
  });
});
