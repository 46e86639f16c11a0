import { getChunks, unifiedMergeView } from '@codemirror/merge';
import { Compartment, EditorState } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import { Decoration, EditorView, ViewPlugin } from '@codemirror/view';
import type { DecorationSet, ViewUpdate } from '@codemirror/view';
import type { ISharedCell } from '@jupyter/ydoc';

import type { IPlacedFinding } from '../model/findings';
import { DIFF, hunkAt } from '../model/hunks';
import type { IHunk } from '../model/hunks';
import { KEY, readProvenance } from '../model/provenance';
import { diagnostics } from './diagnostics';
import type { Finding } from '../wire/schema';
import { FollowQueue } from './follow_queue';
import { hunkButton } from './hunk_button';
import type { IHunkButtons } from './hunk_button';

/**
 * What the view of a change works with.
 */
export interface IMergeOptions extends IHunkButtons {
  /**
   * What is said of a cell that is to go.
   */
  goingText: string;

  /**
   * Say a finding in words.
   */
  describe(placed: IPlacedFinding): string;
}

/**
 * Return an editor extension that shows a pending cell as a change.
 *
 * #### Notes
 * The view follows the cell's metadata, so it comes back after a reload, an
 * undo, and in a second tab.
 */
export function reviewExtension(
  cell: ISharedCell,
  options: IMergeOptions
): Extension {
  const compartment = new Compartment();
  const show = (wanted: IWanted | null) => shownAs(wanted, cell, options);
  let shown = wantedOf(cell);
  const follower = ViewPlugin.fromClass(
    class {
      constructor(private readonly _view: EditorView) {
        cell.changed.connect(this._onChanged, this);
      }

      destroy(): void {
        this._gone = true;
        cell.changed.disconnect(this._onChanged, this);
      }

      private _onChanged(
        _: unknown,
        change: { metadataChange?: unknown }
      ): void {
        if (change.metadataChange && !same(shown, wantedOf(cell))) {
          // The editor may be about to hear of a new text, too.
          queue.add(this._follow);
        }
      }

      private readonly _follow = (): void => {
        const wanted = wantedOf(cell);
        if (!this._gone && !same(shown, wanted)) {
          shown = wanted;
          this._view.dispatch({
            effects: compartment.reconfigure(show(wanted))
          });
        }
      };

      private _gone = false;
    }
  );
  return [compartment.of(show(shown)), follower];
}

/**
 * Whether a shared model is that of a notebook's cell.
 */
export function isCell(model: unknown): model is ISharedCell {
  return (
    typeof (model as ISharedCell | undefined)?.getMetadata === 'function' &&
    'cell_type' in (model as ISharedCell)
  );
}

/**
 * The hunks that an editor shows.
 */
export function shownHunks(state: EditorState): readonly IHunk[] {
  return getChunks(state)?.chunks ?? [];
}

/**
 * The hunk at the cursor, or the next one, or the last.
 */
export function currentHunk(state: EditorState): IHunk | null {
  return hunkAt(shownHunks(state), state.selection.main.head);
}

/**
 * The editors that have yet to follow their cells.
 */
const queue = new FollowQueue();

interface IWanted {
  change: 'new' | 'changed' | 'deleted';
  original: string;
  checks: readonly Finding[];
  generated: string;
}

/**
 * What a pending cell is shown as; null when it is not pending.
 */
function wantedOf(cell: ISharedCell): IWanted | null {
  if (cell.getMetadata(KEY) === undefined) {
    return null;
  }
  const provenance = readProvenance(cell);
  if (provenance?.review !== 'pending') {
    return null;
  }
  const { change, original, checks, generated } = provenance;
  return change === 'changed' && original !== ''
    ? { change, original, checks, generated }
    : {
        change: change === 'deleted' ? change : 'new',
        original: '',
        checks,
        generated
      };
}

function same(one: IWanted | null, other: IWanted | null): boolean {
  return (
    one?.change === other?.change &&
    one?.original === other?.original &&
    JSON.stringify(one?.checks) === JSON.stringify(other?.checks)
  );
}

function shownAs(
  wanted: IWanted | null,
  cell: ISharedCell,
  options: IMergeOptions
): Extension {
  switch (wanted?.change) {
    case undefined:
      return [];
    case 'new':
      // A new cell is one change: the cell's own buttons decide on it.
      return [
        unifiedMergeView({ original: '', mergeControls: false, gutter: true }),
        EditorView.editorAttributes.of({ class: 'jp-Gptoss-newText' }),
        findingsOf(wanted, options)
      ];
    case 'deleted':
      return going(options.goingText);
    case 'changed':
      return [
        unifiedMergeView({
          original: wanted.original,
          gutter: true,
          highlightChanges: true,
          syntaxHighlightDeletions: true,
          diffConfig: DIFF,
          mergeControls: verdict => hunkButton(cell, verdict, options)
        }),
        currentMark,
        findingsOf(wanted, options)
      ];
  }
}

function findingsOf(
  { checks, generated }: IWanted,
  { describe }: IMergeOptions
): Extension {
  return diagnostics({ findings: checks, checked: generated, describe });
}

/**
 * A text that is to go: it can be read, selected and copied, not changed.
 */
function going(text: string): Extension {
  return [
    EditorState.readOnly.of(true),
    EditorView.editorAttributes.of({ class: 'jp-Gptoss-goingText' }),
    EditorView.contentAttributes.of({
      'aria-readonly': 'true',
      'aria-label': text
    })
  ];
}

const CURRENT = Decoration.line({ class: 'jp-Gptoss-currentHunk' });

/**
 * Marks the hunk that the keyboard decides on, where there are several.
 */
const currentMark = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = markedLines(view.state);
    }

    update(update: ViewUpdate): void {
      const moved = update.selectionSet || update.docChanged;
      if (moved || shownHunks(update.state) !== shownHunks(update.startState)) {
        this.decorations = markedLines(update.state);
      }
    }
  },
  { decorations: ({ decorations }) => decorations }
);

function markedLines(state: EditorState): DecorationSet {
  const hunk = shownHunks(state).length > 1 ? currentHunk(state) : null;
  if (!hunk || hunk.toB === hunk.fromB) {
    return Decoration.none;
  }
  const { doc } = state;
  const from = doc.lineAt(Math.min(hunk.fromB, doc.length)).number;
  const to = doc.lineAt(Math.min(hunk.toB - 1, doc.length)).number;
  const marks = [];
  for (let line = from; line <= to; line += 1) {
    marks.push(CURRENT.range(doc.line(line).from));
  }
  return Decoration.set(marks);
}
