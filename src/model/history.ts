import { DisposableDelegate } from '@lumino/disposable';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { asProblem } from '../request';
import type {
  CodeGenerationRequest,
  JobList,
  JobSummary,
  Problem
} from '../wire/schema';
import { BUSY_INTERVAL_MS, MAX_INTERVAL_MS, QUIET_INTERVAL_MS } from './pace';

/**
 * The endpoints that a history needs.
 */
export interface IHistoryApi {
  jobs(): Promise<JobList>;
  request(id: string): Promise<CodeGenerationRequest>;
  cancel(id: string): Promise<void>;
}

/**
 * The jobs that the server remembers of this person, asked for as long as
 * somebody looks.
 */
export class History implements IDisposable {
  constructor(private readonly _api: IHistoryApi) {
    this._poll = new Poll({
      name: 'gptoss-lab:history',
      auto: false,
      factory: () => this._ask(),
      frequency: {
        interval: QUIET_INTERVAL_MS,
        backoff: true,
        max: MAX_INTERVAL_MS
      }
    });
  }

  /**
   * The jobs, newest first; null before the first answer.
   */
  get jobs(): readonly JobSummary[] | null {
    return this._jobs;
  }

  /**
   * Why the jobs could not be listed; those that are shown are then older.
   */
  get problem(): Problem | null {
    return this._problem;
  }

  /**
   * Why the last thing that was asked for was refused.
   */
  get refusal(): Problem | null {
    return this._refusal;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._poll.isDisposed;
  }

  dispose(): void {
    this._poll.dispose();
    Signal.clearData(this);
  }

  /**
   * Follow the jobs until the returned object is disposed.
   */
  watch(): IDisposable {
    this._watchers += 1;
    if (this._watchers === 1 && !this.isDisposed) {
      void this._poll.refresh();
    }
    return new DisposableDelegate(() => {
      this._watchers -= 1;
      if (this._watchers === 0 && !this.isDisposed) {
        void this._poll.stop();
      }
    });
  }

  /**
   * Ask now, where somebody looks.
   */
  async refresh(): Promise<void> {
    if (this._watchers > 0 && !this.isDisposed) {
      await this._poll.refresh();
    }
  }

  /**
   * What was asked for in a job; null, with a problem, where it is not known.
   */
  async request(job: string): Promise<CodeGenerationRequest | null> {
    return this._try(() => this._api.request(job));
  }

  /**
   * Stop a job that waits or runs.
   */
  async cancel(job: string): Promise<void> {
    await this._try(() => this._api.cancel(job));
    await this.refresh();
  }

  /**
   * Forget what was refused.
   */
  dismiss(): void {
    this._refusal = null;
    this._changed.emit();
  }

  private async _try<T>(call: () => Promise<T>): Promise<T | null> {
    try {
      const answer = await call();
      this._refusal = null;
      return answer;
    } catch (reason) {
      this._refusal = asProblem(reason);
      this._changed.emit();
      return null;
    }
  }

  private async _ask(): Promise<void> {
    const before = JSON.stringify([this._jobs, this._problem]);
    try {
      this._jobs = (await this._api.jobs()).jobs;
      this._problem = null;
      this._setPace(this._jobs);
    } catch (reason) {
      this._problem = asProblem(reason);
      // Refused, so that the poll backs off.
      throw reason;
    } finally {
      if (JSON.stringify([this._jobs, this._problem]) !== before) {
        this._changed.emit();
      }
    }
  }

  private _setPace(jobs: readonly JobSummary[]): void {
    const interval = jobs.some(isRunning)
      ? BUSY_INTERVAL_MS
      : QUIET_INTERVAL_MS;
    this._poll.frequency = { ...this._poll.frequency, interval };
  }

  private readonly _poll: Poll;
  private readonly _changed = new Signal<this, void>(this);
  private _jobs: readonly JobSummary[] | null = null;
  private _problem: Problem | null = null;
  private _refusal: Problem | null = null;
  private _watchers = 0;
}

/**
 * Whether a job still waits or runs.
 */
export function isRunning({ state }: Pick<JobSummary, 'state'>): boolean {
  return state === 'queued' || state === 'running';
}

/**
 * The jobs whose task, model or language hold every word of a filter.
 */
export function matching(
  jobs: readonly JobSummary[],
  filter: string
): readonly JobSummary[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0
    ? jobs
    : jobs.filter(job => {
        const text = [
          job.task,
          job.model,
          job.generator,
          job.language,
          job.edit,
          job.state
        ]
          .join(' ')
          .toLowerCase();
        return words.every(word => text.includes(word));
      });
}
