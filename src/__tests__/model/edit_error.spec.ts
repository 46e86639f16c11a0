import {
  MAX_ERROR_CHARS,
  errorOf,
  hasError,
  plain
} from '../../model/edit_error';
import { ERROR, cellAt, show } from '../fakes/edit';
import { notebook } from '../fakes/notebook';

describe('errorOf', () => {
  it('reads the traceback, without colours, and nothing else', () => {
    const model = notebook("df['b']");
    show(
      model,
      0,
      { output_type: 'stream', name: 'stdout', text: 'salary 424242' },
      {
        output_type: 'display_data',
        data: { 'text/plain': '7' },
        metadata: {}
      },
      ERROR
    );
    expect(hasError(cellAt(model))).toBe(true);
    expect(errorOf(cellAt(model))).toBe(
      "---------\nCell In[1], line 1\nKeyError: 'b'"
    );
  });

  it('makes do with a name where there is no traceback', () => {
    const model = notebook('x');
    show(model, 0, { ...ERROR, traceback: [] });
    expect(errorOf(cellAt(model))).toBe("KeyError: 'b'");
    show(model, 0, { ...ERROR, traceback: [{}] as never, ename: 3 as never });
    expect(errorOf(cellAt(model))).toBe("'b'");
  });

  it('keeps the two ends of one that is long', () => {
    const model = notebook('x');
    const rows = Array.from({ length: 200_000 }, (_, row) => `row ${row}`);
    show(model, 0, { ...ERROR, traceback: rows });
    const text = errorOf(cellAt(model));
    expect(text.length).toBeLessThanOrEqual(MAX_ERROR_CHARS);
    expect(text).toMatch(/^row 0\n/);
    expect(text).toMatch(/row 199999$/);
    expect(text).toContain('[…]');
  });

  it('finds none in a cell that did well, or in Markdown', () => {
    const model = notebook('x');
    model.sharedModel.addCell({ cell_type: 'markdown', source: 'text' });
    expect(hasError(cellAt(model))).toBe(false);
    expect(hasError(cellAt(model, 1))).toBe(false);
    expect(errorOf(cellAt(model, 1))).toBe('');
  });

  it.each([
    ['\u001b[38;5;196mred\u001b[K\u001b[0m', 'red'],
    ['\u001b]8;;https://x.org\u001b\\link\u001b]8;;\u0007', 'link'],
    ['a\u0008\u0000b\tc\r\nd', 'ab\tc\nd']
  ])('takes what a terminal acts on out of %j', (text, read) => {
    expect(plain(text)).toBe(read);
  });
});
