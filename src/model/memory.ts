import type { IStateDB } from '@jupyterlab/statedb';

/**
 * What must be known after a reload of the page to go on with a job.
 */
export interface IRemembered {
  job: string;
  path: string;
  task: string;
  verify: boolean;
  after: string | null;

  /**
   * Cells that the person removed; they are not put back.
   */
  gone: string[];

  /**
   * The person's cells that may be changed: their ids, and what was sent.
   */
  sent: [string, string][];
}

const STATE_KEY = 'gptoss-lab:job';

/**
 * Remembers the running job in the workspace's state.
 */
export class JobMemory {
  constructor(private readonly _state: IStateDB | null) {}

  /**
   * Return the job that ran when the page was left, if any.
   */
  async load(): Promise<IRemembered | null> {
    const value = (await this._state?.fetch(STATE_KEY)) as
      Partial<IRemembered> | undefined;
    if (typeof value?.job !== 'string' || typeof value.path !== 'string') {
      return null;
    }
    return {
      job: value.job,
      path: value.path,
      task: value.task ?? '',
      verify: value.verify ?? true,
      after: value.after ?? null,
      gone: Array.isArray(value.gone) ? value.gone : [],
      sent: Array.isArray(value.sent) ? value.sent : []
    };
  }

  /**
   * Remember a job.
   */
  async save(job: IRemembered): Promise<void> {
    const text = JSON.stringify(job);
    if (text !== this._saved) {
      this._saved = text;
      await this._state?.save(STATE_KEY, { ...job });
    }
  }

  /**
   * Forget the job: it has ended.
   */
  async clear(): Promise<void> {
    if (this._saved !== '') {
      this._saved = '';
      await this._state?.remove(STATE_KEY);
    }
  }

  /**
   * What is known to be there; null before it is known.
   */
  private _saved: string | null = null;
}
