import { asProblem } from '../request';
import type { Monitor, Problem } from '../wire/schema';
import { QUIET_INTERVAL_MS } from './pace';
import { Watched } from './watched';

/**
 * The lengths of time that figures can be seen for, in hours.
 */
export const WINDOWS_H = [1, 24, 168, 720] as const;

/**
 * One of them.
 */
export type WindowHours = (typeof WINDOWS_H)[number];

/**
 * Whoever comes back to the page this soon sees what is there.
 */
const FRESH_MS = 5_000;

/**
 * A clock of the server that is further off than this is told, in seconds.
 */
const SKEW_S = 120;

/**
 * The endpoint that the figures come from.
 */
export interface IMonitorApi {
  monitor(hours: number, signal: AbortSignal): Promise<Monitor>;
}

/**
 * An answer of the server, and when it came by the clock of this page.
 */
export interface IFigures {
  readonly monitor: Monitor;
  readonly receivedAt: Date;

  /**
   * How far the server's clock is ahead; 0 where that is too little to matter.
   */
  readonly skewS: number;
}

interface IAsking {
  controller: AbortController;
  done: Promise<void>;
}

/**
 * The figures of this server, asked for while somebody looks at them: one
 * question at a time, and none while the page is hidden.
 */
export class MonitorWatch extends Watched {
  constructor(
    private readonly _api: IMonitorApi,
    private readonly _now: () => Date = () => new Date()
  ) {
    super('gptoss-lab:monitor', QUIET_INTERVAL_MS);
  }

  /**
   * The window that is looked at.
   */
  get hours(): WindowHours {
    return this._hours;
  }

  /**
   * The figures of that window; null before its first answer.
   */
  get figures(): IFigures | null {
    return this._known.get(this._hours) ?? null;
  }

  /**
   * Why the last question was not answered; the figures are then older.
   */
  get problem(): Problem | null {
    return this._problem;
  }

  /**
   * Look at another window.
   */
  async choose(hours: WindowHours): Promise<void> {
    if (hours !== this._hours) {
      this._hours = hours;
      this._problem = null;
      this.emitChanged();
      if (this._asking) {
        this._asking.controller.abort();
      } else {
        await this.refresh();
      }
    }
  }

  dispose(): void {
    this._leave();
    super.dispose();
  }

  protected begin(): void {
    document.addEventListener('visibilitychange', this._onVisible);
  }

  protected end(): void {
    this._leave();
  }

  protected ask(): Promise<void> {
    if (document.hidden) {
      return Promise.resolve();
    }
    if (!this._asking) {
      const asking: IAsking = {
        controller: new AbortController(),
        done: Promise.resolve()
      };
      this._asking = asking;
      asking.done = this._run(asking);
    }
    return this._asking.done;
  }

  /**
   * Ask until there is an answer for the window that is looked at by then.
   */
  private async _run(asking: IAsking): Promise<void> {
    try {
      while (
        this._asking === asking &&
        !(await this._fetch(this._hours, asking.controller.signal))
      ) {
        asking.controller = new AbortController();
      }
    } finally {
      if (this._asking === asking) {
        this._asking = null;
      }
    }
  }

  /**
   * Ask once; false where the question was given up.
   */
  private async _fetch(
    hours: WindowHours,
    signal: AbortSignal
  ): Promise<boolean> {
    try {
      const monitor = await this._api.monitor(hours, signal);
      if (!signal.aborted) {
        this._take(hours, monitor);
      }
    } catch (reason) {
      if (!signal.aborted) {
        this._refuse(asProblem(reason));
        // Refused, so that the poll backs off.
        throw reason;
      }
    }
    return !signal.aborted;
  }

  private _take(hours: WindowHours, monitor: Monitor): void {
    const receivedAt = this._now();
    const skewS = (Date.parse(monitor.at) - receivedAt.getTime()) / 1000;
    this._known.set(hours, {
      monitor,
      receivedAt,
      skewS: Math.abs(skewS) > SKEW_S ? skewS : 0
    });
    this._problem = null;
    this.emitChanged();
  }

  private _refuse(problem: Problem): void {
    this._problem = problem;
    if (problem.status === 401 || problem.status === 403) {
      // What one may no longer see does not stay on the page.
      this._known.clear();
    }
    this.emitChanged();
  }

  private _leave(): void {
    document.removeEventListener('visibilitychange', this._onVisible);
    const asking = this._asking;
    this._asking = null;
    asking?.controller.abort();
  }

  private readonly _onVisible = (): void => {
    const age =
      this._now().getTime() - (this.figures?.receivedAt.getTime() ?? 0);
    if (!document.hidden && age > FRESH_MS) {
      void this.refresh();
    }
  };

  private _hours: WindowHours = 24;
  private _problem: Problem | null = null;
  private _asking: IAsking | null = null;
  private readonly _known = new Map<WindowHours, IFigures>();
}
