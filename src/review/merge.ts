import { getChunks, getOriginalDoc, unifiedMergeView } from '@codemirror/merge';
import { Compartment } from '@codemirror/state';
import type { Extension } from '@codemirror/state';
import { EditorView, ViewPlugin } from '@codemirror/view';
import type { ViewUpdate } from '@codemirror/view';
import type { ISharedCell } from '@jupyter/ydoc';

import { KEY, readProvenance } from '../model/provenance';

/**
 * What the merge view tells about the person's decisions.
 */
export interface IHunkDecisions {
  /**
   * A part was accepted: compare the rest with this text.
   */
  onOriginal(cell: ISharedCell, original: string): void;

  /**
   * No part is left to decide on.
   */
  onAllDecided(cell: ISharedCell, original: string): void;
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
  decisions: IHunkDecisions
): Extension {
  const compartment = new Compartment();
  const follower = ViewPlugin.fromClass(
    class {
      constructor(private readonly _view: EditorView) {
        cell.changed.connect(this._onChanged, this);
      }

      update(update: ViewUpdate): void {
        const before = originalOf(update.startState);
        const after = originalOf(update.state);
        const accepted = before !== null && after !== null && before !== after;
        const edited = update.docChanged && this._isHunkButton(update);
        if (!accepted && !edited) {
          return;
        }
        // Other documents must not change while an editor is updating.
        queueMicrotask(() => this._decide(after ?? ''));
      }

      destroy(): void {
        cell.changed.disconnect(this._onChanged, this);
      }

      private _isHunkButton(update: ViewUpdate): boolean {
        return update.transactions.some(transaction =>
          transaction.isUserEvent('revert')
        );
      }

      private _decide(original: string): void {
        const left = getChunks(this._view.state)?.chunks.length ?? 0;
        if (left === 0) {
          decisions.onAllDecided(cell, original);
        } else {
          decisions.onOriginal(cell, original);
        }
      }

      private _onChanged(
        _: unknown,
        change: { metadataChange?: unknown }
      ): void {
        if (!change.metadataChange) {
          return;
        }
        const shown = originalOf(this._view.state);
        const wanted = wantedOriginal(cell);
        if (shown === wanted) {
          return;
        }
        queueMicrotask(() => {
          this._view.dispatch({
            effects: compartment.reconfigure(view(wantedOriginal(cell)))
          });
        });
      }
    }
  );
  return [compartment.of(view(wantedOriginal(cell))), follower];
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
 * The text that a pending cell is compared with; null when it is not pending.
 */
function wantedOriginal(cell: ISharedCell): string | null {
  if (cell.getMetadata(KEY) === undefined) {
    return null;
  }
  const provenance = readProvenance(cell);
  return provenance?.review === 'pending' ? provenance.original : null;
}

function view(original: string | null): Extension {
  if (original === null) {
    return [];
  }
  if (original === '') {
    // A new cell is one change: the cell's own buttons decide on it.
    return [
      unifiedMergeView({ original, mergeControls: false, gutter: true }),
      EditorView.editorAttributes.of({ class: 'jp-Gptoss-newText' })
    ];
  }
  return unifiedMergeView({
    original,
    gutter: true,
    highlightChanges: true,
    syntaxHighlightDeletions: true,
    mergeControls: true
  });
}

function originalOf(state: EditorView['state']): string | null {
  return getChunks(state) ? getOriginalDoc(state).toString() : null;
}
