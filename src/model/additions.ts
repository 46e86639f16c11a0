import type { INotebookModel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { IAddition, IAdditionApi, IAdditions } from '../addition_tokens';
import { asProblem } from '../request';
import type { IJob } from '../tokens';
import type { PackageNeed } from '../wire/schema';
import { newJob, reduce } from './job';
import { offered } from './needs';
import { noteProven } from './proven';

/**
 * What additions work with.
 */
export interface IAdditionOptions {
  api: IAdditionApi;

  /**
   * The open notebooks.
   */
  notebooks: () => readonly INotebookModel[];

  /**
   * Ask the person, who is told what will be fetched and from where.
   */
  agree: (needs: readonly PackageNeed[]) => Promise<boolean>;

  /**
   * Told how the cells of a job did.
   */
  take: (of: string, again: IJob) => void;
}

/**
 * Adds packages for one job at a time.
 */
export class PackageAdditions implements IAdditions, IDisposable {
  constructor(private readonly _options: IAdditionOptions) {}

  get current(): IAddition | null {
    return this._current;
  }

  get running(): boolean {
    const { _current: now } = this;
    return now !== null && now.problem === null && !now.job?.ended;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._reading.abort();
      Signal.clearData(this);
    }
  }

  async add(of: string, needs: readonly PackageNeed[]): Promise<void> {
    const wanted = offered(needs);
    if (this._asking || this.running || wanted.length === 0) {
      return;
    }
    this._asking = true;
    try {
      if (!(await this._options.agree(wanted))) {
        return;
      }
    } finally {
      this._asking = false;
    }
    const packages = wanted.map(({ name }) => name);
    this._stopped = false;
    this._set({ of, packages, job: null, problem: null });
    try {
      const { job } = await this._options.api.addPackages(of, packages);
      await this._follow(newJob(job, packages.join(', '), true));
    } catch (reason) {
      if (!this._isDisposed) {
        this._change({ problem: asProblem(reason) });
      }
    }
  }

  /**
   * Ask the server to stop; the environment stays as it was.
   */
  async stop(): Promise<void> {
    this._stopped = true;
    const job = this._current?.job;
    if (!job || job.ended) {
      return;
    }
    try {
      await this._options.api.cancel(job.id);
    } catch (reason) {
      const problem = asProblem(reason);
      // One that has ended meanwhile needs no stop.
      if (problem.status !== 404) {
        this._change({ problem });
      }
    }
  }

  private async _follow(started: IJob): Promise<void> {
    let job = started;
    this._change({ job });
    if (this._stopped) {
      await this.stop();
    }
    const { signal } = this._reading;
    const events = this._options.api.events(job.id, { signal });
    for await (const event of events) {
      job = reduce(job, event);
      this._change({ job, problem: job.problem });
      if (event.type === 'verification' || event.type === 'done') {
        this._tell(job);
      }
    }
  }

  private _tell(job: IJob): void {
    const { of } = this._current ?? { of: '' };
    for (const model of this._options.notebooks()) {
      noteProven(model, of, job);
    }
    this._options.take(of, job);
  }

  private _change(fields: Partial<IAddition>): void {
    if (this._current) {
      this._set({ ...this._current, ...fields });
    }
  }

  private _set(current: IAddition): void {
    this._current = current;
    this._changed.emit();
  }

  private readonly _reading = new AbortController();
  private readonly _changed = new Signal<this, void>(this);
  private _current: IAddition | null = null;
  private _asking = false;
  private _stopped = false;
  private _isDisposed = false;
}
