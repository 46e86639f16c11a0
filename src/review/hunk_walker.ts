import type { Cell, ICellModel } from '@jupyterlab/cells';
import type { CodeMirrorEditor } from '@jupyterlab/codemirror';
import { EditorView } from '@codemirror/view';
import type { ISharedCell } from '@jupyter/ydoc';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { HunkDecisions } from '../model/hunk_decisions';
import type { HunkVerdict, IHunk } from '../model/hunks';
import { isPending, readProvenance } from '../model/provenance';
import { hunkText } from '../model/review_texts';
import type { Reviewer } from '../model/reviewer';
import { currentHunk, shownHunks } from './merge';

/**
 * What a walker works with.
 */
export interface IHunkWalkerOptions {
  tracker: Pick<INotebookTracker, 'activeCell'>;
  reviewer: Reviewer;
  decisions: HunkDecisions;
  trans: TranslationBundle;
}

/**
 * Walks from hunk to hunk, and decides on them.
 *
 * #### Notes
 * A new or a deleted cell is one hunk, as is a changed one whose editor is not
 * there: its cell is decided on.
 */
export class HunkWalker {
  constructor(private readonly _options: IHunkWalkerOptions) {}

  /**
   * Go to the next (1) or previous (-1) hunk: in this cell, or in another.
   */
  go(step: 1 | -1): void {
    const { tracker, reviewer } = this._options;
    const view = viewOf(tracker.activeCell);
    const next = view && neighbour(view, step);
    if (view && next) {
      moveTo(view, next);
      reviewer.focus();
      return;
    }
    const cell = reviewer.go(step);
    void cell?.ready.then(() => {
      const there = viewOf(cell);
      const hunks = there ? shownHunks(there.state) : [];
      const hunk = hunks[step === 1 ? 0 : hunks.length - 1];
      if (there && hunk) {
        moveTo(there, hunk);
      }
    });
  }

  /**
   * Decide on the hunk at the cursor of the active cell.
   */
  decideHere(verdict: HunkVerdict): void {
    const { tracker, reviewer } = this._options;
    const cell = tracker.activeCell;
    if (!cell || !isPending(cell.model)) {
      return;
    }
    const view = viewOf(cell);
    const hunk = view && currentHunk(view.state);
    if (hunk && readProvenance(cell.model)?.change === 'changed') {
      this.decide(cell.model.sharedModel, hunk, verdict);
    } else if (verdict === 'accepted') {
      reviewer.accept();
    } else {
      reviewer.reject();
    }
  }

  /**
   * Decide on a hunk of a cell, and go on to the one that follows.
   */
  decide(shared: ISharedCell, hunk: IHunk, verdict: HunkVerdict): void {
    const { tracker, reviewer, decisions, trans } = this._options;
    const widget = this._widgetOf(shared);
    if (!widget || !reviewer.isFinished(widget.model)) {
      return;
    }
    if (!decisions.decide(shared, hunk, verdict)) {
      return;
    }
    // The editor follows in a moment.
    setTimeout(() => {
      const view = viewOf(widget);
      const left = view ? shownHunks(view.state).length : 0;
      const next = view && currentHunk(view.state);
      if (left > 0) {
        reviewer.say(hunkText(verdict, left, trans));
      } else {
        const ended = readProvenance(widget.model)?.review;
        reviewer.sayDecided(ended === 'accepted' ? ended : 'rejected');
      }
      if (next && tracker.activeCell === widget) {
        moveTo(view, next);
      }
      reviewer.goOn();
    });
  }

  private _widgetOf(shared: ISharedCell): Cell<ICellModel> | null {
    const cells = this._options.reviewer.panel?.content.widgets ?? [];
    return cells.find(({ model }) => model.sharedModel === shared) ?? null;
  }
}

/**
 * The CodeMirror view of a cell, once it has one.
 */
export function viewOf(cell: Cell | null): EditorView | null {
  const view = (cell?.editor as CodeMirrorEditor | null | undefined)?.editor;
  return view instanceof EditorView ? view : null;
}

/**
 * The hunk after or before the one at the cursor, if the cell has it.
 */
function neighbour(view: EditorView, step: 1 | -1): IHunk | null {
  const hunks = shownHunks(view.state);
  const here = view.state.selection.main.head;
  const beyond = hunks.filter(({ fromB, toB }) =>
    step === 1 ? fromB > here : Math.max(toB - 1, fromB) < here
  );
  return (step === 1 ? beyond[0] : beyond[beyond.length - 1]) ?? null;
}

function moveTo(view: EditorView, { fromB }: IHunk): void {
  const anchor = Math.min(fromB, view.state.doc.length);
  view.dispatch({
    selection: { anchor },
    effects: EditorView.scrollIntoView(anchor, { y: 'nearest', yMargin: 40 })
  });
}
