import type { ICodeCellModel } from '@jupyterlab/cells';

import { KEY } from '../../model/provenance';
import { pendingCells, rejectCells } from '../../model/review';
import { propose, watched } from '../fakes/watched';

describe('trust', () => {
  it('is not given to a pending cell, whoever gives it', () => {
    const model = watched('a', 'b');
    propose(model, 0);
    for (const cell of model.cells) {
      cell.trusted = true;
    }
    expect(Array.from(model.cells).map(({ trusted }) => trusted)).toEqual([
      false,
      true
    ]);
  });

  it('is not taken from a file', () => {
    const model = watched('x');
    const seen: boolean[] = [];
    model.cells.changed.connect((_, { newValues }) => {
      seen.push(...newValues.map(({ trusted }) => trusted));
    });
    model.fromJSON({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: {
        kernelspec: { name: 'python3', display_name: 'Python' },
        language_info: { name: 'python' }
      },
      cells: [
        {
          cell_type: 'code',
          source: 'a',
          outputs: [],
          execution_count: null,
          metadata: { trusted: true, [KEY]: { review: 'pending' } }
        },
        {
          cell_type: 'code',
          source: 'b',
          outputs: [],
          execution_count: null,
          metadata: { trusted: true }
        }
      ]
    });
    expect(seen).toEqual([false, true]);
    expect(model.dirty).toBe(false);
  });

  it('comes back to a cell whose deletion is rejected', () => {
    const model = watched('a');
    model.cells.get(0).trusted = true;
    propose(model, 0, { change: 'deleted', original: 'a' });
    expect(model.cells.get(0).trusted).toBe(false);
    rejectCells(model, pendingCells(model));
    expect(model.cells.get(0).trusted).toBe(true);
  });

  it('comes back with an undo of what made the cell pending', () => {
    const model = watched('a');
    model.cells.get(0).trusted = true;
    propose(model, 0, { change: 'changed', original: '' });
    expect(model.cells.get(0).trusted).toBe(false);
    model.sharedModel.undo();
    expect(model.cells.get(0).trusted).toBe(true);
  });

  it('is not given by clearing the outputs', () => {
    const model = watched('a');
    propose(model, 0);
    (model.cells.get(0) as ICodeCellModel).clearExecution();
    expect(model.cells.get(0).trusted).toBe(false);
    expect(model.cells.get(0).getMetadata('trusted')).toBeUndefined();
  });
});
