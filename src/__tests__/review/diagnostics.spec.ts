import { EditorView } from '@codemirror/view';

import { diagnostics } from '../../review/diagnostics';
import type { Finding } from '../../wire/schema';

const TEXT = 'import pandas\n  pandas.nothing()\nprint(1)';

function finding(fields: Partial<Finding>): Finding {
  return {
    check: 'api',
    severity: 'error',
    cell: 'a',
    line: 2,
    symbol: '',
    message: 'no such name',
    suggestions: [],
    evidence: [],
    need: null,
    ...fields
  };
}

function editor(...findings: Finding[]): EditorView {
  return new EditorView({
    doc: TEXT,
    parent: document.body,
    extensions: diagnostics({
      findings,
      checked: TEXT,
      describe: ({ finding: { message }, line }) => `Line ${line}: ${message}.`
    })
  });
}

const underlined = (view: EditorView) =>
  [...view.dom.querySelectorAll('.jp-Gptoss-finding')].map(node => [
    node.textContent,
    node.className.replace('jp-Gptoss-finding ', '')
  ]);
const signs = (view: EditorView) =>
  view.dom.querySelectorAll('.jp-Gptoss-findingSign').length;
const spoken = (view: EditorView) =>
  view.contentDOM.getAttribute('aria-description');

describe('diagnostics', () => {
  it('underlines the line, signs it and says it', () => {
    const view = editor(finding({}));
    expect(underlined(view)).toEqual([['pandas.nothing()', 'jp-mod-error']]);
    expect(signs(view)).toBe(1);
    expect(spoken(view)).toBe('Line 2: no such name.');
  });

  it('shows the gravest of several on a line, and says all', () => {
    const view = editor(
      finding({ severity: 'info', message: 'a' }),
      finding({ severity: 'error', message: 'b' }),
      finding({ severity: 'warning', message: 'c' })
    );
    expect(underlined(view)).toEqual([['pandas.nothing()', 'jp-mod-error']]);
    expect(spoken(view)).toBe('Line 2: a. Line 2: b. Line 2: c.');
  });

  it('goes when its line is edited, and stays for others', () => {
    const view = editor(finding({}), finding({ line: 3, severity: 'info' }));
    view.dispatch({ changes: { from: 0, insert: '# above\n' } });
    expect(spoken(view)).toBe('Line 3: no such name. Line 4: no such name.');
    const place = view.state.doc.line(3).to;
    view.dispatch({ changes: { from: place, insert: ' + 1' } });
    expect(underlined(view)).toEqual([['print(1)', 'jp-mod-info']]);
    view.dispatch({ changes: { from: place, to: place + 4, insert: '' } });
    expect(underlined(view)).toHaveLength(2);
  });

  it('adds nothing where no line is meant', () => {
    const view = editor(finding({ line: 0 }));
    expect(signs(view)).toBe(0);
    expect(view.dom.querySelector('.jp-Gptoss-findingGutter')).toBeNull();
    expect(spoken(view)).toBeNull();
  });
});
