import type { INotebookModel } from '@jupyterlab/notebook';

import { KEY, readProvenance } from '../../model/provenance';
import { acceptCells, pendingCells, rejectCells } from '../../model/review';
import { changeType, copy, merge, paste, split } from '../fakes/actions';
import { reviews, texts } from '../fakes/notebook';
import { pause, propose, watched } from '../fakes/watched';

function told(model: INotebookModel, index: number) {
  return readProvenance(model.sharedModel.getCell(index));
}

describe('merging', () => {
  it.each([
    ['into the own cell', 0],
    ['into the pending cell', 1]
  ])('makes the merged cell pending: %s', (_, active) => {
    const model = watched('own', 'new');
    propose(model, 1);
    merge(model, 0, 1, active);
    expect(texts(model)).toEqual(['own\n\nnew']);
    expect(told(model, 0)).toMatchObject({
      review: 'pending',
      change: 'changed',
      original: 'own',
      job: 'j',
      cell: 'c1'
    });
    expect(model.cells.get(0).trusted).toBe(false);
    expect(model.cells.get(0).getMetadata('trusted')).toBeUndefined();
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['own']);
  });

  it('is undone and redone in one step, mend included', () => {
    const model = watched('own', 'new');
    propose(model, 1);
    merge(model, 0, 1);
    pause(model);
    model.sharedModel.undo();
    expect(texts(model)).toEqual(['own', 'new']);
    expect(reviews(model)).toEqual(['', 'pending']);
    model.sharedModel.redo();
    expect(texts(model)).toEqual(['own\n\nnew']);
    expect(told(model, 0)).toMatchObject({
      review: 'pending',
      original: 'own'
    });
  });

  it('keeps of each part what its rejection brings back', () => {
    const model = watched('own', 'new', 'changed', 'to go', 'kept');
    propose(model, 1);
    propose(model, 2, { change: 'changed', original: 'before' });
    propose(model, 3, { change: 'deleted', original: 'to go' });
    merge(model, 0, 4, 2, '\n');
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['own\nbefore\nto go\nkept']);
  });

  it('of new cells is a new cell, and of deleted cells a deleted one', () => {
    const model = watched('a', 'b', 'c', 'd');
    propose(model, 0);
    propose(model, 1);
    propose(model, 2, { change: 'deleted', original: 'c' });
    propose(model, 3, { change: 'deleted', original: 'd' });
    merge(model, 2, 3);
    merge(model, 0, 1);
    expect([told(model, 0), told(model, 1)]).toMatchObject([
      { change: 'new', original: '' },
      { change: 'deleted' }
    ]);
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['c\n\nd']);
  });

  it('of own and accepted cells is left alone', () => {
    const model = watched('a', 'b', 'c');
    propose(model, 2, { review: 'accepted' });
    merge(model, 0, 2);
    expect(reviews(model)).toEqual(['']);
  });

  it('with the Markdown of the person waits when it becomes code', () => {
    const model = watched('# head', 'evil()');
    changeType(model, 0, 'markdown');
    propose(model, 1);
    merge(model, 0, 1, 0);
    changeType(model, 0, 'code');
    expect(reviews(model)).toEqual(['pending']);
    expect(model.cells.get(0).trusted).toBe(false);
  });
});

describe('splitting', () => {
  it('gives each part its share of the original', () => {
    const model = watched('a = 1\nb = 20\nc = 30\nd = 4');
    propose(model, 0, {
      change: 'changed',
      original: 'a = 1\nb = 2\nc = 3\nd = 4'
    });
    split(model, 0, 'a = 1\nb = 20\n'.length);
    expect([told(model, 0), told(model, 1)]).toMatchObject([
      { review: 'pending', change: 'changed', original: 'a = 1\nb = 2' },
      { review: 'pending', change: 'changed', original: 'c = 3\nd = 4' }
    ]);
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['a = 1\nb = 2', 'c = 3\nd = 4']);
  });

  it('is taken back with the original', () => {
    const model = watched('a\nb2');
    propose(model, 0, { change: 'changed', original: 'a\nb' });
    split(model, 0, 2);
    pause(model);
    model.sharedModel.undo();
    expect(texts(model)).toEqual(['a\nb2']);
    expect(told(model, 0)?.original).toBe('a\nb');
    model.sharedModel.redo();
    expect(texts(model)).toEqual(['a', 'b2']);
    expect(told(model, 1)?.original).toBe('b');
  });

  it('makes a part without old text a new cell', () => {
    const model = watched('old\nadded');
    propose(model, 0, { change: 'changed', original: 'old' });
    split(model, 0, 4);
    expect([told(model, 0), told(model, 1)]).toMatchObject([
      { change: 'changed', original: 'old' },
      { change: 'new', original: '' }
    ]);
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['old']);
  });

  it('leaves one changed cell where the old text was empty', () => {
    const model = watched('x\ny');
    propose(model, 0, { change: 'changed', original: '' });
    split(model, 0, 2);
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['']);
    expect(reviews(model)).toEqual(['rejected']);
  });

  it('of a new cell makes new cells, of a deleted one deleted ones', () => {
    const model = watched('a\nb\nc', 'd\ne');
    propose(model, 0);
    propose(model, 1, { change: 'deleted', original: 'd\ne' });
    split(model, 1, 2);
    split(model, 0, 2, 4);
    expect(texts(model)).toEqual(['a', 'b', 'c', 'd', 'e']);
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['d', 'e']);
  });

  it('leaves the writer the part that stayed in the cell', () => {
    const model = watched('a\nb');
    propose(model, 0, { cell: 'c7' });
    split(model, 0, 2);
    expect(told(model, 0)?.cell).toBe('');
    expect(told(model, 1)?.cell).toBe('c7');
  });

  it('understands versions that replace the cell', () => {
    const model = watched('own', 'a\nb2');
    propose(model, 1, { change: 'changed', original: 'a\nb' });
    const { metadata } = copy(model, 1);
    const { sharedModel } = model;
    sharedModel.transact(() => {
      sharedModel.deleteCell(1);
      sharedModel.insertCells(
        1,
        ['a', 'b2'].map(source => ({ cell_type: 'code', source, metadata }))
      );
    });
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['own', 'a', 'b']);
  });
});

describe('moving and copying', () => {
  it('keeps a moved cell pending, and its identity', () => {
    const model = watched('a', 'b', 'c');
    propose(model, 0);
    model.sharedModel.moveCell(0, 2);
    expect(texts(model)).toEqual(['b', 'c', 'a']);
    expect(reviews(model)).toEqual(['', '', 'pending']);
    expect(told(model, 2)?.cell).toBe('c0');
  });

  it('takes a copy for a cell of its own', () => {
    const model = watched('a', 'b');
    propose(model, 0, { change: 'changed', original: 'old' });
    paste(model, copy(model, 0), 2);
    expect(reviews(model)).toEqual(['pending', '', 'pending']);
    expect([told(model, 0)?.cell, told(model, 2)?.cell]).toEqual(['c0', '']);
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['old', 'b', 'old']);
  });

  it('keeps what is pasted into another notebook pending', () => {
    const model = watched('a');
    propose(model, 0);
    const other = watched('b');
    const cell = copy(model, 0);
    cell.metadata.trusted = true;
    paste(other, cell, 1);
    expect(reviews(other)).toEqual(['', 'pending']);
    expect(other.cells.get(1).trusted).toBe(false);
    expect(told(other, 1)?.cell).toBe('c0');
  });

  it('keeps the identity of what is cut and pasted', () => {
    const model = watched('a', 'b');
    propose(model, 0);
    const cell = copy(model, 0);
    model.sharedModel.deleteCell(0);
    paste(model, cell, 1, true);
    expect(told(model, 1)?.cell).toBe('c0');
    expect(reviews(model)).toEqual(['', 'pending']);
  });

  it.each(['markdown', 'raw'] as const)('survives a stay as %s', type => {
    const model = watched('a', 'b');
    propose(model, 0, { change: 'changed', original: 'old' });
    changeType(model, 0, type);
    expect(reviews(model)).toEqual(['pending', '']);
    changeType(model, 0, 'code');
    expect(reviews(model)).toEqual(['pending', '']);
    expect(model.cells.get(0).trusted).toBe(false);
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['old', 'b']);
  });
});

describe('text that is moved in other ways', () => {
  it('makes a cell pending that takes the text of a deleted pending one', () => {
    const model = watched('own', 'evil()');
    propose(model, 1);
    model.sharedModel.transact(() => {
      model.sharedModel.deleteCell(1);
      model.sharedModel.getCell(0).setSource('own  # evil()');
    });
    expect(told(model, 0)).toMatchObject({
      review: 'pending',
      change: 'changed',
      original: 'own'
    });
  });

  it('makes a cell pending that stands in for a pending one', () => {
    const model = watched('own', 'evil()');
    propose(model, 1);
    model.sharedModel.transact(() => {
      model.sharedModel.deleteCell(1);
      model.sharedModel.insertCell(1, { cell_type: 'code', source: 'evil()' });
    });
    expect(told(model, 1)).toMatchObject({ review: 'pending', change: 'new' });
  });

  it('believes a notebook that is loaded again', () => {
    const model = watched('own', 'code()');
    propose(model, 1);
    const saved = model.toJSON() as never as {
      cells: { metadata: Record<string, unknown> }[];
    };
    (saved.cells[1] as { metadata: unknown }).metadata = {
      [KEY]: { review: 'accepted' }
    };
    model.fromJSON(saved as never);
    expect(reviews(model)).toEqual(['', 'accepted']);
  });

  it('makes a redone acceptance wait when the text is another one', () => {
    const model = watched('good()');
    propose(model, 0);
    acceptCells(model, pendingCells(model));
    model.sharedModel.undo();
    const cell = model.sharedModel.getCell(0);
    cell.transact(() => cell.updateSource(0, 4, 'evil'), false);
    model.sharedModel.redo();
    expect(texts(model)).toEqual(['evil()']);
    expect(reviews(model)).toEqual(['pending']);
  });

  it('lets an acceptance be redone when the text is the same', () => {
    const model = watched('good()');
    propose(model, 0);
    acceptCells(model, pendingCells(model));
    model.sharedModel.undo();
    expect(model.cells.get(0).trusted).toBe(false);
    model.sharedModel.redo();
    expect(reviews(model)).toEqual(['accepted']);
    expect(model.cells.get(0).trusted).toBe(true);
  });

  it('lets the person undo and redo what is theirs', () => {
    const model = watched('a', 'b', 'pending');
    propose(model, 2);
    model.sharedModel.deleteCell(0);
    pause(model);
    model.sharedModel.insertCell(0, { cell_type: 'code', source: 'mine' });
    pause(model);
    model.sharedModel.moveCell(0, 1);
    pause(model);
    for (let times = 0; times < 3; times += 1) {
      model.sharedModel.undo();
    }
    expect(texts(model)).toEqual(['a', 'b', 'pending']);
    expect(reviews(model)).toEqual(['', '', 'pending']);
    for (let times = 0; times < 3; times += 1) {
      model.sharedModel.redo();
    }
    expect(texts(model)).toEqual(['b', 'mine', 'pending']);
    expect(reviews(model)).toEqual(['', '', 'pending']);
  });
});
