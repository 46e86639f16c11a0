import type { IOutput } from '@jupyterlab/nbformat';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { asProblem } from '../request';
import type {
  CellError,
  CellVerification,
  ExecutionEvent,
  ExecutionRequest,
  JobAccepted,
  Problem,
  RunFinding
} from '../wire/schema';
import { NO_OUTPUTS, takeOutput } from './edit_outputs';
import type { IOutputs } from './edit_outputs';
import type { IRun } from './edit_run';

/**
 * Where a run in a sandbox stands.
 */
export type PreviewPhase = 'idle' | 'starting' | 'running' | 'ended' | 'failed';

/**
 * The endpoints that run code in a sandbox.
 */
export interface IExecutionApi {
  execute(request: ExecutionRequest): Promise<JobAccepted>;
  cancel(id: string): Promise<void>;
  events(
    id: string,
    options?: { signal?: AbortSignal }
  ): AsyncIterable<ExecutionEvent>;
}

/**
 * What a run in a sandbox takes.
 */
export interface IPreviewOptions {
  api: IExecutionApi;

  /**
   * What is run, as the notebook stands now.
   */
  run: () => IRun;
  language: 'python' | 'r';

  /**
   * What of their files the person agrees to show the sandbox.
   */
  data: () => readonly string[];

  /**
   * Why no sandbox can be had here; null where one can.
   */
  refusal: () => Promise<Problem | null>;
}

/**
 * Runs a pending cell in a fresh sandbox and keeps what it shows.
 *
 * #### Notes
 * Nothing of it goes into the notebook.
 */
export class SandboxPreview implements IDisposable {
  constructor(private readonly _options: IPreviewOptions) {}

  get phase(): PreviewPhase {
    return this._phase;
  }

  /**
   * How many cells are run before this one, and which of them runs now; they
   * are equal while this one runs.
   */
  get above(): number {
    return this._above;
  }

  get at(): number {
    return this._at;
  }

  /**
   * How the cell did; of one above that failed, how that did.
   */
  get outcome(): CellVerification | null {
    return this._outcome;
  }

  /**
   * What a cell above raised, for which this one did not run.
   */
  get failedAbove(): CellError | null {
    return this._failedAbove;
  }

  /**
   * What the check before the run says of this cell.
   */
  get findings(): readonly RunFinding['finding'][] {
    return this._findings;
  }

  /**
   * The text of the cell that was run last.
   */
  get source(): string {
    return this._source;
  }

  get outputs(): IOutput[] {
    return this._outputs.list.map(({ output }) => output);
  }

  /**
   * Why the run could not begin, or broke off.
   */
  get problem(): Problem | null {
    return this._problem;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Ends what runs: nobody looks any more.
   */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    void this.stop();
    this._reading.abort();
    Signal.clearData(this);
  }

  /**
   * Run the cell, once more if it has run; nothing happens while it does.
   */
  async start(): Promise<void> {
    if (this._phase === 'starting' || this._phase === 'running') {
      return;
    }
    const { sources } = this._options.run();
    this._source = sources[sources.length - 1] ?? '';
    this._reset(sources.length - 1);
    try {
      this._problem = await this._options.refusal();
      if (this._problem) {
        this._phase = 'failed';
      } else {
        await this._run(sources);
      }
    } catch (reason) {
      this._problem = asProblem(reason);
      this._phase = 'failed';
    }
    this._job = '';
    this._changed.emit();
  }

  /**
   * Stop the run.
   */
  async stop(): Promise<void> {
    this._stopping = true;
    if (this._job === '') {
      return;
    }
    try {
      await this._options.api.cancel(this._job);
    } catch (reason) {
      const problem = asProblem(reason);
      // It has ended in the meantime.
      if (problem.status !== 404) {
        this._problem = problem;
        this._changed.emit();
      }
    }
  }

  private async _run(sources: readonly string[]): Promise<void> {
    const { api, data, language } = this._options;
    const accepted = await api.execute({
      cells: [...sources],
      language,
      data: [...data()]
    });
    this._job = accepted.job;
    if (this._stopping) {
      await api.cancel(this._job);
    }
    const { signal } = this._reading;
    for await (const event of api.events(this._job, { signal })) {
      this._take(event);
      this._changed.emit();
    }
  }

  private _take(event: ExecutionEvent): void {
    switch (event.type) {
      case 'finding':
        if (event.cell === this._above) {
          this._findings = [...this._findings, event.finding];
        }
        return;
      case 'start':
        this._phase = 'running';
        return;
      case 'cell_end':
        this._outcome =
          event.cell === this._above || event.verification.status !== 'ok'
            ? (this._outcome ?? event.verification)
            : this._outcome;
        return;
      case 'end':
        this._phase = event.problem ? 'failed' : 'ended';
        this._problem = event.problem;
        return;
      default:
        this._takeOutput(event);
    }
  }

  private _takeOutput(event: ExecutionEvent): void {
    if (event.type === 'cell_start') {
      this._at = event.cell;
    }
    if (!('cell' in event)) {
      return;
    }
    if (event.cell === this._above) {
      this._outputs = takeOutput(this._outputs, event);
    } else if (event.type === 'error') {
      this._failedAbove = event;
    }
  }

  private _reset(above: number): void {
    this._phase = 'starting';
    this._above = above;
    this._at = 0;
    this._outcome = null;
    this._failedAbove = null;
    this._findings = [];
    this._outputs = NO_OUTPUTS;
    this._problem = null;
    this._stopping = false;
    this._changed.emit();
  }

  private _phase: PreviewPhase = 'idle';
  private _source = '';
  private _above = 0;
  private _at = 0;
  private _outcome: CellVerification | null = null;
  private _failedAbove: CellError | null = null;
  private _findings: readonly RunFinding['finding'][] = [];
  private _outputs: IOutputs = NO_OUTPUTS;
  private _problem: Problem | null = null;
  private _job = '';
  private _stopping = false;
  private _isDisposed = false;
  private readonly _reading = new AbortController();
  private readonly _changed = new Signal<this, void>(this);
}
