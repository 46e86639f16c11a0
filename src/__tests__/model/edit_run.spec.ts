import { runOf } from '../../model/edit_run';
import { cellAt, mark } from '../fakes/edit';
import { notebook } from '../fakes/notebook';

describe('runOf', () => {
  it('takes what the person wrote or accepted above, and the cell', () => {
    const model = notebook(
      'a = 1',
      '%%gptoss\nmean of a',
      'pending()',
      'accepted()',
      ' ',
      'cell()',
      'below()'
    );
    model.sharedModel.insertCell(1, { cell_type: 'markdown', source: 'text' });
    mark(model, 3);
    mark(model, 4, { review: 'accepted' });
    mark(model, 6);
    expect(runOf(model, cellAt(model, 6))).toEqual({
      sources: ['a = 1', 'accepted()', 'cell()'],
      above: 2
    });
  });

  it('runs the first of very many together, but no magic with others', () => {
    const rows = Array.from({ length: 300 }, (_, row) => `x${row} = 1`);
    rows[5] = '%%time\nx5 = 1';
    const model = notebook(...rows, 'cell()');
    mark(model, 300);
    const { sources, above } = runOf(model, cellAt(model, 300));
    expect(above).toBe(300);
    expect(sources).toHaveLength(200);
    expect(sources[0]).toBe('x0 = 1\n\nx1 = 1\n\nx2 = 1\n\nx3 = 1\n\nx4 = 1');
    expect(sources[1]).toBe(rows[5]);
    expect(sources[199]).toBe('cell()');
    expect(sources.join('\n').match(/x\d+ = 1/g)).toHaveLength(300);
  });
});
