import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { KernelSpec } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { IOwnKernel } from './sandboxes';

/**
 * A sandbox kernel as its kernelspec describes it.
 */
export interface ISandboxKernel {
  /**
   * The id of the kernel; empty while none runs.
   */
  readonly id: string;
  readonly path: string;
  readonly displayName: string;
  readonly network: boolean;
}

/**
 * The kernel of an open notebook as the sandboxes steer it, where it is there.
 */
export function ownKernel(
  tracker: INotebookTracker,
  id: string
): IOwnKernel | null {
  const panel = tracker.find(
    ({ sessionContext }) => sessionContext.session?.kernel?.id === id
  );
  if (!panel) {
    return null;
  }
  const { sessionContext, context } = panel;
  return {
    path: context.localPath,
    restart: () => sessionContext.restartKernel(),
    shutdown: () => sessionContext.shutdown(),
    renew: async () => {
      await sessionContext.session?.kernel?.reconnect();
    }
  };
}

/**
 * Say whether a kernelspec is a sandbox, and what it promises of the network.
 */
export function sandboxSpec(
  spec: KernelSpec.ISpecModel | undefined
): { network: boolean } | null {
  const ours = spec?.metadata?.['gptoss_lab'] as
    { sandbox?: unknown; network?: unknown } | undefined;
  return ours?.sandbox === true ? { network: ours.network !== 'none' } : null;
}

/**
 * What is needed to follow the notebook in front.
 */
export interface ICurrentKernelOptions {
  tracker: INotebookTracker;
  shell: JupyterFrontEnd.IShell;
  specs: KernelSpec.IManager;
}

/**
 * The sandbox kernel of the notebook in front, if it uses one.
 */
export class CurrentKernel implements IDisposable {
  constructor(private readonly _options: ICurrentKernelOptions) {
    const { tracker, shell, specs } = _options;
    tracker.currentChanged.connect(this._follow, this);
    shell.currentChanged?.connect(this._update, this);
    specs.specsChanged.connect(this._update, this);
    this._follow();
  }

  get kernel(): ISandboxKernel | null {
    return this._kernel;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    Signal.clearData(this);
  }

  private _follow(): void {
    const panel = this._options.tracker.currentWidget;
    if (panel !== this._panel) {
      this._panel?.sessionContext.kernelChanged.disconnect(this._update, this);
      this._panel = panel;
      panel?.sessionContext.kernelChanged.connect(this._update, this);
    }
    this._update();
  }

  private _update(): void {
    const kernel = this._read();
    if (JSON.stringify(kernel) !== JSON.stringify(this._kernel)) {
      this._kernel = kernel;
      this._changed.emit();
    }
  }

  private _read(): ISandboxKernel | null {
    const { _panel: panel } = this;
    const { shell, specs } = this._options;
    if (!panel || panel.isDisposed || shell.currentWidget !== panel) {
      return null;
    }
    const kernel = panel.sessionContext.session?.kernel;
    const spec = specs.specs?.kernelspecs[kernel?.name ?? ''];
    const found = sandboxSpec(spec);
    return kernel && found
      ? {
          id: kernel.id,
          path: panel.context.localPath,
          displayName: spec?.display_name ?? kernel.name,
          network: found.network
        }
      : null;
  }

  private readonly _changed = new Signal<this, void>(this);
  private _panel: NotebookPanel | null = null;
  private _kernel: ISandboxKernel | null = null;
  private _isDisposed = false;
}
