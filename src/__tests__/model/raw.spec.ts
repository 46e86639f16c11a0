import type { ISharedCodeCell } from '@jupyter/ydoc';

import { newJob, reduce } from '../../model/job';
import { readProvenance } from '../../model/provenance';
import { isWaitingCode, rawCells } from '../../model/raw';
import { acceptCells, pendingCells, rejectCells } from '../../model/review';
import { CellWriter } from '../../model/writer';
import type { Event } from '../../wire/schema';
import { changeType, merge } from '../fakes/actions';
import { reviews, texts } from '../fakes/notebook';
import {
  DONE,
  GENERATOR,
  close,
  delta,
  open,
  script,
  verified
} from '../fakes/script';
import { propose, watched } from '../fakes/watched';

const EVENTS: Event[] = script(
  GENERATOR,
  open('a', 0, 'markdown'),
  close('a', '# Hello'),
  open('b', 1),
  delta('b', 'x = '),
  close('b', 'x = 1'),
  verified('b'),
  DONE
);

function generate() {
  const model = watched('first');
  const after = model.sharedModel.getCell(0).getId();
  const writer = new CellWriter({ model, after });
  EVENTS.reduce(
    (job, event) => {
      const next = reduce(job, event);
      writer.apply(next);
      return next;
    },
    newJob('j1', 'task', true)
  );
  return model;
}

function types(model: ReturnType<typeof watched>): string[] {
  return Array.from(model.cells).map(({ type }) => type);
}

describe('pending code in raw cells', () => {
  beforeEach(() => {
    rawCells.enabled = true;
  });

  afterEach(() => {
    rawCells.enabled = false;
  });

  it('is nothing that a tool would run', () => {
    const model = generate();
    expect(types(model)).toEqual(['code', 'markdown', 'raw']);
    expect(texts(model)).toEqual(['first', '# Hello', 'x = 1']);
    expect(reviews(model)).toEqual(['', 'pending', 'pending']);
    expect(Array.from(model.cells).map(isWaitingCode)).toEqual([
      false,
      false,
      true
    ]);
  });

  it('is code once it is accepted, the same cell with its outputs', () => {
    const model = generate();
    const id = model.cells.get(2).id;
    acceptCells(model, pendingCells(model));
    expect(types(model)).toEqual(['code', 'markdown', 'code']);
    const cell = model.sharedModel.getCell(2) as ISharedCodeCell;
    expect(cell.getId()).toBe(id);
    expect(cell.getOutputs()).toHaveLength(1);
    expect(Object.keys(cell.getMetadata())).toEqual(['gptoss_lab']);
    expect(readProvenance(cell)).toMatchObject({ review: 'accepted', raw: '' });
    model.sharedModel.undo();
    expect(types(model)).toEqual(['code', 'markdown', 'raw']);
    expect(reviews(model)).toEqual(['', 'pending', 'pending']);
    model.sharedModel.redo();
    expect(types(model)).toEqual(['code', 'markdown', 'code']);
    expect(reviews(model)).toEqual(['', 'accepted', 'accepted']);
  });

  it('goes when it is rejected', () => {
    const model = generate();
    rejectCells(model, pendingCells(model));
    expect(texts(model)).toEqual(['first']);
  });

  it('does not take the person’s code along into a raw cell', () => {
    const model = generate();
    changeType(model, 1, 'code');
    acceptCells(model, [model.cells.get(1)]);
    merge(model, 1, 2, 2);
    expect(types(model)).toEqual(['code', 'raw']);
    expect(reviews(model)).toEqual(['', 'pending']);
    rejectCells(model, pendingCells(model));
    expect(types(model)).toEqual(['code', 'code']);
    expect(texts(model)).toEqual(['first', '# Hello']);
  });

  it('stays what the person makes of it', () => {
    const model = generate();
    changeType(model, 2, 'markdown');
    acceptCells(model, pendingCells(model));
    expect(types(model)).toEqual(['code', 'markdown', 'markdown']);
  });
});

describe('outputs in metadata that somebody wrote by hand', () => {
  it.each([
    ['no list', { output_type: 'stream' }],
    ['no outputs', [1, null, 'x', {}, { output_type: 'evil' }]],
    ['a stream without text', [{ output_type: 'stream', name: 'stdout' }]],
    ['an error without a name', [{ output_type: 'error', traceback: [] }]],
    ['data of no form', [{ output_type: 'display_data', data: 'html' }]]
  ])('are left out when they are none: %s', (_, outputs) => {
    const model = watched('x');
    changeType(model, 0, 'raw');
    const cell = model.sharedModel.getCell(0);
    cell.setMetadata('gptoss_lab_outputs', outputs as never);
    propose(model, 0, { raw: 'code' });
    acceptCells(model, pendingCells(model));
    const accepted = model.sharedModel.getCell(0) as ISharedCodeCell;
    expect(accepted.cell_type).toBe('code');
    expect(accepted.getOutputs()).toEqual([]);
  });

  it('are not trusted with the acceptance', () => {
    const model = watched('x');
    changeType(model, 0, 'raw');
    const cell = model.sharedModel.getCell(0);
    cell.setMetadata('gptoss_lab_outputs', [
      {
        output_type: 'display_data',
        data: { 'text/html': '<script>evil()</script>' },
        metadata: {}
      }
    ] as never);
    propose(model, 0, { raw: 'code' });
    acceptCells(model, pendingCells(model));
    expect(model.cells.get(0).type).toBe('code');
    expect(model.cells.get(0).trusted).toBe(false);
  });
});
