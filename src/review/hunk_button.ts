import { EditorView } from '@codemirror/view';
import type { ISharedCell } from '@jupyter/ydoc';
import { checkIcon, closeIcon } from '@jupyterlab/ui-components';
import { getChunks } from '@codemirror/merge';

import type { HunkVerdict, IHunk } from '../model/hunks';

/**
 * What the buttons of a hunk work with.
 */
export interface IHunkButtons {
  /**
   * Decide on a hunk of a cell.
   */
  decide(cell: ISharedCell, hunk: IHunk, verdict: HunkVerdict): void;

  /**
   * What the button for this verdict is called.
   */
  labelOf(verdict: HunkVerdict): string;
}

/**
 * Make the button that accepts or rejects the hunk beside which it stands.
 */
export function hunkButton(
  cell: ISharedCell,
  type: 'accept' | 'reject',
  options: IHunkButtons
): HTMLButtonElement {
  const verdict = type === 'accept' ? 'accepted' : 'rejected';
  const button = document.createElement('button');
  button.type = 'button';
  button.className = `jp-Gptoss-hunkButton jp-mod-${type}`;
  button.title = options.labelOf(verdict);
  button.setAttribute('aria-label', button.title);
  (type === 'accept' ? checkIcon : closeIcon).element({
    container: button,
    elementSize: 'small'
  });
  // The cursor stays where it was.
  button.addEventListener('mousedown', event => event.preventDefault());
  button.addEventListener('click', () => {
    const hunk = hunkOf(button);
    if (hunk) {
      options.decide(cell, hunk, verdict);
    }
  });
  return button;
}

/**
 * The hunk that a node of its editor belongs to.
 */
function hunkOf(node: HTMLElement): IHunk | null {
  const editor = node.closest<HTMLElement>('.cm-editor');
  const view = editor && EditorView.findFromDOM(editor);
  const block = node.closest('.cm-deletedChunk');
  if (!view || !block) {
    return null;
  }
  const place = view.posAtDOM(block);
  return (
    getChunks(view.state)?.chunks.find(
      ({ fromB, endB }) => fromB <= place && place <= endB
    ) ?? null
  );
}
