import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookTracker } from '@jupyterlab/notebook';

import { openCell } from '../../model/reveal';
import { notebook } from '../fakes/notebook';

function house() {
  const model = notebook('a', 'b');
  const content = {
    widgets: [...model.cells].map(cell => ({ model: cell })),
    activeCellIndex: 0,
    mode: 'edit',
    deselectAll: jest.fn(),
    scrollToCell: jest.fn(async () => undefined),
    activate: jest.fn()
  };
  const panel = { id: 'p1', context: { path: 'a.ipynb' }, content };
  const tracker = {
    find: (fits: (one: typeof panel) => boolean) =>
      fits(panel) ? panel : undefined
  } as unknown as INotebookTracker;
  const activateById = jest.fn();
  const app = { shell: { activateById } } as unknown as Parameters<
    typeof openCell
  >[0];
  return { model, content, tracker, app, activateById };
}

describe('openCell', () => {
  it('shows the notebook and puts the keyboard on the cell', () => {
    const { model, content, tracker, app, activateById } = house();
    openCell(app, tracker, { path: 'a.ipynb', cell: model.cells.get(1) });
    expect(activateById).toHaveBeenCalledWith('p1');
    expect([content.activeCellIndex, content.mode]).toEqual([1, 'command']);
    expect(content.scrollToCell).toHaveBeenCalledWith(content.widgets[1]);
    expect(content.activate).toHaveBeenCalledTimes(1);
  });

  it('does nothing for a notebook that is closed', () => {
    const { model, tracker, app, activateById } = house();
    const cell: ICellModel = model.cells.get(0);
    openCell(app, tracker, { path: 'b.ipynb', cell });
    expect(activateById).not.toHaveBeenCalled();
  });
});
