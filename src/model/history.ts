import { asProblem } from '../request';
import type {
  CodeGenerationRequest,
  JobList,
  JobSummary,
  Problem
} from '../wire/schema';
import { BUSY_INTERVAL_MS, QUIET_INTERVAL_MS } from './pace';
import { Watched } from './watched';

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
export class History extends Watched {
  constructor(private readonly _api: IHistoryApi) {
    super('gptoss-lab:history', QUIET_INTERVAL_MS);
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
    this.emitChanged();
  }

  private async _try<T>(call: () => Promise<T>): Promise<T | null> {
    try {
      const answer = await call();
      this._refusal = null;
      return answer;
    } catch (reason) {
      this._refusal = asProblem(reason);
      this.emitChanged();
      return null;
    }
  }

  protected async ask(): Promise<void> {
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
        this.emitChanged();
      }
    }
  }

  private _setPace(jobs: readonly JobSummary[]): void {
    const interval = jobs.some(isRunning)
      ? BUSY_INTERVAL_MS
      : QUIET_INTERVAL_MS;
    this.setInterval(interval);
  }

  private _jobs: readonly JobSummary[] | null = null;
  private _problem: Problem | null = null;
  private _refusal: Problem | null = null;
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
