import type { INotebookModel } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';

import { editOf } from '../../model/edit_cells';
import { needsModel, needsWords, taskOf, whyNot } from '../../model/edit_verbs';
import type { CellVerb } from '../../model/edit_verbs';
import { ERROR, cellAt, mark, show } from '../fakes/edit';
import { notebook } from '../fakes/notebook';

const trans = nullTranslator.load('gptoss_lab');

function reason(
  verb: CellVerb,
  model: INotebookModel,
  indices: number[] = [0],
  writing = false
): string {
  const cells = indices.map(index => cellAt(model, index));
  return whyNot(verb, { model, cells, isWriting: () => writing }, trans);
}

describe('whyNot', () => {
  it.each<CellVerb>(['edit', 'explain', 'example', 'port'])(
    'lets %s work on a cell, and on several',
    verb => {
      const model = notebook('x = 1', 'y = 2');
      expect(reason(verb, model)).toBe('');
      expect(reason(verb, model, [0, 1])).toBe('');
    }
  );

  it('wants a cell, and no more than the server takes', () => {
    const model = notebook(...Array.from({ length: 21 }, () => 'x'));
    expect(reason('edit', model, [])).toBe('Select a cell first');
    expect(
      whyNot('edit', { model: null, cells: [], isWriting: () => false }, trans)
    ).toBe('Select a cell first');
    expect(reason('edit', model, [...Array(20).keys()])).toBe('');
    expect(reason('edit', model, [...Array(21).keys()])).toBe(
      'At most 20 cells fit; 21 are selected'
    );
  });

  it('fixes only where there is an error', () => {
    const model = notebook('x', 'y');
    expect(reason('fix', model)).toContain('no error');
    show(model, 1, ERROR);
    expect(reason('fix', model)).toContain('no error');
    expect(reason('fix', model, [0, 1])).toBe('');
  });

  it('redoes and runs one cell that waits', () => {
    const model = notebook('x', 'y');
    expect(reason('redo', model)).toContain('does not wait');
    expect(reason('run', model)).toContain('does not wait');
    mark(model, 0);
    mark(model, 1);
    expect(reason('redo', model)).toBe('');
    expect(reason('run', model)).toBe('');
    expect(reason('redo', model, [0, 1])).toBe('Select one cell');
    expect(reason('run', model, [0], true)).toContain('still being written');
    mark(model, 0, { change: 'deleted' });
    expect(reason('redo', model)).toContain('waits to be removed');
  });

  it('runs and ports only code, raw until it is accepted too', () => {
    const model = notebook();
    model.sharedModel.addCell({ cell_type: 'markdown', source: 'text' });
    model.sharedModel.addCell({ cell_type: 'raw', source: 'x = 1' });
    mark(model, 0);
    expect(reason('run', model)).toBe('Only code runs');
    expect(reason('port', model)).toBe('Only code can be ported');
    expect(reason('explain', model)).toBe('');
    expect(reason('edit', model, [1])).toBe('Raw cells are left alone');
    mark(model, 1, { raw: 'code' });
    expect(reason('run', model, [1])).toBe('');
  });

  it('leaves other languages, read-only notebooks and empty cells alone', () => {
    const model = notebook('x', ' \n');
    expect(reason('explain', model, [1])).toBe('The cell is empty');
    expect(reason('edit', model, [1])).toBe('');
    model.readOnly = true;
    expect(reason('edit', model)).toBe('The notebook is read-only');
    model.readOnly = false;
    model.setMetadata('language_info', { name: 'julia' });
    expect(reason('edit', model)).toContain('this kernel speaks julia');
    mark(model, 0, { language: 'r' });
    expect(reason('edit', model)).toBe('');
  });

  it('refuses a text that the server would', () => {
    expect(reason('edit', notebook('x'.repeat(400_001)))).toContain('too long');
  });
});

describe('what is sent', () => {
  it('holds the cells, with errors only for a fix', () => {
    const model = notebook("df['b']");
    show(model, 0, ERROR);
    const cell = cellAt(model);
    expect(editOf('edit', model, [cell])).toEqual({
      kind: 'edit',
      cells: [
        {
          id: cell.sharedModel.getId(),
          kind: 'code',
          language: 'python',
          source: "df['b']",
          error: ''
        }
      ]
    });
    expect(editOf('fix', model, [cell]).cells[0]?.error).toContain('KeyError');
  });

  it('is what the person says, or the verb by itself', () => {
    const model = notebook('x');
    mark(model, 0);
    const cells = [cellAt(model)];
    expect(taskOf('edit', ' use polars ', cells)).toBe('use polars');
    expect(taskOf('fix', ' ', cells)).toBe('Fix the error.');
    expect(taskOf('redo', 'shorter', cells)).toBe('mean of a\n\nshorter');
    expect(taskOf('redo', '', cells)).toBe(
      'mean of a\n\nWrite this cell anew.'
    );
  });

  it('needs words for an edit alone, and a model for all but an example', () => {
    expect(needsWords('edit')).toBe(true);
    expect(needsWords('fix')).toBe(false);
    expect(needsModel('fix')).toBe(true);
    expect(needsModel('example')).toBe(false);
  });
});
