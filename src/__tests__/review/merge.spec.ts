import { getChunks } from '@codemirror/merge';
import { EditorView } from '@codemirror/view';
import type { ISharedCell } from '@jupyter/ydoc';

import type { HunkVerdict, IHunk } from '../../model/hunks';
import { KEY } from '../../model/provenance';
import { currentHunk, isCell, reviewExtension } from '../../review/merge';
import { notebook } from '../fakes/notebook';

const ORIGINAL = 'a\nb\nc\nd\ne';
const SOURCE = 'A\nb\nc\nd\nE';

function editor(source: string, metadata: unknown) {
  const cell = notebook(source).sharedModel.getCell(0);
  if (metadata) {
    cell.setMetadata(KEY, metadata as never);
  }
  const told: [IHunk, HunkVerdict][] = [];
  const view = new EditorView({
    doc: source,
    parent: document.body,
    extensions: reviewExtension(cell, {
      decide: (_: ISharedCell, hunk, verdict) => told.push([hunk, verdict]),
      labelOf: verdict => `Change ${verdict}`,
      goingText: 'This cell is to go',
      describe: ({ finding, line }) => `${line}: ${finding.message}`
    })
  });
  return { cell, view, told };
}

const CHANGED = { review: 'pending', change: 'changed', original: ORIGINAL };
const shows = (view: EditorView) => getChunks(view.state) !== null;
const hunks = (view: EditorView) => getChunks(view.state)?.chunks.length;
const tick = () => new Promise(resolve => setTimeout(resolve, 0));

describe('reviewExtension', () => {
  it('shows a new cell as one change, without buttons in the text', () => {
    const { view } = editor('x = 1', { review: 'pending' });
    expect(hunks(view)).toBe(1);
    expect(view.dom.querySelector('button')).toBeNull();
  });

  it('shows a changed cell that was empty as a new one', () => {
    const { view } = editor('x', { ...CHANGED, original: '' });
    expect(view.dom.classList).toContain('jp-Gptoss-newText');
  });

  it('shows nothing on a cell of the person', () => {
    expect(shows(editor('x = 1', null).view)).toBe(false);
  });

  it('shows a deleted cell as going: read, but not edited', () => {
    const { view } = editor('x = 1', { review: 'pending', change: 'deleted' });
    expect(view.dom.classList).toContain('jp-Gptoss-goingText');
    expect(view.state.readOnly).toBe(true);
    expect(view.contentDOM.getAttribute('aria-label')).toBe(
      'This cell is to go'
    );
    expect(view.contentDOM.getAttribute('aria-readonly')).toBe('true');
  });

  it('follows the metadata: gone on accept, back on undo', async () => {
    const { cell, view } = editor('x', { review: 'pending' });
    cell.setMetadata(KEY, { review: 'accepted' });
    await tick();
    expect(shows(view)).toBe(false);
    cell.setMetadata(KEY, { review: 'pending' });
    await tick();
    expect(shows(view)).toBe(true);
    cell.setMetadata(KEY, { review: 'pending', change: 'deleted' });
    await tick();
    expect(view.state.readOnly).toBe(true);
  });

  it('offers to decide on each hunk of a changed cell', () => {
    const { view, told } = editor(SOURCE, CHANGED);
    const buttons = [...view.dom.querySelectorAll('button')];
    expect(buttons.map(button => button.getAttribute('aria-label'))).toEqual([
      'Change accepted',
      'Change rejected',
      'Change accepted',
      'Change rejected'
    ]);
    buttons[2]?.click();
    buttons[1]?.click();
    expect(told).toMatchObject([
      [{ fromB: 8 }, 'accepted'],
      [{ fromB: 0 }, 'rejected']
    ]);
  });

  it('compares with what the metadata hold, in the same editor', async () => {
    const { cell, view } = editor(SOURCE, CHANGED);
    cell.setMetadata(KEY, { ...CHANGED, original: 'A\nb\nc\nd\ne' });
    await tick();
    expect(hunks(view)).toBe(1);
  });

  it('follows what the person types', () => {
    const { view, told } = editor(SOURCE, CHANGED);
    view.dispatch({ changes: { from: 4, to: 5, insert: 'C' } });
    expect(view.state.doc.toString()).toBe('A\nb\nC\nd\nE');
    expect(hunks(view)).toBeGreaterThan(0);
    view.dispatch({ changes: { from: 0, to: 9, insert: ORIGINAL } });
    expect(hunks(view)).toBe(0);
    expect(told).toEqual([]);
  });

  it('marks the hunk at the cursor', () => {
    const { view } = editor(SOURCE, CHANGED);
    const marked = () =>
      [...view.dom.querySelectorAll('.jp-Gptoss-currentHunk')].map(
        ({ textContent }) => textContent
      );
    expect(marked()).toEqual(['A']);
    view.dispatch({ selection: { anchor: 4 } });
    expect(marked()).toEqual(['E']);
    expect(currentHunk(view.state)).toMatchObject({ fromB: 8 });
  });

  it('lets go of the cell when the editor is destroyed', async () => {
    const { cell, view } = editor('x', { review: 'pending' });
    view.destroy();
    cell.setMetadata(KEY, { review: 'accepted' });
    await tick();
    expect(shows(view)).toBe(true);
  });
});

describe('isCell', () => {
  it('tells cells from files and from nothing', () => {
    expect(isCell(notebook('x').sharedModel.getCell(0))).toBe(true);
    expect(isCell({ getSource: () => '' })).toBe(false);
    expect(isCell(undefined)).toBe(false);
  });
});
