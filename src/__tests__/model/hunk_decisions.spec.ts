import * as Y from 'yjs';
import type { YNotebook } from '@jupyter/ydoc';
import type { INotebookModel } from '@jupyterlab/notebook';

import { HunkDecisions } from '../../model/hunk_decisions';
import { hunksOf } from '../../model/hunks';
import type { HunkVerdict } from '../../model/hunks';
import { KEY, asMetadata, readProvenance } from '../../model/provenance';
import { notebook, texts } from '../fakes/notebook';

const ORIGINAL = 'a\nb\nc\nd\ne';
const SOURCE = 'A\nb\nc\nd\nE';

function changed(source = SOURCE, original = ORIGINAL): INotebookModel {
  const model = notebook('x', source);
  const provenance = readProvenance({
    getMetadata: () => ({ review: 'pending', change: 'changed', original })
  });
  if (provenance) {
    model.sharedModel.cells[1]?.setMetadata(KEY, asMetadata(provenance));
  }
  return model;
}

const cellOf = (model: INotebookModel) => model.sharedModel.getCell(1);
const state = (model: INotebookModel) => {
  const provenance = readProvenance(cellOf(model));
  return [
    provenance?.review,
    provenance?.original,
    texts(model)[1],
    provenance?.decisions.map(({ verdict }) => verdict).join()
  ];
};

function decide(
  model: INotebookModel,
  index: number,
  verdict: HunkVerdict
): boolean {
  const cell = cellOf(model);
  const hunks = hunksOf(
    readProvenance(cell)?.original ?? '',
    cell.source.replace(/\r\n/g, '\n')
  );
  const hunk = hunks[index];
  if (!hunk) {
    throw new Error(`No hunk ${index}`);
  }
  const decisions = new HunkDecisions({
    find: fits => {
      fits({ content: { model } } as never);
      return undefined;
    }
  });
  return decisions.decide(cell, hunk, verdict);
}

describe('HunkDecisions', () => {
  const accepted = ['pending', 'A\nb\nc\nd\ne', SOURCE, 'accepted'];
  const rejected = ['pending', ORIGINAL, 'a\nb\nc\nd\nE', 'rejected'];
  const before = ['pending', ORIGINAL, SOURCE, ''];

  it.each([
    ['accepted', accepted],
    ['rejected', rejected]
  ] as const)('remembers a hunk that is %s', (verdict, after) => {
    const model = changed();
    expect(decide(model, 0, verdict)).toBe(true);
    expect(state(model)).toEqual(after);
    expect(readProvenance(cellOf(model))?.decisions[0]).toMatchObject({
      scope: 'hunk',
      lines: 2
    });
  });

  it.each([
    ['accepted', accepted],
    ['rejected', rejected]
  ] as const)(
    'is undone and redone with the notebook (%s)',
    (verdict, after) => {
      const model = changed();
      decide(model, 0, verdict);
      model.sharedModel.undo();
      expect(state(model)).toEqual(before);
      model.sharedModel.redo();
      expect(state(model)).toEqual(after);
    }
  );

  it.each([
    [['accepted', 'accepted'], 'accepted', SOURCE],
    [['accepted', 'rejected'], 'accepted', 'A\nb\nc\nd\ne'],
    [['rejected', 'accepted'], 'accepted', 'a\nb\nc\nd\nE'],
    [['rejected', 'rejected'], 'rejected', ORIGINAL]
  ] as const)(
    'ends the review with its last hunk: %s',
    (verdicts, review, text) => {
      const model = changed();
      verdicts.forEach(verdict => decide(model, 0, verdict));
      expect(readProvenance(cellOf(model))?.review).toBe(review);
      expect(texts(model)[1]).toBe(text);
      model.sharedModel.undo();
      expect(readProvenance(cellOf(model))?.review).toBe('pending');
      model.sharedModel.redo();
      expect(readProvenance(cellOf(model))?.review).toBe(review);
      model.sharedModel.undo();
      model.sharedModel.undo();
      expect(state(model)).toEqual(before);
    }
  );

  it('reaches a second tab, with what is undone', () => {
    const here = changed();
    const there = notebook();
    const docs = [here, there].map(
      model => (model.sharedModel as YNotebook).ydoc
    );
    const sync = () => {
      const [from, to] = docs;
      if (from && to) {
        Y.applyUpdate(to, Y.encodeStateAsUpdate(from));
      }
    };
    sync();
    decide(here, 0, 'rejected');
    sync();
    expect(state(there)).toEqual(rejected);
    here.sharedModel.undo();
    sync();
    expect(state(there)).toEqual(before);
  });

  it('keeps its place in a text of another system', () => {
    const model = changed(SOURCE.replace(/\n/g, '\r\n'));
    decide(model, 1, 'rejected');
    expect(texts(model)[1]?.replace(/\r/g, '')).toBe('A\nb\nc\nd\ne');
  });

  it('decides nothing on a cell that does not wait', () => {
    const model = changed();
    const cell = cellOf(model);
    const provenance = readProvenance(cell);
    if (provenance) {
      cell.setMetadata(KEY, asMetadata({ ...provenance, review: 'accepted' }));
    }
    expect(decide(model, 0, 'rejected')).toBe(false);
    expect(texts(model)[1]).toBe(SOURCE);
  });
});
