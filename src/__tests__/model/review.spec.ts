import { KEY, asMetadata, readProvenance } from '../../model/provenance';
import type { IDecided } from '../../model/decided';
import {
  acceptCells,
  decisionLog,
  pendingCells,
  rejectCells,
  setPending
} from '../../model/review';
import { ReviewWatch } from '../../model/pending';
import { notebook, reviews, texts } from '../fakes/notebook';

function mark(
  model: ReturnType<typeof notebook>,
  index: number,
  original = '',
  job = 'j1'
): void {
  const cell = model.sharedModel.cells[index];
  const provenance = readProvenance({
    getMetadata: () => ({ review: 'pending', original, job, cell: `c${index}` })
  });
  if (cell && provenance) {
    cell.setMetadata(KEY, asMetadata(provenance));
  }
}

describe('review', () => {
  it('accepts as one step that undo takes back, trust included', () => {
    const model = notebook('a', 'b', 'c');
    mark(model, 1);
    mark(model, 2);
    const watch = new ReviewWatch(model);
    expect(acceptCells(model, pendingCells(model))).toBe(2);
    expect(reviews(model)).toEqual(['', 'accepted', 'accepted']);
    expect(model.cells.get(1).trusted).toBe(true);
    model.sharedModel.undo();
    expect(reviews(model)).toEqual(['', 'pending', 'pending']);
    expect(model.cells.get(1).trusted).toBe(false);
    watch.dispose();
  });

  it('rejects a new cell by removing it; undo brings it back as pending', () => {
    const model = notebook('a', 'b');
    mark(model, 1);
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['a']);
    model.sharedModel.undo();
    expect(texts(model)).toEqual(['a', 'b']);
    expect(reviews(model)).toEqual(['', 'pending']);
  });

  it('rejects several cells at once, each of them and no other', () => {
    const model = notebook('a', 'b', 'c', 'd', 'e');
    [0, 2, 3].forEach(index => mark(model, index));
    expect(rejectCells(model, pendingCells(model))).toBe(3);
    expect(texts(model)).toEqual(['b', 'e']);
    model.sharedModel.undo();
    expect(texts(model)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(reviews(model)).toEqual(['pending', '', 'pending', 'pending', '']);
  });

  it('rejects a changed cell by bringing its old text back', () => {
    const model = notebook('new text');
    mark(model, 0, 'old text');
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['old text']);
    expect(reviews(model)).toEqual(['rejected']);
    model.sharedModel.undo();
    expect(texts(model)).toEqual(['new text']);
    expect(reviews(model)).toEqual(['pending']);
  });

  it('never leaves a notebook without a cell', () => {
    const model = notebook('a');
    mark(model, 0);
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['']);
  });

  it('decides on the given job alone', () => {
    const model = notebook('a', 'b');
    mark(model, 0, '', 'j1');
    mark(model, 1, '', 'j2');
    rejectCells(model, pendingCells(model, 'j2'));
    expect(texts(model)).toEqual(['a']);
  });

  it('does not touch a cell that is not pending', () => {
    const model = notebook('a');
    expect(acceptCells(model, [model.cells.get(0)])).toBe(0);
    expect(rejectCells(model, [model.cells.get(0)])).toBe(0);
    expect(texts(model)).toEqual(['a']);
  });

  it('takes an acceptance back', () => {
    const model = notebook('a');
    mark(model, 0);
    acceptCells(model, pendingCells(model));
    setPending(model, model.cells.get(0));
    expect(reviews(model)).toEqual(['pending']);
    expect(model.cells.get(0).trusted).toBe(false);
  });
});

describe('review of changed and deleted cells', () => {
  function propose(
    model: ReturnType<typeof notebook>,
    index: number,
    members: Record<string, unknown>
  ): void {
    const cell = model.sharedModel.getCell(index);
    cell.setMetadata(KEY, { review: 'pending', job: 'j', ...members } as never);
  }

  it('removes an accepted deletion, and undo and redo follow', () => {
    const model = notebook('a', 'b', 'c');
    propose(model, 1, { change: 'deleted', original: 'b' });
    propose(model, 2, { change: 'new' });
    acceptCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['a', 'c']);
    expect(reviews(model)).toEqual(['', 'accepted']);
    model.sharedModel.undo();
    expect(texts(model)).toEqual(['a', 'b', 'c']);
    expect(reviews(model)).toEqual(['', 'pending', 'pending']);
    model.sharedModel.redo();
    expect(texts(model)).toEqual(['a', 'c']);
    expect(reviews(model)).toEqual(['', 'accepted']);
  });

  it('leaves a cell whose deletion is rejected, with its outputs', () => {
    const model = notebook('a');
    const cell = model.sharedModel.getCell(0);
    const outputs = [{ output_type: 'stream', name: 'stdout', text: '1' }];
    (cell as never as { setOutputs(o: unknown): void }).setOutputs(outputs);
    propose(model, 0, { change: 'deleted', original: 'a' });
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['a']);
    expect(cell.toJSON().outputs).toEqual(outputs);
    expect(reviews(model)).toEqual(['rejected']);
  });

  it('brings back the empty text of a changed cell', () => {
    const model = notebook('filled in');
    propose(model, 0, { change: 'changed', original: '' });
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['']);
    expect(reviews(model)).toEqual(['rejected']);
  });

  it('keeps the accepted part of a new cell', () => {
    const model = notebook('kept\nnot kept');
    propose(model, 0, { change: 'new', original: 'kept' });
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['kept']);
  });

  it('leaves no sign of generated text after a rejected change', () => {
    const model = notebook('new');
    propose(model, 0, {
      change: 'changed',
      original: 'old',
      generated: 'new',
      task: 'do it',
      cell: 'c1',
      model: 'gpt-oss-20b',
      sources: [{ source: 'numpy' }],
      checks: [{ check: 'api', message: 'no' }],
      verification: { status: 'ok' }
    });
    rejectCells(model, pendingCells(model));
    expect(readProvenance(model.sharedModel.getCell(0))).toMatchObject({
      review: 'rejected',
      change: 'changed',
      job: 'j',
      cell: 'c1',
      model: 'gpt-oss-20b',
      original: '',
      generated: '',
      task: '',
      sources: [],
      units: [],
      checks: [],
      verification: { status: 'off' }
    });
  });

  it('leaves an empty cell where the only one was an accepted deletion', () => {
    const model = notebook('a');
    propose(model, 0, { change: 'deleted' });
    acceptCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['']);
    expect(reviews(model)).toEqual(['']);
  });

  it('reads a notebook of before there were kinds of change', () => {
    const model = notebook('new text', 'more');
    propose(model, 0, { original: 'old text' });
    propose(model, 1, {});
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['old text']);
  });

  it('makes a raw cell what it is to be, whatever the decision', () => {
    const model = notebook('a', 'b');
    ['x', 'y'].forEach((source, index) =>
      model.sharedModel.insertCell(index, {
        id: `raw-${index}`,
        cell_type: 'raw',
        source
      })
    );
    propose(model, 0, { change: 'new', raw: 'code' });
    propose(model, 1, { change: 'changed', original: 'old', raw: 'code' });
    const [first, second] = pendingCells(model);
    acceptCells(model, first ? [first] : []);
    rejectCells(model, second ? [second] : []);
    expect(
      model.sharedModel.cells.slice(0, 2).map(cell => cell.toJSON())
    ).toMatchObject([
      { id: 'raw-0', cell_type: 'code', source: 'x' },
      { id: 'raw-1', cell_type: 'code', source: 'old' }
    ]);
    expect(model.cells.get(0).trusted).toBe(true);
    model.sharedModel.undo();
    model.sharedModel.undo();
    expect(
      model.sharedModel.cells.slice(0, 2).map(cell => cell.toJSON())
    ).toMatchObject([
      { id: 'raw-0', cell_type: 'raw', source: 'x' },
      { id: 'raw-1', cell_type: 'raw', source: 'y' }
    ]);
    expect(reviews(model).slice(0, 2)).toEqual(['pending', 'pending']);
  });

  it('does not let an undo of typing bring reviewed text back', () => {
    const model = notebook('');
    propose(model, 0, { change: 'changed', original: 'old' });
    const cell = model.sharedModel.getCell(0);
    cell.transact(() => cell.updateSource(0, 0, 'evil()'), false);
    cell.updateSource(0, 6, '');
    rejectCells(model, pendingCells(model));
    cell.undo();
    expect(texts(model)).toEqual(['old']);
  });

  it('tells of the decisions, of cells that have gone too', () => {
    const model = notebook('a', 'b');
    propose(model, 0, { change: 'deleted', cell: 'c0' });
    propose(model, 1, { change: 'new', cell: 'c1' });
    const told: IDecided[] = [];
    const note = (_: unknown, step: { decisions: readonly IDecided[] }) => {
      told.push(...step.decisions);
    };
    decisionLog.made.connect(note);
    acceptCells(model, pendingCells(model), 'generation');
    decisionLog.made.disconnect(note);
    expect(told).toMatchObject([
      {
        verdict: 'accepted',
        scope: 'generation',
        text: 'a',
        before: { cell: 'c0' },
        after: null
      },
      { text: 'b', before: { cell: 'c1' }, after: { review: 'accepted' } }
    ]);
  });
});

describe('ReviewWatch', () => {
  it('tells of new cells and of changed metadata, until it is disposed', () => {
    const model = notebook('a');
    const watch = new ReviewWatch(model);
    let count = 0;
    watch.changed.connect(() => (count += 1));
    model.sharedModel.insertCell(1, { cell_type: 'code', source: 'b' });
    expect(count).toBe(1);
    mark(model, 1);
    expect(count).toBe(2);
    model.sharedModel.cells[1]?.setMetadata('other', 1);
    expect(count).toBe(2);
    watch.dispose();
    mark(model, 0);
    expect(count).toBe(2);
  });
});

describe('readProvenance', () => {
  it.each([
    ['a string', 'pending'],
    [{}, 'pending'],
    [{ review: 'sure' }, 'pending'],
    [{ review: 'accepted' }, 'accepted'],
    [
      { review: 'pending', sources: 7, checks: [1], verification: [] },
      'pending'
    ]
  ])('takes damaged metadata for pending: %j', (raw, review) => {
    expect(readProvenance({ getMetadata: () => raw })?.review).toBe(review);
  });

  it('is null for a cell of the person', () => {
    expect(readProvenance({ getMetadata: () => undefined })).toBeNull();
  });
});
