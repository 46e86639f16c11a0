import type { ISharedCodeCell, YNotebook } from '@jupyter/ydoc';
import type { INotebookModel } from '@jupyterlab/notebook';

import { newJob, reduce } from '../../model/job';
import { readProvenance } from '../../model/provenance';
import { acceptCells, rejectCells, pendingCells } from '../../model/review';
import { CellWriter } from '../../model/writer';
import type { IJob } from '../../tokens';
import type { Event } from '../../wire/schema';
import { notebook, reviews, texts } from '../fakes/notebook';
import {
  DONE,
  GENERATOR,
  close,
  delta,
  open,
  script,
  verified
} from '../fakes/script';

/**
 * Apply the events one by one, as the slowest page would see them.
 */
function stream(
  writer: CellWriter,
  events: Event[],
  from: IJob = newJob('j1', 'task', true)
): IJob {
  return events.reduce((job, event) => {
    const next = reduce(job, event);
    writer.apply(next);
    return next;
  }, from);
}

function writerBelow(model: INotebookModel, index: number): CellWriter {
  const after = model.sharedModel.cells[index]?.getId() ?? null;
  return new CellWriter({ model, after });
}

const TWO_CELLS = script(
  GENERATOR,
  open('a', 0, 'markdown'),
  delta('a', '# He'),
  delta('a', 'llo'),
  close('a', '# Hello'),
  open('b', 1),
  delta('b', 'x = '),
  delta('b', '1 '),
  close('b', 'x = 1'),
  verified('b'),
  DONE
);

describe('CellWriter', () => {
  it('streams cells below the given one, as pending and untrusted', () => {
    const model = notebook('first', 'last');
    stream(writerBelow(model, 0), TWO_CELLS);
    expect(texts(model)).toEqual(['first', '# Hello', 'x = 1', 'last']);
    expect(reviews(model)).toEqual(['', 'pending', 'pending', '']);
    expect(model.cells.get(2).trusted).toBe(false);
    expect(model.cells.get(1).type).toBe('markdown');
  });

  it('shows text while it arrives', () => {
    const model = notebook('first');
    stream(writerBelow(model, 0), TWO_CELLS.slice(0, 3));
    expect(texts(model)).toEqual(['first', '# He']);
  });

  it('writes the sandbox outcome and the outputs to the cell', () => {
    const model = notebook('first');
    stream(writerBelow(model, 0), TWO_CELLS);
    const cell = model.sharedModel.cells[2] as ISharedCodeCell;
    expect(readProvenance(cell)?.verification).toMatchObject({
      status: 'ok',
      runtime: 'bubblewrap'
    });
    expect(cell.getOutputs()).toHaveLength(1);
    expect(cell.execution_count).toBeNull();
  });

  it('is one step in the undo stack of the notebook, whatever the time', () => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask'] });
    try {
      const model = notebook('first');
      const writer = writerBelow(model, 0);
      let job = newJob('j1', 'task', true);
      for (const event of TWO_CELLS) {
        job = stream(writer, [event], job);
        jest.advanceTimersByTime(5000);
      }
      expect(
        (model.sharedModel as YNotebook).undoManager.undoStack
      ).toHaveLength(1);
      expect(model.sharedModel.cells[2]?.canUndo()).toBe(false);
      model.sharedModel.undo();
      expect(texts(model)).toEqual(['first']);
      model.sharedModel.redo();
      expect(texts(model)).toEqual(['first', '# Hello', 'x = 1']);
      expect(reviews(model)).toEqual(['', 'pending', 'pending']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('does not swallow a step that the person made in between', () => {
    const model = notebook('first');
    const writer = writerBelow(model, 0);
    const job = stream(writer, TWO_CELLS.slice(0, 5));
    model.sharedModel.insertCell(0, { cell_type: 'code', source: 'mine' });
    stream(writer, TWO_CELLS.slice(5), job);
    expect(texts(model)).toEqual(['mine', 'first', '# Hello', 'x = 1']);
    model.sharedModel.undo();
    expect(texts(model)).toEqual(['first', '# Hello', 'x = 1']);
    model.sharedModel.undo();
    expect(texts(model)).toEqual(['first']);
    model.sharedModel.redo();
    model.sharedModel.redo();
    expect(texts(model)).toEqual(['mine', 'first', '# Hello', 'x = 1']);
  });

  it('keeps the edit of a person and stops writing into that cell', () => {
    const model = notebook('first');
    const writer = writerBelow(model, 0);
    const job = stream(writer, TWO_CELLS.slice(0, 3));
    model.sharedModel.cells[1]?.setSource('# My own');
    stream(writer, TWO_CELLS.slice(3), job);
    expect(texts(model)).toEqual(['first', '# My own', 'x = 1']);
    expect(writer.notices).toEqual([
      { what: 'cut', why: 'edited', line: '# My own' }
    ]);
  });

  it('goes on below an edit that was made above the end', () => {
    const model = notebook();
    const writer = new CellWriter({ model, after: null });
    const rows = 'a = 1\nb = 2\nc = a + b';
    const job = stream(
      writer,
      script(GENERATOR, open('a', 0), delta('a', 'a = 1\nb = '))
    );
    model.sharedModel.cells[0]?.updateSource(4, 5, '7');
    const next = stream(writer, script(delta('a', '2\nc = ')), job);
    expect(texts(model)).toEqual(['a = 7\nb = 2\nc = ']);
    stream(writer, script(close('a', rows), verified('a')), next);
    expect(texts(model)).toEqual(['a = 7\nb = 2\nc = a + b']);
    const cell = model.sharedModel.cells[0] as ISharedCodeCell;
    // What ran is not what is there.
    expect(readProvenance(cell)).toMatchObject({
      generated: rows,
      verification: { status: 'skipped' }
    });
    expect(cell.getOutputs()).toEqual([]);
    expect(writer.notices).toEqual([]);
  });

  it('notes once in the notebook what its cells ran in', () => {
    const model = notebook('first');
    model.sharedModel.setMetadata('gptoss_lab', { mine: 1 } as never);
    const writer = writerBelow(model, 0);
    const environment = {
      runtime: 'docker' as const,
      image: 'sha256:1',
      tag: 'python:1',
      language_version: '3.12',
      lock_sha256: '',
      packages: { numpy: '2.0' }
    };
    const job = stream(writer, script({ type: 'environment', environment }));
    expect(model.sharedModel.getMetadata('gptoss_lab')).toEqual({ mine: 1 });
    stream(writer, TWO_CELLS, job);
    expect(model.sharedModel.getMetadata('gptoss_lab')).toEqual({
      mine: 1,
      environments: { 'sha256:1': environment }
    });
    model.sharedModel.undo();
    expect(texts(model)).toEqual(['first']);
  });

  it('leaves a decided cell alone when a repair follows', () => {
    const model = notebook('first');
    const writer = writerBelow(model, 0);
    const job = stream(writer, TWO_CELLS.slice(0, -1));
    acceptCells(model, pendingCells(model).slice(1));
    stream(
      writer,
      script(
        { type: 'repair', round: 1, rounds: 3, cells: ['b'], reason: '' },
        close('b', 'x = 2')
      ),
      job
    );
    expect(texts(model)).toEqual(['first', '# Hello', 'x = 1']);
  });

  it('does not put back what the person removed', () => {
    const model = notebook('first');
    const writer = writerBelow(model, 0);
    const job = stream(writer, TWO_CELLS.slice(0, 5));
    rejectCells(model, pendingCells(model));
    stream(writer, TWO_CELLS.slice(5), job);
    expect(texts(model)).toEqual(['first', 'x = 1']);
    expect(writer.gone).toEqual(['a']);
  });

  it('takes away a cell that fell away', () => {
    const model = notebook('first');
    stream(writerBelow(model, 0), script(open('a', 0), close('a', '')));
    expect(texts(model)).toEqual(['first']);
  });

  it('goes to the end when the cell above was deleted', () => {
    const model = notebook('first', 'last');
    const writer = writerBelow(model, 0);
    model.sharedModel.deleteCell(0);
    stream(writer, TWO_CELLS);
    expect(texts(model)).toEqual(['last', '# Hello', 'x = 1']);
  });

  it('goes to the top where no cell is above', () => {
    const model = notebook('');
    const writer = new CellWriter({ model, after: null });
    stream(writer, TWO_CELLS);
    expect(texts(model)).toEqual(['# Hello', 'x = 1', '']);
  });

  it('finds its cells again when the events are read from the start', () => {
    const model = notebook('first');
    const before = stream(writerBelow(model, 0), TWO_CELLS.slice(0, 7));
    expect(before.drafts).toHaveLength(2);
    // The page was loaded again: a new writer on the same cells.
    stream(writerBelow(model, 0), TWO_CELLS);
    expect(texts(model)).toEqual(['first', '# Hello', 'x = 1']);
    expect(reviews(model)).toEqual(['', 'pending', 'pending']);
  });

  it('keeps an edit that was made before the page was loaded again', () => {
    const model = notebook('first');
    stream(writerBelow(model, 0), TWO_CELLS.slice(0, 7));
    model.sharedModel.cells[2]?.setSource('y = 5');
    stream(writerBelow(model, 0), TWO_CELLS);
    expect(texts(model)).toEqual(['first', '# Hello', 'y = 5']);
  });

  it('does nothing once the notebook is closed', () => {
    const model = notebook('first');
    const writer = writerBelow(model, 0);
    const job = stream(writer, TWO_CELLS.slice(0, 3));
    model.dispose();
    expect(() => stream(writer, TWO_CELLS.slice(3), job)).not.toThrow();
  });
});
