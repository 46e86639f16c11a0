import type { YNotebook } from '@jupyter/ydoc';
import type { INotebookModel } from '@jupyterlab/notebook';
import * as Y from 'yjs';

import { newJob, reduce } from '../../model/job';
import { acceptCells, pendingCells } from '../../model/review';
import { CellWriter } from '../../model/writer';
import type { Event } from '../../wire/schema';
import { notebook, reviews, texts } from '../fakes/notebook';
import { DONE, GENERATOR, close, delta, open, script } from '../fakes/script';
import { idOf, stream } from '../fakes/writer';

/**
 * The same notebook in a second tab, as jupyter-collaboration shares it.
 */
function secondTab(model: INotebookModel): INotebookModel {
  const one = (model.sharedModel as YNotebook).ydoc;
  const other = notebook();
  const two = (other.sharedModel as YNotebook).ydoc;
  const share = (from: Y.Doc, to: Y.Doc) =>
    from.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== to) {
        Y.applyUpdate(to, update, from);
      }
    });
  Y.applyUpdate(two, Y.encodeStateAsUpdate(one), one);
  Y.applyUpdate(one, Y.encodeStateAsUpdate(two), two);
  share(one, two);
  share(two, one);
  return other;
}

function cells(prefix: string): Event[] {
  return script(
    GENERATOR,
    open('a', 0),
    delta('a', `${prefix} = `),
    delta('a', '1'),
    close('a', `${prefix} = 1`),
    open('b', 1),
    delta('b', `print(${prefix}`),
    close('b', `print(${prefix})`),
    DONE
  );
}

describe('One notebook in two tabs', () => {
  it('takes two generations at once, each whole and in its order', () => {
    const here = notebook('first', 'last');
    const there = secondTab(here);
    const writers = [here, there].map(
      model => new CellWriter({ model, after: idOf(model, 0) })
    );
    let jobs = ['j1', 'j2'].map(id => newJob(id, 'task', true));
    const streams = [cells('x'), cells('y')];
    for (let step = 0; step < cells('x').length; step += 1) {
      jobs = jobs.map((job, tab) => {
        const event = streams[tab]?.[step];
        const next = event ? reduce(job, event) : job;
        writers[tab]?.apply(next);
        return next;
      });
    }
    expect(texts(here)).toEqual(texts(there));
    expect([...texts(here)].sort()).toEqual(
      ['first', 'last', 'print(x)', 'print(y)', 'x = 1', 'y = 1'].sort()
    );
    for (const name of ['x', 'y']) {
      const at = texts(here).indexOf(`${name} = 1`);
      expect(texts(here).indexOf(`print(${name})`)).toBeGreaterThan(at);
    }
    // Each tab's undo takes back its own, and no more.
    here.sharedModel.undo();
    expect(texts(there)).toEqual(['first', 'y = 1', 'print(y)', 'last']);
    there.sharedModel.undo();
    expect(texts(here)).toEqual(['first', 'last']);
  });

  it('keeps what is typed in the other tab into the cell that streams', () => {
    const here = notebook('first');
    const there = secondTab(here);
    const writer = new CellWriter({ model: here, after: null });
    const events = script(
      GENERATOR,
      open('a', 0),
      delta('a', 'x = 1\ny = '),
      delta('a', '2'),
      close('a', 'x = 1\ny = 2')
    );
    const job = stream(writer, events.slice(0, 3));
    there.sharedModel.cells[0]?.updateSource(0, 0, 'my_');
    stream(writer, events.slice(3), job);
    expect(texts(there)).toEqual(['my_x = 1\ny = 2', 'first']);
  });

  it('leaves a cell that is decided on in the other tab', () => {
    const here = notebook('first');
    const there = secondTab(here);
    const writer = new CellWriter({ model: here, after: null });
    const events = cells('x');
    const job = stream(writer, events.slice(0, 5));
    acceptCells(there, pendingCells(there));
    const again = script(
      { type: 'repair', round: 1, rounds: 3, cells: ['a'], reason: '' },
      close('a', 'x = 2')
    );
    stream(writer, again, job);
    expect(texts(here)).toEqual(['x = 1', 'first']);
    expect(reviews(there)).toEqual(['accepted', '']);
  });
});
