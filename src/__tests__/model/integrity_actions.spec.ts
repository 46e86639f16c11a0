import { NotebookActions } from '@jupyterlab/notebook';
import type { INotebookModel, Notebook } from '@jupyterlab/notebook';
import { NBTestUtils } from '@jupyterlab/notebook/lib/testutils';
import { Widget } from '@lumino/widgets';

import { pendingCells, rejectCells } from '../../model/review';
import { reviews, texts } from '../fakes/notebook';
import { propose, watched } from '../fakes/watched';

/**
 * The notebook as JupyterLab shows it, so that its own actions are what is
 * done to the cells.
 */
function open(...sources: string[]): {
  content: Notebook;
  model: INotebookModel;
} {
  const model = watched(...sources);
  const content = NBTestUtils.createNotebook();
  content.model = model;
  Widget.attach(content, document.body);
  return { content, model };
}

function select(content: Notebook, from: number, to = from): void {
  content.deselectAll();
  content.activeCellIndex = from;
  content.extendContiguousSelectionTo(to);
}

describe('JupyterLab’s own actions', () => {
  it('split: both parts wait, and are rejected to the old text', () => {
    const { content, model } = open('a = 10\nb = 20');
    propose(model, 0, { change: 'changed', original: 'a = 1\nb = 2' });
    content.activeCellIndex = 0;
    content.mode = 'edit';
    content.activeCell?.editor?.setCursorPosition({ line: 1, column: 0 });
    NotebookActions.splitCell(content);
    expect(texts(model)).toEqual(['a = 10', 'b = 20']);
    expect(reviews(model)).toEqual(['pending', 'pending']);
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['a = 1', 'b = 2']);
    content.dispose();
  });

  it('merge: the cell waits, whichever was the active one', () => {
    const { content, model } = open('own', 'new', 'last');
    propose(model, 1);
    select(content, 0, 1);
    NotebookActions.mergeCells(content);
    expect(texts(model)).toEqual(['own\n\nnew', 'last']);
    expect(reviews(model)).toEqual(['pending', '']);
    select(content, 1);
    NotebookActions.mergeCells(content, true, false);
    expect(reviews(model)).toEqual(['pending']);
    expect(Array.from(model.cells)[0]?.trusted).toBe(false);
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['own\nlast']);
    content.dispose();
  });

  it('type: what was Markdown or raw for a while waits', () => {
    const { content, model } = open('new', 'own');
    propose(model, 0);
    for (const type of ['markdown', 'raw', 'code']) {
      select(content, 0);
      NotebookActions.changeCellType(content, type as 'code');
      expect(reviews(model)).toEqual(['pending', '']);
    }
    expect(Array.from(model.cells)[0]?.trusted).toBe(false);
    content.dispose();
  });

  it('copy, paste, cut, move, undo: what waits keeps waiting', () => {
    const { content, model } = open('own', 'new');
    propose(model, 1);
    select(content, 1);
    NotebookActions.copy(content);
    NotebookActions.paste(content);
    expect(reviews(model)).toEqual(['', 'pending', 'pending']);
    select(content, 2);
    NotebookActions.cut(content);
    expect(reviews(model)).toEqual(['', 'pending']);
    select(content, 0);
    NotebookActions.paste(content, 'above');
    expect(reviews(model)).toEqual(['pending', '', 'pending']);
    select(content, 0);
    NotebookActions.moveDown(content);
    expect(reviews(model)).toEqual(['', 'pending', 'pending']);
    NotebookActions.undo(content);
    expect(texts(model).filter((_, at) => !reviews(model)[at])).toEqual([
      'own'
    ]);
    content.dispose();
  });

  it('clear outputs: gives no trust', () => {
    const { content, model } = open('new');
    propose(model, 0);
    NotebookActions.clearAllOutputs(content);
    expect(Array.from(model.cells)[0]?.trusted).toBe(false);
    content.dispose();
  });
});
