import type { INotebookModel, NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';

/**
 * A tracker of notebooks whose models are real and whose panels are none.
 */
export class FakeTracker {
  currentWidget: NotebookPanel | null = null;
  readonly currentChanged = new Signal<this, NotebookPanel | null>(this);
  readonly widgetAdded = new Signal<this, NotebookPanel>(this);

  forEach(visit: (panel: NotebookPanel) => void): void {
    this._panels.forEach(visit);
  }

  add(
    path: string,
    model: INotebookModel
  ): { rename: (to: string) => void; close: () => void; front: () => void } {
    const context = {
      path,
      ready: Promise.resolve(),
      pathChanged: new Signal<object, string>({})
    };
    const panel = {
      content: { model },
      context,
      isDisposed: false,
      disposed: new Signal<object, void>({})
    };
    this._panels.push(panel as unknown as NotebookPanel);
    this.widgetAdded.emit(panel as unknown as NotebookPanel);
    return {
      front: () => {
        this.currentWidget = panel as unknown as NotebookPanel;
        this.currentChanged.emit(this.currentWidget);
      },
      rename: to => {
        context.path = to;
        context.pathChanged.emit(to);
      },
      close: () => {
        panel.isDisposed = true;
        panel.disposed.emit();
      }
    };
  }

  private readonly _panels: NotebookPanel[] = [];
}

/**
 * Mark a cell as one that was generated.
 */
export function mark(
  model: INotebookModel,
  index: number,
  fields: Record<string, unknown> = {}
): void {
  model.sharedModel.cells[index]?.setMetadata('gptoss_lab', {
    review: 'pending',
    job: 'j1',
    cell: `c${index}`,
    task: 'mean',
    ...fields
  });
}
