import type {
  INotebookModel,
  INotebookTracker,
  NotebookPanel
} from '@jupyterlab/notebook';
import type { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { IPlace, ITarget, ITargets, VariableDetail } from '../tokens';
import type { NotebookVariable } from '../wire/schema';
import { splitMagic } from './magic';

/**
 * The most cells and characters of a notebook that are sent as context.
 */
const MAX_CELLS = 500;
const MAX_CHARS = 100_000;

/**
 * What is needed to find and make notebooks.
 */
export interface ITargetsOptions {
  tracker: INotebookTracker;
  commands: CommandRegistry;

  /**
   * The kernel of a new notebook; empty for the server's default.
   */
  kernelFor: (language: 'python' | 'r') => Promise<string>;

  /**
   * Asks the kernel of a notebook what its variables are.
   */
  variablesOf?: (
    panel: NotebookPanel,
    detail: VariableDetail
  ) => Promise<NotebookVariable[]>;
}

/**
 * Finds notebooks among the open ones, or makes one.
 */
export class Targets implements ITargets {
  constructor(private readonly _options: ITargetsOptions) {
    _options.tracker.widgetAdded.connect(this._onAdded, this);
  }

  /**
   * Emitted with the path of a notebook whose content is ready.
   */
  get opened(): ISignal<this, string> {
    return this._opened;
  }

  /**
   * Emitted when an open notebook has got another path.
   */
  get renamed(): ISignal<this, { from: string; to: string }> {
    return this._renamed;
  }

  /**
   * The active notebook, or a new one where none is open.
   *
   * @throws Error when no notebook could be made.
   */
  async current(language: 'python' | 'r'): Promise<ITarget> {
    const panel =
      this._options.tracker.currentWidget ?? (await this._create(language));
    await panel.context.ready;
    const target = this._target(panel);
    if (!target) {
      throw new Error(`The notebook ${panel.context.path} is not ready.`);
    }
    return target;
  }

  /**
   * The open notebook with this path, if any.
   */
  find(path: string): ITarget | null {
    const panel = this._options.tracker.find(
      ({ context }) => context.path === path
    );
    return panel ? this._target(panel) : null;
  }

  /**
   * The active notebook as it is; null where none is open.
   */
  inFront(): ITarget | null {
    const panel = this._options.tracker.currentWidget;
    return panel ? this._target(panel) : null;
  }

  /**
   * The place below a cell of an open notebook.
   */
  below({ model, cell, from }: IPlace): ITarget | null {
    const panel = this._options.tracker.find(
      ({ content }) => content.model === model
    );
    return panel
      ? {
          path: panel.context.path,
          model,
          after: cell,
          context:
            from === undefined
              ? contextUpTo(model, cell)
              : contextAbove(model, positionOf(model, from)),
          readOnly: isReadOnly(panel),
          describe: this._describe(panel)
        }
      : null;
  }

  private _target(panel: NotebookPanel): ITarget | null {
    const target = asTarget(panel);
    return target && { ...target, describe: this._describe(panel) };
  }

  private _describe(panel: NotebookPanel): ITarget['describe'] {
    const { variablesOf } = this._options;
    return variablesOf && (detail => variablesOf(panel, detail));
  }

  private async _create(language: 'python' | 'r'): Promise<NotebookPanel> {
    const kernelName = await this._options.kernelFor(language);
    const panel = (await this._options.commands.execute(
      'notebook:create-new',
      kernelName ? { kernelName } : {}
    )) as NotebookPanel | undefined;
    if (!panel) {
      throw new Error('No notebook could be created.');
    }
    return panel;
  }

  private _onAdded(_: INotebookTracker, panel: NotebookPanel): void {
    let from = panel.context.path;
    panel.context.pathChanged.connect((_context, to) => {
      this._renamed.emit({ from, to });
      from = to;
    });
    void panel.context.ready.then(() => {
      if (!panel.isDisposed) {
        this._opened.emit(panel.context.path);
      }
    });
  }

  private readonly _opened = new Signal<this, string>(this);
  private readonly _renamed = new Signal<this, { from: string; to: string }>(
    this
  );
}

function asTarget(panel: NotebookPanel): ITarget | null {
  const { model } = panel.content;
  if (!model) {
    return null;
  }
  const after = anchorOf(model, panel.content.activeCellIndex);
  return {
    path: panel.context.path,
    model,
    after,
    context: contextUpTo(model, after),
    readOnly: isReadOnly(panel)
  };
}

/**
 * Whether the file or the document refuses changes.
 */
function isReadOnly({ context }: NotebookPanel): boolean {
  return context.model.readOnly || context.contentsModel?.writable === false;
}

/**
 * The active cell; none in a notebook that holds a single empty cell.
 */
function anchorOf(model: INotebookModel, active: number): string | null {
  const { cells } = model.sharedModel;
  if (cells.length === 1 && cells[0]?.getSource().trim() === '') {
    return null;
  }
  return cells[Math.max(active, 0)]?.getId() ?? null;
}

function contextUpTo(model: INotebookModel, cell: string | null): string[] {
  return contextAbove(model, positionOf(model, cell) + 1);
}

function positionOf(model: INotebookModel, id: string | null): number {
  return model.sharedModel.cells.findIndex(cell => cell.getId() === id);
}

function contextAbove(model: INotebookModel, end: number): string[] {
  const { cells } = model.sharedModel;
  const sources: string[] = [];
  let size = 0;
  for (const cell of cells.slice(0, Math.max(end, 0)).reverse()) {
    const source = cell.getSource();
    if (splitMagic(source)) {
      continue;
    }
    size += source.length;
    if (size > MAX_CHARS || sources.length >= MAX_CELLS) {
      break;
    }
    if (cell.cell_type === 'code' && source.trim() !== '') {
      sources.unshift(source);
    }
  }
  return sources;
}
