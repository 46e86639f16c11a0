import { GeneratedCells } from '../../model/generated_cells';
import { notebook } from '../fakes/notebook';
import { mark } from '../fakes/tracker';

describe('GeneratedCells', () => {
  it('lists what was generated, in the order of the notebook', () => {
    const model = notebook('own', '\n\n  x = 1\ny = 2', '');
    mark(model, 2);
    mark(model, 1, { review: 'accepted' });
    const cells = new GeneratedCells(model);
    expect(cells.all.map(one => [one.provenance.review, one.line])).toEqual([
      ['accepted', 'x = 1'],
      ['pending', '']
    ]);
  });

  it('reads a cell again only after it changed', () => {
    const model = notebook('a', 'b');
    mark(model, 0);
    mark(model, 1);
    const cells = new GeneratedCells(model);
    const [first, second] = cells.all;
    const changed = jest.fn();
    cells.changed.connect(changed);
    mark(model, 1, { review: 'accepted' });
    expect(changed).toHaveBeenCalledTimes(1);
    expect(cells.all[0]).toBe(first);
    expect(cells.all[1]).not.toBe(second);
    expect(cells.all[1]?.provenance.review).toBe('accepted');
  });

  it('follows the first line, and no other', () => {
    const model = notebook('x = 1');
    mark(model, 0);
    const cells = new GeneratedCells(model);
    expect(cells.all).toHaveLength(1);
    const changed = jest.fn();
    cells.changed.connect(changed);
    model.sharedModel.cells[0]?.setSource('x = 1\ny = 2');
    expect(changed).not.toHaveBeenCalled();
    model.sharedModel.cells[0]?.setSource('z = 1\ny = 2');
    expect(changed).toHaveBeenCalledTimes(1);
    expect(cells.all[0]?.line).toBe('z = 1');
  });

  it('follows cells that come and go', () => {
    const model = notebook('a');
    const cells = new GeneratedCells(model);
    expect(cells.all).toEqual([]);
    model.sharedModel.insertCell(0, {
      cell_type: 'markdown',
      source: '# Means',
      metadata: { gptoss_lab: { job: 'j1' } }
    });
    // What cannot be read counts as pending.
    expect(cells.all.map(one => one.provenance.review)).toEqual(['pending']);
    model.sharedModel.deleteCell(0);
    expect(cells.all).toEqual([]);
  });

  it('reads 500 pending cells in little time, and one change in none', () => {
    const model = notebook(...Array.from({ length: 500 }, (_, at) => `x${at}`));
    for (let at = 0; at < 500; at += 1) {
      mark(model, at);
    }
    const cells = new GeneratedCells(model);
    const reads = jest.spyOn(model.cells.get(7), 'getMetadata');
    expect(cells.all).toHaveLength(500);
    for (let round = 0; round < 100; round += 1) {
      mark(model, 0, { cell: `${round}` });
      expect(cells.all[0]?.provenance.cell).toBe(`${round}`);
    }
    // Once by the watch that keeps it untrusted, once for the list.
    expect(reads.mock.calls.length).toBeLessThanOrEqual(2);
  });
});
