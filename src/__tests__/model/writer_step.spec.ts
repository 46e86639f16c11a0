import type { YNotebook } from '@jupyter/ydoc';

import { notebook, texts } from '../fakes/notebook';
import { edit, editor, noteOf, stream } from '../fakes/writer';

describe('Undo while cells are written', () => {
  it('ends the writing', () => {
    const model = notebook('x = 1', 'old');
    const { writer } = editor(model, 0, 1);
    const undone = jest.fn();
    writer.undone.connect(undone);
    const events = edit(model);
    const job = stream(writer, events.slice(0, 4));
    model.sharedModel.undo();
    expect(undone).toHaveBeenCalledTimes(1);
    stream(writer, events.slice(4), job);
    expect(texts(model)).toEqual(['x = 1', 'old']);
    expect(writer.gone).toEqual(['a', 'b', 'c']);
    model.sharedModel.redo();
    expect(texts(model)).toEqual(['x = 2', 'old']);
    expect(noteOf(model, 0)).toMatchObject({
      review: 'pending',
      generated: 'x = 2',
      verification: { status: 'skipped' }
    });
  });

  it('leaves the steps of the person as they were', () => {
    const model = notebook('x = 1', 'old');
    const { writer } = editor(model, 0);
    const shared = model.sharedModel as YNotebook;
    shared.insertCell(2, { cell_type: 'code', source: 'undone' });
    shared.undo();
    const events = edit(model);
    const job = stream(writer, events.slice(0, 3));
    const mine = shared.cells[1];
    mine?.updateSource(0, 0, 'my ');
    stream(writer, events.slice(3, 4), job);
    expect(mine?.canUndo()).toBe(true);
    mine?.undo();
    expect(texts(model)).toEqual(['x = 2', 'old']);
    mine?.redo();
    expect(texts(model)).toEqual(['x = 2', 'my old']);
    expect(shared.canRedo()).toBe(true);
    shared.undo();
    expect(texts(model)).toEqual(['x = 1', 'my old']);
    shared.redo();
    shared.redo();
    expect(texts(model)).toEqual(['x = 2', 'my old', 'undone']);
  });
});
