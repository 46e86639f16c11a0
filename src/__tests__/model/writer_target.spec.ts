import type { ISharedCodeCell } from '@jupyter/ydoc';
import type { INotebookModel } from '@jupyterlab/notebook';

import { newJob } from '../../model/job';
import { acceptCells, pendingCells } from '../../model/review';
import { CellWriter } from '../../model/writer';
import { sentCells } from '../../model/writer_target';
import type { CellEdit } from '../../wire/schema';
import { notebook, reviews, texts } from '../fakes/notebook';
import {
  DONE,
  GENERATOR,
  close,
  delta,
  open,
  script,
  touch,
  verified
} from '../fakes/script';
import { edit, editor, idOf, noteOf, steps, stream } from '../fakes/writer';

const OUTPUT = {
  output_type: 'stream' as const,
  name: 'stdout' as const,
  text: '1\n'
};

describe('CellWriter with cells of the person', () => {
  it('streams into a changed cell, and keeps its text to compare with', () => {
    const model = notebook('x = 1', 'old', 'last');
    const { writer } = editor(model, 0, 1);
    const events = edit(model);
    const job = stream(writer, events.slice(0, 2));
    expect(texts(model)).toEqual(['x = 1', 'old', 'last']);
    const next = stream(writer, events.slice(2, 3), job);
    expect(texts(model)).toEqual(['x = ', 'old', 'last']);
    expect(noteOf(model, 0)).toMatchObject({
      review: 'pending',
      change: 'changed',
      original: 'x = 1'
    });
    stream(writer, events.slice(3), next);
    expect(texts(model)).toEqual(['x = 2', 'print(x)', 'old', 'last']);
    expect(reviews(model)).toEqual(['pending', 'pending', 'pending', '']);
    expect(noteOf(model, 0)).toMatchObject({
      generated: 'x = 2',
      original: 'x = 1',
      verification: { status: 'ok' }
    });
    expect(noteOf(model, 2)).toMatchObject({
      change: 'deleted',
      original: 'old',
      generated: ''
    });
    expect(writer.notices).toEqual([]);
  });

  it('undoes and redoes it all at once, with what waits for review', () => {
    const model = notebook('x = 1', 'old', 'last');
    const { writer } = editor(model, 0, 1);
    stream(writer, edit(model));
    expect(steps(model)).toBe(1);
    model.sharedModel.undo();
    expect(texts(model)).toEqual(['x = 1', 'old', 'last']);
    expect(reviews(model)).toEqual(['', '', '']);
    model.sharedModel.redo();
    expect(texts(model)).toEqual(['x = 2', 'print(x)', 'old', 'last']);
    expect(reviews(model)).toEqual(['pending', 'pending', 'pending', '']);
    model.sharedModel.undo();
    expect(texts(model)).toEqual(['x = 1', 'old', 'last']);
  });

  it('brings pending text back as pending, whoever wrote the metadata', () => {
    const model = notebook('x = 1', 'old');
    const cell = model.sharedModel.cells[0] as ISharedCodeCell;
    const accepted = { review: 'accepted', job: 'j0' };
    cell.setMetadata('gptoss_lab', accepted);
    const { writer } = editor(model, 0, 1);
    stream(writer, edit(model));
    // JupyterLab writes all metadata anew when it trusts a cell.
    model.cells.get(0).trusted = false;
    model.cells.get(0).trusted = true;
    model.sharedModel.undo();
    expect(texts(model)).toEqual(['x = 1', 'old']);
    expect(cell.getMetadata('gptoss_lab')).toEqual(accepted);
    model.cells.get(0).trusted = false;
    model.cells.get(0).trusted = true;
    model.sharedModel.redo();
    expect(texts(model)[0]).toBe('x = 2');
    expect(reviews(model)[0]).toBe('pending');
  });

  it('keeps the outputs of a changed cell', () => {
    const model = notebook('x = 1', 'old');
    const cell = model.sharedModel.cells[0] as ISharedCodeCell;
    cell.setOutputs([OUTPUT]);
    const { writer } = editor(model, 0, 1);
    stream(writer, edit(model));
    expect(cell.getOutputs()).toEqual([OUTPUT]);
    model.sharedModel.undo();
    expect(cell.getOutputs()).toEqual([OUTPUT]);
  });

  it('keeps the first original of a cell that is changed again', () => {
    const model = notebook('x = 1', 'old');
    stream(editor(model, 0, 1).writer, edit(model));
    const again = { ...newJob('j2', 'again', true) };
    const events = script(
      GENERATOR,
      touch('a', 0, 'changed', idOf(model, 0)),
      close('a', 'x = 3')
    );
    stream(editor(model, 0).writer, events, again);
    expect(texts(model)[0]).toBe('x = 3');
    expect(noteOf(model, 0)).toMatchObject({
      job: 'j2',
      change: 'changed',
      original: 'x = 1'
    });
    model.sharedModel.undo();
    expect(texts(model)[0]).toBe('x = 2');
    expect(noteOf(model, 0)).toMatchObject({ job: 'j1', original: 'x = 1' });
  });

  it('leaves a new cell new when it is written again', () => {
    const model = notebook('first');
    const first = new CellWriter({ model, after: idOf(model, 0) });
    stream(
      first,
      script(GENERATOR, open('a', 0), close('a', 'x = 1'), verified('a'))
    );
    const redo = script(
      GENERATOR,
      touch('a', 0, 'changed', idOf(model, 1)),
      close('a', 'x = 2')
    );
    stream(editor(model, 1).writer, redo, newJob('j2', 'again', true));
    expect(texts(model)).toEqual(['first', 'x = 2']);
    expect(noteOf(model, 1)).toMatchObject({ change: 'new', original: '' });
    const cell = model.sharedModel.cells[1] as ISharedCodeCell;
    model.sharedModel.undo();
    expect(cell.getSource()).toBe('x = 1');
    expect(cell.getOutputs()).toHaveLength(1);
  });

  it('puts a change below a cell that was edited meanwhile', () => {
    const model = notebook('x = 1', 'old', 'last');
    const { writer } = editor(model, 0, 1);
    const events = edit(model);
    model.sharedModel.cells[0]?.setSource('x = 10');
    model.sharedModel.cells[1]?.setSource('mine');
    stream(writer, events);
    expect(texts(model)).toEqual([
      'x = 10',
      'x = 2',
      'print(x)',
      'mine',
      'last'
    ]);
    expect(reviews(model)).toEqual(['', 'pending', 'pending', '', '']);
    expect(noteOf(model, 1)?.change).toBe('new');
    expect(writer.notices).toEqual([
      { what: 'changed', why: 'edited', line: 'x =' },
      { what: 'deleted', why: 'edited', line: '' }
    ]);
  });

  it('puts a change where its cell was that is gone', () => {
    const model = notebook('first', 'x = 1', 'last');
    const { writer } = editor(model, 1);
    const events = script(
      GENERATOR,
      touch('a', 0, 'changed', idOf(model, 1)),
      close('a', 'x = 2'),
      touch('b', 1, 'deleted', idOf(model, 1)),
      close('b', 'x = 1')
    );
    model.sharedModel.deleteCell(1);
    stream(writer, events);
    expect(texts(model)).toEqual(['first', 'last', 'x = 2']);
    expect(writer.notices).toEqual([
      { what: 'changed', why: 'gone', line: 'x = 2' }
    ]);
  });

  it.each([
    ['was not sent', 'unasked', () => undefined],
    [
      'is locked',
      'locked',
      (model: INotebookModel) => {
        model.sharedModel.cells[1]?.setMetadata('editable', false);
        model.sharedModel.cells[1]?.setMetadata('deletable', false);
      }
    ]
  ])('touches no cell that %s', (_, why, prepare) => {
    const model = notebook('x = 1', 'old');
    const { writer } = editor(model, why === 'unasked' ? 0 : 1);
    prepare(model);
    const target = idOf(model, 1);
    stream(
      writer,
      script(
        GENERATOR,
        touch('a', 0, 'changed', target),
        close('a', 'evil'),
        touch('b', 1, 'deleted', target),
        close('b', 'old')
      )
    );
    expect(texts(model)).toEqual(['x = 1', 'old', 'evil']);
    expect(reviews(model)).toEqual(['', '', 'pending']);
    expect(writer.notices.map(notice => notice.why)).toEqual([why, why]);
  });

  it('changes nothing where an edit may only add', () => {
    const cells = [{ id: 'a', kind: 'code', language: 'python', source: '' }];
    const of = (kind: CellEdit['kind']) =>
      sentCells({ kind, cells } as CellEdit).size;
    expect([of('edit'), of('fix'), of('redo')]).toEqual([1, 1, 1]);
    expect([of('explain'), of('example'), of('port')]).toEqual([0, 0, 0]);
    expect(sentCells(null).size).toBe(0);
  });

  it('leaves a cell alone whose text ends up the same', () => {
    const model = notebook('x = 1', 'old');
    const { writer } = editor(model, 0);
    stream(
      writer,
      script(
        GENERATOR,
        touch('a', 0, 'changed', idOf(model, 0)),
        delta('a', 'x'),
        close('a', 'x = 1'),
        DONE
      )
    );
    expect(texts(model)).toEqual(['x = 1', 'old']);
    expect(reviews(model)).toEqual(['', '']);
  });

  it('gives a cell its text back when the change falls away', () => {
    const model = notebook('x = 1', 'old');
    const { writer } = editor(model, 0);
    stream(
      writer,
      script(
        GENERATOR,
        touch('a', 0, 'changed', idOf(model, 0)),
        delta('a', 'y'),
        close('a', '')
      )
    );
    expect(texts(model)).toEqual(['x = 1', 'old']);
    expect(reviews(model)).toEqual(['', '']);
  });

  it('takes out at once what is deleted before it was accepted', () => {
    const model = notebook('x = 1', 'old', 'last');
    stream(editor(model, 0, 1).writer, edit(model));
    const job = newJob('j2', 'less', true);
    const events = script(
      GENERATOR,
      touch('a', 0, 'deleted', idOf(model, 0)),
      close('a', 'x = 2'),
      touch('b', 1, 'deleted', idOf(model, 1)),
      close('b', 'print(x)')
    );
    stream(editor(model, 0, 1).writer, events, job);
    // Keeping the first must not let the changed text in.
    expect(texts(model)).toEqual(['x = 1', 'old', 'last']);
    expect(noteOf(model, 0)).toMatchObject({
      change: 'deleted',
      original: 'x = 1'
    });
    model.sharedModel.undo();
    expect(texts(model)).toEqual(['x = 2', 'print(x)', 'old', 'last']);
  });

  it('keeps what was decided of a cell before', () => {
    const model = notebook('x = 1', 'old');
    stream(editor(model, 0, 1).writer, edit(model));
    acceptCells(model, pendingCells(model).slice(0, 1));
    const decided = noteOf(model, 0)?.decisions;
    stream(
      editor(model, 0).writer,
      script(
        GENERATOR,
        touch('a', 0, 'changed', idOf(model, 0)),
        close('a', 'x = 3')
      ),
      newJob('j2', 'again', true)
    );
    expect(noteOf(model, 0)).toMatchObject({
      review: 'pending',
      original: 'x = 2'
    });
    expect(noteOf(model, 0)?.decisions).toEqual(decided);
  });

  it('writes nothing while the notebook is read-only, and then all', () => {
    const model = notebook('x = 1', 'old');
    const { writer } = editor(model, 0, 1);
    const events = edit(model);
    model.readOnly = true;
    const job = stream(writer, events.slice(0, 4));
    expect(texts(model)).toEqual(['x = 1', 'old']);
    model.readOnly = false;
    stream(writer, events.slice(4), job);
    expect(texts(model)).toEqual(['x = 2', 'print(x)', 'old']);
  });
});
