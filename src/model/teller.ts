import type { IDisposable } from '@lumino/disposable';

import type { IJob } from '../tokens';
import { onlyText } from './facts';

/**
 * How often growing text is told of.
 */
const TEXT_INTERVAL_MS = 200;

/**
 * Tells of a job: at once when something has happened, at a measured pace
 * while only its text grows.
 */
export class Teller implements IDisposable {
  constructor(private readonly _tell: () => void) {}

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
  }

  /**
   * Whether more than text has grown since it was told of last.
   */
  isNews(job: IJob): boolean {
    return !onlyText(this._told, job);
  }

  /**
   * Tell of the job as it is.
   */
  note(job: IJob): void {
    if (this.isNews(job)) {
      this._now(job);
    } else {
      clearTimeout(this._timer);
      const left = this._at + TEXT_INTERVAL_MS - Date.now();
      this._timer = setTimeout(() => this._now(job), Math.max(0, left));
    }
  }

  private _now(job: IJob): void {
    if (this._isDisposed) {
      return;
    }
    clearTimeout(this._timer);
    this._told = job;
    this._at = Date.now();
    this._tell();
  }

  private _told: IJob | null = null;
  private _at = 0;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}
