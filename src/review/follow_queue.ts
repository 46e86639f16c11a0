/**
 * How long editors may be changed in a row, in milliseconds: less than a frame.
 */
const BUDGET_MS = 12;

/**
 * Changes editors soon, and no more of them at once than a frame bears.
 *
 * #### Notes
 * A decision on hundreds of cells changes as many editors, and each of them
 * measures the page anew. In the order of the cells, so the first are at once.
 */
export class FollowQueue {
  /**
   * Run this soon; once, even if it is asked for more often.
   */
  add(run: () => void): void {
    this._waiting.add(run);
    if (!this._scheduled) {
      this._scheduled = true;
      queueMicrotask(this._flush);
    }
  }

  private readonly _flush = (): void => {
    const end = performance.now() + BUDGET_MS;
    for (const run of this._waiting) {
      this._waiting.delete(run);
      run();
      if (performance.now() > end) {
        break;
      }
    }
    this._scheduled = this._waiting.size > 0;
    if (this._scheduled) {
      requestAnimationFrame(this._flush);
    }
  };

  private readonly _waiting = new Set<() => void>();
  private _scheduled = false;
}
