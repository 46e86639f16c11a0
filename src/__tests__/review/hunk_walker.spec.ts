import { EditorView } from '@codemirror/view';
import type { INotebookModel } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';

import { HunkDecisions } from '../../model/hunk_decisions';
import { KEY } from '../../model/provenance';
import { Reviewer } from '../../model/reviewer';
import { HunkWalker } from '../../review/hunk_walker';
import { reviewExtension } from '../../review/merge';
import { notebook, reviews, texts } from '../fakes/notebook';

const trans = nullTranslator.load('gptoss_lab');
const tick = () => new Promise(resolve => setTimeout(resolve, 5));

/**
 * The widget of a cell, as far as a walker knows it.
 */
function widgetOf(model: INotebookModel, index: number) {
  const cell = model.cells.get(index);
  const view = new EditorView({
    doc: cell.sharedModel.source,
    parent: document.body,
    extensions: reviewExtension(cell.sharedModel, {
      decide: () => undefined,
      labelOf: verdict => verdict,
      goingText: '',
      describe: () => ''
    })
  });
  cell.sharedModel.changed.connect(() => {
    const { length } = view.state.doc;
    const insert = cell.sharedModel.source;
    if (insert !== view.state.doc.toString()) {
      view.dispatch({ changes: { from: 0, to: length, insert } });
    }
  });
  return { model: cell, editor: { editor: view }, ready: Promise.resolve() };
}

function reviewed(change = 'changed') {
  const model = notebook('mine', 'A\nb\nc\nd\nE');
  model.sharedModel.getCell(1).setMetadata(KEY, {
    review: 'pending',
    change,
    original: change === 'changed' ? 'a\nb\nc\nd\ne' : ''
  });
  const widgets = [widgetOf(model, 0), widgetOf(model, 1)];
  const content = {
    model,
    widgets,
    activeCellIndex: 0,
    deselectAll: () => undefined,
    scrollToCell: async () => undefined,
    activate: () => undefined
  };
  const tracker = {
    currentWidget: { content } as never,
    get activeCell() {
      return widgets[content.activeCellIndex] as never;
    }
  };
  const isWriting = () => false;
  const reviewer = new Reviewer({ tracker, trans, isWriting });
  const said: string[] = [];
  reviewer.said.connect((_, { text }) => said.push(text));
  const decisions = new HunkDecisions({
    find: fits => {
      fits({ content } as never);
      return undefined;
    }
  });
  const walker = new HunkWalker({ tracker, reviewer, decisions, trans });
  const head = () => widgets[1]?.editor.editor.state.selection.main.head;
  return { model, content, walker, said, head };
}

describe('HunkWalker', () => {
  it('goes from hunk to hunk, and into other cells', async () => {
    const { walker, content, head } = reviewed();
    walker.go(1);
    await tick();
    expect([content.activeCellIndex, head()]).toEqual([1, 0]);
    walker.go(1);
    expect(head()).toBe(8);
    walker.go(-1);
    expect(head()).toBe(0);
    walker.go(-1);
    await tick();
    expect(head()).toBe(8);
  });

  it('decides, says so, and goes on; the last hunk ends the review', async () => {
    const { walker, model, said, head } = reviewed();
    walker.go(1);
    await tick();
    walker.decideHere('accepted');
    await tick();
    expect(said).toEqual(['Change accepted. 1 change left in this cell.']);
    expect(head()).toBe(8);
    walker.decideHere('rejected');
    await tick();
    expect(texts(model)[1]).toBe('A\nb\nc\nd\ne');
    expect(reviews(model)).toEqual(['', 'accepted']);
    expect(said[1]).toBe('1 cell accepted. Nothing is left to review.');
  });

  it('takes a new cell as one hunk', async () => {
    const { walker, model, said } = reviewed('new');
    walker.go(1);
    await tick();
    walker.decideHere('accepted');
    expect(reviews(model)).toEqual(['', 'accepted']);
    expect(said).toEqual(['1 cell accepted. Nothing is left to review.']);
  });

  it('decides nothing on a cell of the person', () => {
    const { walker, model, said } = reviewed();
    walker.decideHere('rejected');
    expect(reviews(model)).toEqual(['', 'pending']);
    expect(said).toEqual([]);
  });
});
