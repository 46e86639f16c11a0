import type { IStateDB } from '@jupyterlab/statedb';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

import { asProblem } from '../request';
import type { FeedbackItem } from '../wire/schema';
import { isObject } from './provenance';
import { keyOf } from './record_removed';

/**
 * What a queue of feedback works with.
 */
export interface IFeedbackOptions {
  api: { feedback(items: FeedbackItem[]): Promise<void> };

  /**
   * Where it survives a reload of the page.
   */
  state: IStateDB | null;
}

const STATE_KEY = 'gptoss-lab:feedback';
const BATCH = 500;
const MAX_WAITING = 2000;
const SOON_MS = 2000;
const LONGEST_MS = 300_000;

/**
 * Tells the server in the background how reviews ended.
 *
 * #### Notes
 * Never bothers the person: what cannot be told now is told later, and what the
 * server will never take is dropped.
 */
export class FeedbackQueue {
  constructor(private readonly _options: IFeedbackOptions) {}

  /**
   * How many items wait.
   */
  get waiting(): number {
    return this._items.size;
  }

  /**
   * Put items into the queue; a later one on a cell replaces an earlier one.
   */
  add(items: readonly FeedbackItem[]): void {
    if (this._stopped || items.length === 0) {
      return;
    }
    this._put(items);
    this._save();
    this._sendIn(SOON_MS);
  }

  /**
   * Send what the page had not told when it was left.
   */
  async restore(): Promise<void> {
    const kept = await this._options.state?.fetch(STATE_KEY);
    const items = isObject(kept) && Array.isArray(kept.items) ? kept.items : [];
    const now = [...this._items.values()];
    this._items.clear();
    this._put(items.filter(isItem));
    this._put(now);
    this._restored = true;
    this._save();
    if (this._items.size) {
      this._sendIn(SOON_MS);
    }
  }

  /**
   * Forget what waits: the person wants none of it to be kept.
   */
  clear(): void {
    this._items.clear();
    this._save();
  }

  /**
   * Send now what waits: the server may be back.
   */
  async send(): Promise<void> {
    window.clearTimeout(this._timer);
    if (this._sending || this._stopped || this._items.size === 0) {
      return;
    }
    const batch = [...this._items.values()].slice(0, BATCH);
    this._sending = true;
    try {
      await this._options.api.feedback(batch);
      this._failures = 0;
      this._drop(batch);
    } catch (reason) {
      this._refused(batch, asProblem(reason).status);
    } finally {
      this._sending = false;
    }
    if (this._items.size) {
      this._sendIn(SOON_MS);
    }
  }

  private _refused(batch: readonly FeedbackItem[], status: number): void {
    if (status === 403 || status === 404) {
      // The server keeps none, or not from this person: until the next visit.
      this._stopped = true;
      this.clear();
    } else if (status === 400 || status === 413 || status === 422) {
      this._drop(batch);
    } else {
      this._failures += 1;
    }
  }

  private _put(items: readonly FeedbackItem[]): void {
    for (const item of items) {
      this._items.delete(keyOf(item));
      this._items.set(keyOf(item), item);
    }
    const tooMany = this._items.size - MAX_WAITING;
    [...this._items.keys()]
      .slice(0, Math.max(0, tooMany))
      .forEach(key => this._items.delete(key));
  }

  /**
   * Drop what was sent, unless something newer is known of the cell by now.
   */
  private _drop(batch: readonly FeedbackItem[]): void {
    for (const item of batch) {
      if (this._items.get(keyOf(item)) === item) {
        this._items.delete(keyOf(item));
      }
    }
    this._save();
  }

  private _sendIn(soon: number): void {
    const later = Math.min(LONGEST_MS, soon * 2 ** this._failures);
    window.clearTimeout(this._timer);
    this._timer = window.setTimeout(() => void this.send(), later);
  }

  private _save(): void {
    if (!this._restored) {
      // What an earlier page has left is not read yet, and must not be lost.
      return;
    }
    const { state } = this._options;
    const items = [...this._items.values()];
    const saved = items.length
      ? state?.save(STATE_KEY, {
          items
        } as unknown as ReadonlyPartialJSONObject)
      : state?.remove(STATE_KEY);
    // Where that fails the items are still here; only a reload would lose them.
    saved?.catch(() => undefined);
  }

  private readonly _items = new Map<string, FeedbackItem>();
  private _restored = false;
  private _timer = 0;
  private _failures = 0;
  private _sending = false;
  private _stopped = false;
}

function isItem(value: unknown): value is FeedbackItem {
  return (
    isObject(value) &&
    typeof value.job === 'string' &&
    typeof value.cell === 'string' &&
    typeof value.verdict === 'string'
  );
}
