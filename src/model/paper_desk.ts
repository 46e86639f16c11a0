import type { IStateDB } from '@jupyterlab/statedb';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { IPaperState } from '../paper_tokens';
import { asProblem } from '../request';
import type { IGenerationApi, IJob } from '../tokens';
import type { PaperAsk, Problem } from '../wire/schema';
import { fromResponse, newJob, reduce } from './job';
import { NO_CHOICE, askOf, choose, chosenOf, readChoice } from './paper_choice';
import type { IPaperChoice } from './paper_choice';
import { paperUri } from './paper_names';

const STATE_KEY = 'gptoss-lab:paper';

/**
 * What a desk works with.
 */
export interface IPaperDeskOptions {
  api: Pick<IGenerationApi, 'generate' | 'job' | 'cancel' | 'events'>;
  state: IStateDB | null;

  /**
   * Runs a function soon, at most once per painted frame.
   */
  schedule: (run: () => void) => void;

  /**
   * Path of the notebook in front; empty where there is none.
   */
  notebook: () => string;

  /**
   * What a job that reads a paper is called.
   */
  taskFor: (uri: string) => string;
}

/**
 * Has a paper read, and keeps what a person says of it until cells are made.
 *
 * #### Notes
 * Reading takes no notebook, so it is a job of its own: no cell comes of it.
 * What was read stays on the server; the page remembers the job.
 */
export class PaperDesk implements IDisposable {
  constructor(private readonly _options: IPaperDeskOptions) {}

  /**
   * Whether the person works from a paper.
   */
  get on(): boolean {
    return this._on;
  }

  /**
   * What stands in the field.
   */
  get typed(): string {
    return this._typed;
  }

  /**
   * The job that reads, or has read; null before one.
   */
  get job(): IJob | null {
    return this._job;
  }

  /**
   * What is known of the paper.
   */
  get told(): IPaperState | null {
    return this._job?.paper ?? null;
  }

  get problem(): Problem | null {
    return this._problem ?? this._job?.problem ?? null;
  }

  get retrying(): number {
    return this._retrying;
  }

  get reading(): boolean {
    return this._starting || (this._job !== null && !this._job.ended);
  }

  /**
   * Whether the paper was read to its end, so that cells can be asked for.
   */
  get ready(): boolean {
    return this._job?.outcome === 'done' && !!this._job.paper?.paper;
  }

  get choice(): IPaperChoice {
    return this._choice;
  }

  /**
   * Ids of the candidates that are chosen.
   */
  get chosen(): readonly string[] {
    return chosenOf(this.told?.paper?.candidates ?? [], this._choice);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._following?.abort();
    Signal.clearData(this);
  }

  /**
   * Work from a paper, or no longer.
   */
  work(on: boolean): void {
    if (on !== this._on) {
      this._on = on;
      this._note();
    }
  }

  type(text: string): void {
    this._typed = text;
    this._note();
  }

  choose(id: string, chosen: boolean): void {
    const candidates = this.told?.paper?.candidates ?? [];
    this._choice = choose(candidates, this._choice, id, chosen);
    this._note();
  }

  answer(unit: string, text: string): void {
    const { answers } = this._choice;
    this._choice = { ...this._choice, answers: { ...answers, [unit]: text } };
    this._note();
  }

  /**
   * What is asked for when cells are made; null before the paper is read.
   */
  get ask(): PaperAsk | null {
    const { paper, units = [] } = this.told ?? {};
    return paper && this.ready
      ? askOf({ uri: this._uri }, paper, units, this._choice)
      : null;
  }

  /**
   * Have a paper read; one that is being read is given up.
   */
  async read(typed = this._typed): Promise<void> {
    const uri = paperUri(typed);
    if (uri === '') {
      return;
    }
    const turn = ++this._turn;
    void this.stop();
    this._following?.abort();
    Object.assign(this, { _job: null, _problem: null, _choice: NO_CHOICE });
    this._on = true;
    this._typed = typed;
    this._uri = uri;
    this._starting = true;
    this._stopRequested = false;
    this._note();
    const { api, notebook, taskFor } = this._options;
    try {
      const { job } = await api.generate({
        task: taskFor(uri),
        verify: false,
        context: { path: notebook(), cells: [] },
        paper: { uri, read_only: true }
      });
      if (turn !== this._turn) {
        // Another paper was given since: nobody waits for this one.
        await api.cancel(job);
        return;
      }
      this._job = newJob(job, taskFor(uri), false);
    } catch (reason) {
      if (turn !== this._turn) {
        return;
      }
      this._problem = asProblem(reason);
    }
    this._starting = false;
    this._note();
    if (this._job) {
      void this._follow();
      if (this._stopRequested) {
        await this.stop();
      }
    }
  }

  /**
   * Ask the server to stop reading.
   */
  async stop(): Promise<void> {
    this._stopRequested = true;
    const { _job: job } = this;
    if (!job || job.ended) {
      return;
    }
    try {
      await this._options.api.cancel(job.id);
    } catch (reason) {
      const problem = asProblem(reason);
      if (problem.status !== 404) {
        this._problem = problem;
        this._changed.emit();
      }
    }
  }

  /**
   * Come back to what was read when the page was left.
   */
  async restore(): Promise<void> {
    const known = (await this._options.state?.fetch(STATE_KEY)) as
      Partial<IKept> | undefined;
    if (typeof known?.uri !== 'string' || this._job || this._starting) {
      return;
    }
    this._on = known.on === true;
    this._uri = known.uri;
    this._typed = typeof known.typed === 'string' ? known.typed : known.uri;
    this._choice = readChoice(known.choice);
    if (typeof known.job === 'string' && known.job !== '') {
      await this._return(known.job);
    }
    this._changed.emit();
  }

  private async _return(id: string): Promise<void> {
    try {
      const job = fromResponse(await this._options.api.job(id));
      // What ended is taken from the summary; what runs is read in full.
      this._job = job.ended ? job : newJob(id, job.task, false);
    } catch (reason) {
      const problem = asProblem(reason);
      // A server that has forgotten the job reads the paper again when asked.
      this._problem = problem.status === 404 ? null : problem;
      return;
    }
    if (!this._job.ended) {
      void this._follow();
    }
  }

  private async _follow(): Promise<void> {
    const following = new AbortController();
    this._following = following;
    const { signal } = following;
    const id = this._job?.id ?? '';
    try {
      const events = this._options.api.events(id, {
        after: this._job?.lastSeq,
        signal,
        onRetry: attempt => {
          this._retrying = attempt;
          this._tellSoon();
        }
      });
      for await (const event of events) {
        if (signal.aborted || !this._job) {
          return;
        }
        this._retrying = 0;
        this._job = reduce(this._job, event);
        this._tellSoon();
      }
    } catch (reason) {
      if (signal.aborted) {
        return;
      }
      this._problem = asProblem(reason);
      this._job = this._job && { ...this._job, ended: true, outcome: 'error' };
    }
    this._retrying = 0;
    this._tellSoon();
  }

  private _tellSoon(): void {
    if (!this._scheduled) {
      this._scheduled = true;
      this._options.schedule(() => {
        this._scheduled = false;
        if (!this._isDisposed) {
          this._changed.emit();
        }
      });
    }
  }

  private _note(): void {
    const kept: IKept = {
      on: this._on,
      uri: this._uri,
      typed: this._typed,
      job: this._job?.id ?? '',
      choice: this._choice
    };
    void this._options.state?.save(STATE_KEY, { ...kept } as never);
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _on = false;
  private _typed = '';
  private _uri = '';
  private _turn = 0;
  private _job: IJob | null = null;
  private _problem: Problem | null = null;
  private _choice: IPaperChoice = NO_CHOICE;
  private _following: AbortController | null = null;
  private _retrying = 0;
  private _starting = false;
  private _stopRequested = false;
  private _scheduled = false;
  private _isDisposed = false;
}

/**
 * What must be known after a reload of the page.
 */
interface IKept {
  on: boolean;
  uri: string;
  typed: string;
  job: string;
  choice: IPaperChoice;
}
