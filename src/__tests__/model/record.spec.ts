import { KEY, asMetadata, readProvenance } from '../../model/provenance';
import { acceptCells, pendingCells, rejectCells } from '../../model/review';
import {
  MAX_DECISIONS,
  recordPart,
  withDecision,
  withRecord
} from '../../model/record';
import { hashOf } from '../../model/record_hash';
import {
  MAX_REMOVED,
  noteRemoved,
  removedCell,
  removedKeys
} from '../../model/record_removed';
import type { CellProvenance } from '../../wire/schema';
import { notebook } from '../fakes/notebook';

const STAMP = { at: '2026-01-02T03:04:05.000Z', by: 'Ada' };

function pending(more: Partial<CellProvenance> = {}): CellProvenance {
  const read = readProvenance({
    getMetadata: () => ({
      review: 'pending',
      job: 'j1',
      cell: 'c1',
      generated: 'x = 1',
      ...more
    })
  });
  if (!read) {
    throw new Error('there is provenance');
  }
  return read;
}

describe('records', () => {
  it('says that a cell was accepted as it was generated', () => {
    const after = withRecord(pending(), {
      verdict: 'accepted',
      scope: 'cell',
      text: 'x = 1',
      ...STAMP
    });
    expect(after.record).toEqual({
      ...STAMP,
      verdict: 'accepted',
      generated_chars: 5,
      kept_chars: 5,
      edit_distance: 0,
      kept_sha256: hashOf('x = 1')
    });
    expect(after.generated).toBe('');
    expect(after.decisions).toEqual([
      { ...STAMP, scope: 'cell', verdict: 'accepted', lines: 1 }
    ]);
  });

  it('says by how much it was edited before it was accepted', () => {
    const decision = { verdict: 'accepted', scope: 'generation' } as const;
    const text = 'x = 12\ny = 3';
    const { record } = withRecord(pending(), { ...decision, text, ...STAMP });
    expect(record).toMatchObject({
      verdict: 'edited',
      generated_chars: 5,
      kept_chars: 12,
      edit_distance: 7
    });
  });

  it('keeps nothing of a rejected text but its length', () => {
    const after = withRecord(pending(), {
      verdict: 'rejected',
      scope: 'cell',
      text: 'x = 1',
      ...STAMP
    });
    expect(after.record).toMatchObject({
      verdict: 'rejected',
      generated_chars: 5,
      kept_chars: 0,
      edit_distance: null,
      kept_sha256: ''
    });
    expect(JSON.stringify(after)).not.toContain('x = 1');
  });

  it('does not measure again what was set back and accepted again', () => {
    const decision = { verdict: 'accepted', scope: 'cell', ...STAMP } as const;
    const first = withRecord(pending(), { ...decision, text: 'x = 12' });
    const later = { ...decision, at: '2026-01-03T00:00:00.000Z' };
    const same = withRecord(first, { ...later, text: 'x = 12' });
    expect(same.record).toEqual({ ...first.record, at: later.at });
    const other = withRecord(first, { ...later, text: 'y' });
    expect(other.record).toMatchObject({
      verdict: 'edited',
      generated_chars: 5,
      kept_chars: 1,
      edit_distance: null
    });
  });

  it('claims no edit of a cell whose generated text it does not know', () => {
    const { record } = withRecord(pending({ generated: '' }), {
      verdict: 'accepted',
      scope: 'cell',
      text: 'x = 1',
      ...STAMP
    });
    expect(record).toMatchObject({ verdict: 'accepted', edit_distance: null });
  });

  it('keeps the latest decisions, and not without end', () => {
    let cell = pending();
    for (let lines = 0; lines <= MAX_DECISIONS; lines += 1) {
      const hunk = { scope: 'hunk', verdict: 'accepted', lines } as const;
      cell = withDecision(cell, { ...hunk, ...STAMP });
    }
    expect(cell.decisions).toHaveLength(MAX_DECISIONS);
    expect(cell.decisions[0]?.lines).toBe(1);
  });

  it('notes what was decided on a part, while the cell waits', () => {
    const [cell] = notebook('x = 1').sharedModel.cells;
    cell!.setMetadata(KEY, asMetadata(pending()));
    recordPart(cell!, 'rejected', 3, STAMP);
    const read = readProvenance(cell!)!;
    expect(read.decisions).toEqual([
      { ...STAMP, scope: 'hunk', verdict: 'rejected', lines: 3 }
    ]);
    cell!.setMetadata(KEY, asMetadata({ ...read, review: 'accepted' }));
    recordPart(cell!, 'accepted', 3, STAMP);
    expect(readProvenance(cell!)?.decisions).toHaveLength(1);
  });
});

describe('hash', () => {
  it('is that of the text in UTF-8', () => {
    expect(hashOf('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    );
    expect(hashOf('é')).toBe(
      '4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c'
    );
  });
});

describe('removed cells', () => {
  function gone(cell: string, more: Partial<CellProvenance> = {}) {
    return removedCell({
      before: pending({ cell, task: 'plot', ...more }),
      verdict: 'rejected',
      scope: 'cell',
      text: 'secret()',
      ...STAMP
    });
  }

  it('stay in the notebook, without their text, beside what else it says', () => {
    const model = notebook('a');
    model.sharedModel.setMetadata(KEY, { environments: { i: {} } });
    noteRemoved(model, [gone('c1'), gone('c2')]);
    noteRemoved(model, [gone('c2')]);
    const noted = model.sharedModel.getMetadata(KEY);
    expect(noted).toMatchObject({
      environments: { i: {} },
      removed: [
        {
          job: 'j1',
          cell: 'c1',
          task: 'plot',
          record: { verdict: 'rejected' }
        },
        { cell: 'c2' }
      ]
    });
    expect(JSON.stringify(noted)).not.toContain('secret');
  });

  it('are bounded, and survive nonsense in the metadata', () => {
    const model = notebook('a');
    model.sharedModel.setMetadata(KEY, { removed: 'nonsense' } as never);
    const many = Array.from({ length: MAX_REMOVED + 5 }, (_, i) =>
      gone(`c${i}`)
    );
    noteRemoved(model, many);
    const { removed } = model.sharedModel.getMetadata(KEY) as {
      removed: { cell: string }[];
    };
    expect(removed).toHaveLength(MAX_REMOVED);
    expect(removed[0]?.cell).toBe('c5');
  });

  it('have not gone where undo has brought them back', () => {
    const model = notebook('a');
    noteRemoved(model, [gone('c1'), gone('c2')]);
    expect([...removedKeys(model)]).toEqual(['j1/c1', 'j1/c2']);
    model.sharedModel.cells[0]!.setMetadata(KEY, asMetadata(pending()));
    expect([...removedKeys(model)]).toEqual(['j1/c2']);
  });
});

describe('a decision', () => {
  function waiting(...cells: Partial<CellProvenance>[]) {
    const model = notebook(...cells.map(() => 'x = 1'), 'mine');
    cells.forEach((more, index) =>
      model.sharedModel.cells[index]!.setMetadata(
        KEY,
        asMetadata(pending({ cell: `c${index}`, ...more }))
      )
    );
    return model;
  }

  function records(model: ReturnType<typeof notebook>) {
    return [...model.cells].map(
      cell => readProvenance(cell)?.record?.verdict ?? ''
    );
  }

  it('and its records are one undo step, and one redo step', () => {
    const model = waiting({}, {});
    model.sharedModel.cells[1]!.setSource('x = 2');
    expect(acceptCells(model, pendingCells(model), 'generation')).toBe(2);
    expect(records(model)).toEqual(['accepted', 'edited', '']);
    model.sharedModel.undo();
    expect(records(model)).toEqual(['', '', '']);
    expect(readProvenance(model.cells.get(0))?.generated).toBe('x = 1');
    model.sharedModel.redo();
    expect(records(model)).toEqual(['accepted', 'edited', '']);
  });

  it('leaves word of a cell that it took out, until undo brings it back', () => {
    const model = waiting({}, { change: 'deleted' });
    rejectCells(model, [model.cells.get(0)]);
    acceptCells(model, pendingCells(model));
    expect([...removedKeys(model)]).toEqual(['j1/c0', 'j1/c1']);
    expect(model.sharedModel.getMetadata(KEY)).toMatchObject({
      removed: [
        { change: 'new', record: { verdict: 'rejected' } },
        { change: 'deleted', record: { verdict: 'accepted' } }
      ]
    });
    model.sharedModel.undo();
    expect([...removedKeys(model)]).toEqual(['j1/c0']);
    model.sharedModel.undo();
    expect([...removedKeys(model)]).toEqual([]);
    model.sharedModel.redo();
    expect([...removedKeys(model)]).toEqual(['j1/c0']);
  });

  it('on a changed cell tells that its old text is back', () => {
    const model = waiting({ change: 'changed', original: 'old' });
    rejectCells(model, pendingCells(model));
    const { record, decisions } = readProvenance(model.cells.get(0))!;
    expect(record).toMatchObject({ verdict: 'rejected', kept_chars: 0 });
    expect(decisions).toMatchObject([{ scope: 'cell', verdict: 'rejected' }]);
    expect(removedKeys(model).size).toBe(0);
  });
});
