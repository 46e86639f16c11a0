import type { INotebookModel } from '@jupyterlab/notebook';

import { KEY } from '../../model/provenance';
import { hunkCount, tallyOf } from '../../model/tally';
import { notebook } from '../fakes/notebook';

function mark(model: INotebookModel, index: number, data: object): void {
  model.sharedModel.getCell(index).setMetadata(KEY, {
    review: 'pending',
    job: 'j1',
    ...data
  });
}

function reviewed(): INotebookModel {
  const model = notebook('mine', 'new', 'A\nb\nc\nd\nE', 'going', 'done');
  mark(model, 1, { task: 'First' });
  mark(model, 2, { change: 'changed', original: 'a\nb\nc\nd\ne' });
  mark(model, 3, { change: 'deleted', job: 'j2' });
  mark(model, 4, { review: 'accepted' });
  return model;
}

describe('tallyOf', () => {
  it('counts cells and hunks, by generation too', () => {
    expect(tallyOf(reviewed())).toEqual({
      cells: 3,
      hunks: 4,
      generations: [
        { job: 'j1', task: 'First', cells: 2, hunks: 3 },
        { job: 'j2', task: '', cells: 1, hunks: 1 }
      ]
    });
  });

  it('is empty where nothing waits', () => {
    expect(tallyOf(notebook('a'))).toEqual({
      cells: 0,
      hunks: 0,
      generations: []
    });
  });
});

describe('hunkCount', () => {
  it('follows the text and the original', () => {
    const model = reviewed();
    const cell = model.cells.get(2);
    expect(hunkCount(cell)).toBe(2);
    cell.sharedModel.setSource('a\nb\nc\nd\nE');
    expect(hunkCount(cell)).toBe(1);
    mark(model, 2, { change: 'changed', original: 'a\nB\nc\nD\nE' });
    expect(hunkCount(cell)).toBe(2);
  });

  it('needs one decision where the person has typed the original', () => {
    const model = reviewed();
    model.sharedModel.getCell(2).setSource('a\nb\nc\nd\ne');
    expect(hunkCount(model.cells.get(2))).toBe(1);
  });
});
