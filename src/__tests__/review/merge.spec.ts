import { acceptChunk, getChunks, rejectChunk } from '@codemirror/merge';
import { EditorView } from '@codemirror/view';
import type { ISharedCell } from '@jupyter/ydoc';

import { KEY } from '../../model/provenance';
import { isCell, reviewExtension } from '../../review/merge';
import { notebook } from '../fakes/notebook';

function editor(source: string, metadata: unknown) {
  const cell = notebook(source).sharedModel.getCell(0);
  if (metadata) {
    cell.setMetadata(KEY, metadata as never);
  }
  const told: string[] = [];
  const decisions = {
    onOriginal: (_: ISharedCell, text: string) => told.push(`part:${text}`),
    onAllDecided: (_: ISharedCell, text: string) => told.push(`all:${text}`)
  };
  const view = new EditorView({
    doc: source,
    extensions: reviewExtension(cell, decisions)
  });
  return { cell, view, told };
}

const shows = (view: EditorView) => getChunks(view.state) !== null;
const tick = () => new Promise(resolve => setTimeout(resolve, 0));

describe('reviewExtension', () => {
  it('shows a new cell as one change, without buttons in the text', () => {
    const { view } = editor('x = 1', { review: 'pending' });
    expect(getChunks(view.state)?.chunks).toHaveLength(1);
    expect(view.dom.querySelector('button')).toBeNull();
  });

  it('shows nothing on a cell of the person', () => {
    expect(shows(editor('x = 1', null).view)).toBe(false);
  });

  it('follows the metadata: gone on accept, back on undo', async () => {
    const { cell, view } = editor('x', { review: 'pending' });
    cell.setMetadata(KEY, { review: 'accepted' });
    await tick();
    expect(shows(view)).toBe(false);
    cell.setMetadata(KEY, { review: 'pending' });
    await tick();
    expect(shows(view)).toBe(true);
  });

  it('tells of each part that is decided on in a changed cell', async () => {
    const { view, told } = editor('A\nb\nc\nd\nE', {
      review: 'pending',
      original: 'a\nb\nc\nd\ne'
    });
    expect(getChunks(view.state)?.chunks).toHaveLength(2);
    acceptChunk(view, 0);
    await tick();
    expect(told).toEqual(['part:A\nb\nc\nd\ne']);
    rejectChunk(view, view.state.doc.length);
    await tick();
    expect(view.state.doc.toString()).toBe('A\nb\nc\nd\ne');
    expect(told[1]).toBe('all:A\nb\nc\nd\ne');
  });

  it('says nothing when the person types', async () => {
    const { view, told } = editor('x', { review: 'pending', original: 'y' });
    view.dispatch({ changes: { from: 0, insert: 'z' } });
    await tick();
    expect(told).toEqual([]);
  });

  it('lets go of the cell when the editor is destroyed', () => {
    const { cell, view } = editor('x', { review: 'pending' });
    view.destroy();
    expect(() => cell.setMetadata(KEY, { review: 'accepted' })).not.toThrow();
  });
});

describe('isCell', () => {
  it('tells cells from files and from nothing', () => {
    expect(isCell(notebook('x').sharedModel.getCell(0))).toBe(true);
    expect(isCell({ getSource: () => '' })).toBe(false);
    expect(isCell(undefined)).toBe(false);
  });
});
