import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { asProblem } from '../request';
import type { IGenerationApi } from '../tokens';
import type { Health, Problem } from '../wire/schema';

/**
 * What the server says of itself: asked when somebody looks.
 */
export class HealthWatch {
  constructor(private readonly _api: Pick<IGenerationApi, 'health'>) {}

  /**
   * The last answer; null before the first.
   */
  get current(): Health | Problem | null {
    return this._current;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * Ask again; a second call while one is under way waits for the same answer.
   */
  refresh(): Promise<void> {
    this._asking ??= this._ask().finally(() => {
      this._asking = null;
    });
    return this._asking;
  }

  private async _ask(): Promise<void> {
    try {
      this._current = await this._api.health();
    } catch (reason) {
      this._current = asProblem(reason);
    }
    this._changed.emit();
  }

  private _current: Health | Problem | null = null;
  private _asking: Promise<void> | null = null;
  private readonly _changed = new Signal<this, void>(this);
}
