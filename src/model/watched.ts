import { DisposableDelegate } from '@lumino/disposable';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { MAX_INTERVAL_MS } from './pace';

/**
 * Something of the server, asked for as long as somebody looks.
 */
export abstract class Watched implements IDisposable {
  constructor(name: string, interval: number) {
    this._poll = new Poll({
      name,
      auto: false,
      factory: () => this.ask(),
      frequency: { interval, backoff: true, max: MAX_INTERVAL_MS }
    });
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
   * Follow it until the returned object is disposed.
   */
  watch(): IDisposable {
    this._watchers += 1;
    if (this._watchers === 1 && !this.isDisposed) {
      this.begin();
      void this._poll.refresh();
    }
    return new DisposableDelegate(() => {
      this._watchers -= 1;
      if (this._watchers === 0 && !this.isDisposed) {
        this.end();
        void this._poll.stop();
      }
    });
  }

  /**
   * Ask now, where somebody looks.
   */
  async refresh(): Promise<void> {
    if (this.isWatched && !this.isDisposed) {
      await this._poll.refresh();
    }
  }

  /**
   * Ask the server; reject where it does not answer, so that the poll backs off.
   */
  protected abstract ask(): Promise<void>;

  /**
   * Called when the first one looks, before the server is asked.
   */
  protected begin(): void {
    // Most know nothing that could be out of date by then.
  }

  /**
   * Called when the last one looks away.
   */
  protected end(): void {
    // Most let the question that is under way come to its end.
  }

  protected get isWatched(): boolean {
    return this._watchers > 0;
  }

  /**
   * What becomes of the question that is under way.
   */
  protected get answered(): Promise<unknown> {
    return this._poll.tick;
  }

  protected setInterval(interval: number): void {
    if (interval !== this._poll.frequency.interval) {
      this._poll.frequency = { ...this._poll.frequency, interval };
    }
  }

  protected emitChanged(): void {
    this._changed.emit();
  }

  private readonly _poll: Poll;
  private readonly _changed = new Signal<this, void>(this);
  private _watchers = 0;
}
