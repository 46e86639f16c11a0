import type { YNotebook } from '@jupyter/ydoc';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

type UndoManager = YNotebook['undoManager'];
type Step = UndoManager['undoStack'][number];

/**
 * Collects everything that a generation does to a notebook in one undo step.
 *
 * #### Notes
 * Yjs joins a change to the step on top of the stack, and only for half a
 * second. So the person's own steps are laid aside while ours grows, and put
 * back as they were: they are undone first, in their own order. What they have
 * undone themselves stays there to be redone. The step lives as long as the
 * notebook's undo manager, for it may be undone long after the job has ended.
 */
export class GenerationStep {
  constructor(private readonly _notebook: YNotebook) {
    this._manager.on('stack-item-popped', this._onPopped);
    this._manager.on('stack-cleared', this._onCleared);
  }

  /**
   * Emitted after the whole step was undone, or redone.
   */
  get turned(): ISignal<this, 'undone' | 'redone'> {
    return this._turned;
  }

  /**
   * Change the notebook, as a part of the step.
   */
  write(change: () => void): void {
    const manager = this._manager;
    const { undoStack, redoStack, lastChange } = manager;
    const at = this._step ? undoStack.indexOf(this._step) : -1;
    const theirs = at < 0 ? [] : undoStack.splice(at + 1);
    const before = undoStack.length;
    manager.redoStack = [];
    manager.lastChange = at < 0 ? 0 : Date.now();
    try {
      this._notebook.transact(change);
    } finally {
      if (undoStack.length > before) {
        this._step = undoStack.at(-1) ?? null;
      }
      const onTop = theirs.length === 0 && this._step === undoStack.at(-1);
      undoStack.push(...theirs);
      manager.redoStack = redoStack;
      // Nothing of theirs may join our step; what they type may join their own.
      manager.lastChange = onTop ? 0 : lastChange;
    }
  }

  private get _manager(): UndoManager {
    return this._notebook.undoManager;
  }

  private readonly _onPopped = (): void => {
    const { undoStack, redoStack } = this._manager;
    if (this._step && !undoStack.includes(this._step)) {
      this._step = null;
      this._undone = redoStack.at(-1) ?? null;
      this._turned.emit('undone');
    } else if (this._undone && !redoStack.includes(this._undone)) {
      this._undone = null;
      this._step = undoStack.at(-1) ?? null;
      this._turned.emit('redone');
    }
  };

  private readonly _onCleared = (cleared: {
    undoStackCleared: boolean;
    redoStackCleared: boolean;
  }): void => {
    if (cleared.undoStackCleared) {
      this._step = null;
    }
    if (cleared.redoStackCleared) {
      this._undone = null;
    }
  };

  private readonly _turned = new Signal<this, 'undone' | 'redone'>(this);
  private _step: Step | null = null;
  private _undone: Step | null = null;
}
