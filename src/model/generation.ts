import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { asProblem } from '../request';
import type {
  IAsk,
  ICounts,
  IGenerationApi,
  IGenerationManager,
  IJob,
  IPast,
  IPlace,
  ITarget,
  ITargets,
  Phase
} from '../tokens';
import type { JobAccepted, Problem } from '../wire/schema';
import { requestOf } from './ask';
import type { Asked } from './ask';
import { NO_COUNTS, NotebookBinding } from './binding';
import { fromResponse, newJob, reduce } from './job';
import type { JobMemory } from './memory';
import { sentCells } from './writer_target';
import type { SentCells } from './writer_target';

/**
 * What a generation manager works with.
 */
export interface IGenerationOptions {
  api: IGenerationApi;
  targets: ITargets;
  memory: JobMemory;

  /**
   * Runs a function soon, at most once per painted frame.
   */
  schedule: (run: () => void) => void;
}

/**
 * A second generation was asked for while one runs.
 */
export class BusyError extends Error {
  constructor(readonly path: string) {
    super(`A generation is running in ${path}.`);
    this.name = 'BusyError';
  }
}

/**
 * Runs one generation at a time and writes its cells into a notebook.
 */
export class GenerationManager implements IGenerationManager, IDisposable {
  constructor(options: IGenerationOptions) {
    this._api = options.api;
    this._targets = options.targets;
    this._memory = options.memory;
    this._schedule = options.schedule;
    this._targets.opened.connect(this._onOpened, this);
  }

  get phase(): Phase {
    if (this._starting) {
      return 'starting';
    }
    if (this._problem || this._job?.outcome === 'error') {
      return 'error';
    }
    if (!this._job) {
      return 'idle';
    }
    if (!this._job.ended) {
      return 'streaming';
    }
    return this.counts.pending > 0 ? 'reviewing' : 'done';
  }

  get job(): IJob | null {
    return this._job;
  }

  get counts(): ICounts {
    return this._counts;
  }

  get path(): string {
    return this._path;
  }

  get attached(): boolean {
    return this._binding !== null;
  }

  get retrying(): number {
    return this._retrying;
  }

  get problem(): Problem | null {
    return this._problem ?? this._job?.problem ?? null;
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
    this._reading?.abort();
    this._detach();
    Signal.clearData(this);
  }

  /**
   * Start a generation.
   *
   * @throws BusyError while another runs.
   */
  generate(ask: IAsk, place?: IPlace): Promise<void> {
    return this._start(ask, place, target =>
      this._api.generate(requestOf(ask, target))
    );
  }

  /**
   * Ask for the cells of an earlier job again.
   *
   * @throws BusyError while another runs.
   */
  replay(past: IPast): Promise<void> {
    return this._start(past, undefined, () => this._api.replay(past.job));
  }

  /**
   * Ask the server to stop the job; what was finished is kept.
   */
  async stop(): Promise<void> {
    this._stopRequested = true;
    const { _job: job } = this;
    if (!job || job.ended) {
      return;
    }
    try {
      await this._api.cancel(job.id);
    } catch (reason) {
      const problem = asProblem(reason);
      if (problem.status !== 404) {
        this._problem = problem;
        this._changed.emit();
      }
    }
  }

  /**
   * Write the job's cells into the active notebook, as theirs was closed.
   */
  async insertHere(): Promise<void> {
    const { _job: job } = this;
    if (!job || this.attached) {
      return;
    }
    this._gone = [];
    this._attach(await this._targets.current(languageOf(job)));
    this._flush();
  }

  /**
   * Whether text is still arriving in this cell.
   */
  isWriting(job: string, cell: string): boolean {
    return (
      this._job?.id === job &&
      this._job.drafts.some(({ id, state }) => id === cell && state === 'open')
    );
  }

  /**
   * Go on with the job that ran when the page was left.
   */
  async resume(): Promise<void> {
    const known = await this._memory.load();
    if (!known || this._job || this._starting) {
      return;
    }
    let job: IJob;
    try {
      job = fromResponse(await this._api.job(known.job));
    } catch (reason) {
      if (asProblem(reason).status === 404) {
        await this._memory.clear();
      }
      return;
    }
    // What ended is taken from the summary; what runs is read again in full.
    this._job = {
      ...(job.ended ? job : newJob(job.id, known.task, known.verify)),
      verify: known.verify
    };
    this._path = known.path;
    this._after = known.after;
    this._gone = known.gone;
    this._sent = new Map(known.sent);
    this._onOpened(this._targets, known.path);
    this._flush();
    if (!job.ended) {
      await this._follow();
    }
  }

  private async _start(
    asked: Asked,
    place: IPlace | undefined,
    send: (target: ITarget) => Promise<JobAccepted>
  ): Promise<void> {
    if (this._starting || (this._job && !this._job.ended)) {
      throw new BusyError(this._path);
    }
    this._reset();
    this._starting = true;
    this._changed.emit();
    try {
      const target =
        (place && this._targets.below(place)) ??
        (await this._targets.current(asked.language));
      const accepted = await send(target);
      this._job = newJob(accepted.job, asked.task, asked.verify);
      this._sent = sentCells(asked.edit);
      this._attach(target);
    } catch (reason) {
      this._problem = asProblem(reason);
    } finally {
      this._starting = false;
    }
    this._changed.emit();
    if (this._job) {
      void this._follow();
      if (this._stopRequested) {
        await this.stop();
      }
    }
  }

  private async _follow(): Promise<void> {
    const job = this._job;
    if (!job) {
      return;
    }
    this._reading = new AbortController();
    const { signal } = this._reading;
    try {
      const events = this._api.events(job.id, {
        after: job.lastSeq,
        signal,
        onRetry: attempt => {
          this._retrying = attempt;
          this._changed.emit();
        }
      });
      for await (const event of events) {
        this._retrying = 0;
        this._job = reduce(this._job ?? job, event);
        this._flushSoon();
      }
    } catch (reason) {
      this._problem = asProblem(reason);
      this._job = this._job && { ...this._job, ended: true, outcome: 'error' };
    }
    this._retrying = 0;
    if (!signal.aborted) {
      this._flush();
    }
  }

  private _flushSoon(): void {
    if (this._scheduled) {
      return;
    }
    this._scheduled = true;
    this._schedule(() => {
      if (this._scheduled) {
        this._flush();
      }
    });
  }

  private _flush(): void {
    this._scheduled = false;
    const { _job: job, _binding: binding } = this;
    if (this._isDisposed || !job) {
      return;
    }
    if (binding) {
      const before = this._gone.length;
      binding.apply(job);
      this._gone = binding.gone;
      this._counts = binding.count(job);
      // Who removes every cell while they are written wants no more of them.
      const undone = binding.emptied && this._gone.length > before;
      if (undone && !job.ended && !this._stopRequested) {
        void this.stop();
      }
    }
    void this._remember();
    this._changed.emit();
  }

  private async _remember(): Promise<void> {
    const { _job: job } = this;
    if (!job || (job.ended && this.attached)) {
      if (this._remembered !== '') {
        this._remembered = '';
        await this._memory.clear();
      }
      return;
    }
    const known = {
      job: job.id,
      path: this._path,
      task: job.task,
      verify: job.verify,
      after: this._after,
      gone: this._gone,
      sent: [...this._sent]
    };
    const text = JSON.stringify(known);
    if (text !== this._remembered) {
      this._remembered = text;
      await this._memory.save(known);
    }
  }

  private _attach(target: ITarget): void {
    this._detach();
    this._path = target.path;
    this._after = target.after;
    this._binding = new NotebookBinding(target, {
      gone: this._gone,
      sent: this._sent
    });
    this._binding.reviewed.connect(this._onReview, this);
    this._binding.undone.connect(this._onUndone, this);
    this._binding.closed.connect(this._onClosed, this);
    void this._remember();
  }

  private _detach(): void {
    const { _binding: binding } = this;
    this._binding = null;
    binding?.dispose();
  }

  private _onClosed(): void {
    if (this._binding) {
      this._binding = null;
      this._changed.emit();
    }
  }

  private _onOpened(_: ITargets, path: string): void {
    if (!this._job || this.attached || path !== this._path) {
      return;
    }
    const target = this._targets.find(path);
    if (target) {
      this._attach({ ...target, after: this._after });
      this._flush();
    }
  }

  private _onReview(): void {
    const counts =
      this._job && this._binding ? this._binding.count(this._job) : NO_COUNTS;
    if (JSON.stringify(counts) !== JSON.stringify(this._counts)) {
      this._counts = counts;
      this._changed.emit();
    }
  }

  private _onUndone(): void {
    if (!this._stopRequested) {
      void this.stop();
    }
  }

  private _reset(): void {
    this._detach();
    this._sent = new Map();
    this._job = null;
    this._problem = null;
    this._gone = [];
    this._counts = NO_COUNTS;
    this._stopRequested = false;
  }

  private readonly _api: IGenerationApi;
  private readonly _targets: ITargets;
  private readonly _memory: JobMemory;
  private readonly _schedule: (run: () => void) => void;
  private readonly _changed = new Signal<this, void>(this);
  private _job: IJob | null = null;
  private _problem: Problem | null = null;
  private _counts: ICounts = NO_COUNTS;
  private _path = '';
  private _after: string | null = null;
  private _gone: string[] = [];
  private _sent: SentCells = new Map();
  private _binding: NotebookBinding | null = null;
  private _reading: AbortController | null = null;
  private _remembered = '';
  private _retrying = 0;
  private _scheduled = false;
  private _starting = false;
  private _stopRequested = false;
  private _isDisposed = false;
}

function languageOf(job: IJob): 'python' | 'r' {
  return job.drafts[0]?.language ?? 'python';
}
