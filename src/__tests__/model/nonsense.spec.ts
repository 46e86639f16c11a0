import type { YNotebook } from '@jupyter/ydoc';

import { NotebookIntegrity } from '../../model/integrity';
import { ReviewWatch } from '../../model/pending';
import { KEY, isPending, readProvenance } from '../../model/provenance';
import { acceptCells, pendingCells, rejectCells } from '../../model/review';
import { copy, merge, paste, split } from '../fakes/actions';
import { notebook, reviews } from '../fakes/notebook';

const MEMBERS = [
  'review',
  'change',
  'original',
  'generated',
  'job',
  'cell',
  'task',
  'templates',
  'units',
  'generator',
  'model',
  'seed',
  'raw',
  'language',
  'decisions',
  'record',
  'sources',
  'checks',
  'verification'
];

const VALUES: [string, unknown][] = [
  ['a number', 1e308],
  ['true', true],
  ['null', null],
  ['an empty list', []],
  ['a list of lists', [[[]], [null]]],
  ['an object', { toString: 1, constructor: 'x' }],
  ['text', 'nonsense'],
  ['a long text', 'x'.repeat(1_000_000)],
  ['many decisions', Array.from({ length: 5000 }, () => decision())],
  ['many nothings', Array.from({ length: 5000 }, () => ({}))]
];

function decision() {
  return { scope: 'hunk', verdict: 'accepted', lines: -1, at: 5, by: {} };
}

const WHOLE: [string, unknown][] = [
  ['text', 'pending'],
  ['a number', 0],
  ['false', false],
  ['a list', [{ review: 'accepted' }]],
  ['nothing', {}],
  ...VALUES.map(([name, value]): [string, unknown] => [
    `every member ${name}`,
    Object.fromEntries(MEMBERS.map(member => [member, value]))
  ])
];

function open(value: unknown) {
  const model = notebook('own', 'a\nb', 'c');
  NotebookIntegrity.of(model.sharedModel as YNotebook);
  const watch = new ReviewWatch(model);
  model.sharedModel.getCell(1).setMetadata(KEY, value as never);
  return { model, watch };
}

describe.each(WHOLE)('metadata that are %s', (_, value) => {
  it('are those of a pending cell, which is not trusted', () => {
    const { model } = open(value);
    const cell = model.cells.get(1);
    expect(isPending(cell)).toBe(true);
    expect(cell.trusted).toBe(false);
    cell.trusted = true;
    expect(cell.trusted).toBe(false);
  });

  it('are read into what the program works with', () => {
    const { model } = open(value);
    const read = readProvenance(model.cells.get(1));
    expect(Object.keys(read ?? {}).sort()).toEqual([...MEMBERS].sort());
    expect(read?.decisions.length).toBeLessThanOrEqual(200);
    expect(read?.sources.length).toBeLessThanOrEqual(200);
    expect(read?.checks.length).toBeLessThanOrEqual(200);
  });

  it('can be accepted', () => {
    const { model } = open(value);
    expect(acceptCells(model, pendingCells(model))).toBe(1);
    expect(reviews(model).filter(Boolean)).toEqual(['accepted']);
  });

  it('can be rejected', () => {
    const { model } = open(value);
    expect(rejectCells(model, pendingCells(model))).toBe(1);
    expect(pendingCells(model)).toEqual([]);
  });

  it('do not stop a split, a merge or a copy', () => {
    const { model } = open(value);
    split(model, 1, 2);
    expect(pendingCells(model)).toHaveLength(2);
    merge(model, 0, 2, 1);
    expect(pendingCells(model)).toHaveLength(1);
    paste(model, copy(model, 0), 1);
    expect(pendingCells(model)).toHaveLength(2);
  });
});
