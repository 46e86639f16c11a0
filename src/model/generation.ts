import { nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { RequestError, asProblem } from '../request';
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
import type { JobAccepted, Problem, PromptPreview } from '../wire/schema';
import { requestOf } from './ask';
import type { Asked } from './ask';
import { NO_COUNTS } from './binding';
import { BusyError } from './busy';
import type { IGenerationOptions } from './generation_options';
import { fromResponse, languageOf, newJob, proven, reduce } from './job';
import type { JobMemory } from './memory';
import { NotebookLink } from './notebook_link';
import {
  forgottenProblem,
  noticeText,
  readOnlyProblem,
  startProblem
} from './notices';
import { phaseOf } from './phase';
import { Teller } from './teller';
import { sentCells } from './writer_target';
import type { INotice } from './writer_target';

export { BusyError } from './busy';
export type { IGenerationOptions } from './generation_options';

/**
 * Runs one generation at a time and writes its cells into a notebook.
 */
export class GenerationManager implements IGenerationManager, IDisposable {
  constructor(options: IGenerationOptions) {
    this._api = options.api;
    this._targets = options.targets;
    this._memory = options.memory;
    this._schedule = options.schedule;
    this._trans = options.trans ?? nullTranslator.load('gptoss_lab');
    this._link = new NotebookLink(options.targets);
    this._link.moved.connect(this._onMoved, this);
    this._link.reviewed.connect(this._onReview, this);
    this._link.unwanted.connect(this._onUnwanted, this);
  }

  get phase(): Phase {
    return this._starting
      ? 'starting'
      : phaseOf(this._job, this._problem !== null, this.counts.pending);
  }

  get job(): IJob | null {
    return this._job;
  }

  get counts(): ICounts {
    return this._counts;
  }

  get path(): string {
    return this._link.where.path;
  }

  get attached(): boolean {
    return this._link.attached;
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
    this._teller.dispose();
    this._link.dispose();
    Signal.clearData(this);
  }

  /**
   * Start a generation.
   *
   * @throws BusyError while another runs.
   */
  generate(ask: IAsk, place?: IPlace): Promise<void> {
    return this._start(ask, place, async target =>
      this._api.generate(await requestOf(ask, target))
    );
  }

  async prompt(ask: IAsk, place?: IPlace): Promise<PromptPreview> {
    const target = (place
      ? this._targets.below(place)
      : this._targets.inFront()) ?? { path: '', context: [] };
    return this._api.prompt(await requestOf(ask, target));
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
    const { sent } = this._link.where;
    this._link.attach(await this._targets.current(languageOf(job)), { sent });
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

  take(job: string, again: IJob): void {
    if (this._job?.id === job) {
      this._job = proven(this._job, again);
      this._changed.emit();
    }
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
    const { path, after, gone, sent } = known;
    this._link.await({ path, after, gone, sent: new Map(sent) });
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
      throw new BusyError(this.path);
    }
    this._reset();
    this._starting = true;
    this._changed.emit();
    try {
      const target =
        (place && this._targets.below(place)) ??
        (await this._targets.current(asked.language));
      if (target.readOnly) {
        throw new RequestError(readOnlyProblem(target.path, this._trans));
      }
      const accepted = await send(target);
      const { task, verify, edit, replaces } = asked;
      this._job = newJob(accepted.job, task, verify, replaces);
      this._link.attach(target, { sent: sentCells(edit, replaces) });
      void this._remember();
    } catch (reason) {
      this._problem = startProblem(reason, this._trans);
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
      const problem = asProblem(reason);
      // The job may still run where nothing answers: it can be gone on with.
      this._lost = problem.status === 0 || problem.status >= 500;
      this._problem =
        problem.status === 404 ? forgottenProblem(this._trans) : problem;
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
    if (this._isDisposed || !this._job) {
      return;
    }
    this._link.apply(this._job);
    this._takeNotices();
    void this._remember();
    if (this._teller.isNews(this._job)) {
      this._counts = this._link.count(this._job);
    }
    this._teller.note(this._job);
  }

  private _takeNotices(): void {
    const fresh = this._link.notices.filter(one => !this._noticed.has(one));
    if (fresh.length === 0 || !this._job) {
      return;
    }
    fresh.forEach(notice => this._noticed.add(notice));
    const { warnings } = this._job;
    const more = fresh.map(notice => noticeText(notice, this._trans));
    this._job = { ...this._job, warnings: [...warnings, ...more] };
  }

  private async _remember(): Promise<void> {
    const { _job: job } = this;
    if (!job || (job.ended && this.attached && !this._lost)) {
      await this._memory.clear();
      return;
    }
    const { gone, sent, ...where } = this._link.where;
    const { id, task, verify } = job;
    const cells = { gone: [...gone], sent: [...sent] };
    await this._memory.save({ job: id, task, verify, ...where, ...cells });
  }

  private _onMoved(
    _: NotebookLink,
    how: 'opened' | 'closed' | 'renamed'
  ): void {
    if (how === 'opened') {
      this._flush();
    }
    void this._remember();
    this._changed.emit();
  }

  private _onReview(): void {
    const counts = this._link.count(this._job);
    if (JSON.stringify(counts) !== JSON.stringify(this._counts)) {
      this._counts = counts;
      this._changed.emit();
    }
  }

  private _onUnwanted(): void {
    if (this._job && !this._job.ended && !this._stopRequested) {
      void this.stop();
    }
  }

  private _reset(): void {
    this._link.forget();
    this._job = null;
    this._problem = null;
    this._counts = NO_COUNTS;
    this._stopRequested = false;
    this._lost = false;
  }

  private readonly _api: IGenerationApi;
  private readonly _targets: ITargets;
  private readonly _memory: JobMemory;
  private readonly _schedule: (run: () => void) => void;
  private readonly _trans: TranslationBundle;
  private readonly _link: NotebookLink;
  private readonly _teller = new Teller(() => this._changed.emit());
  private readonly _noticed = new WeakSet<INotice>();
  private readonly _changed = new Signal<this, void>(this);
  private _job: IJob | null = null;
  private _problem: Problem | null = null;
  private _counts: ICounts = NO_COUNTS;
  private _reading: AbortController | null = null;
  private _retrying = 0;
  private _scheduled = false;
  private _starting = false;
  private _lost = false;
  private _stopRequested = false;
  private _isDisposed = false;
}
