/**
 * Tells a screen reader what has come of something that is no longer on the
 * page to say it.
 */
export class LiveRegion {
  /**
   * Say a sentence.
   */
  say(text: string): void {
    if (!this._node.isConnected) {
      this._node.className = 'jp-Gptoss-live';
      this._node.setAttribute('role', 'status');
      document.body.append(this._node);
    }
    this._node.textContent = '';
    // A region that is filled in the moment it appears is not read.
    window.setTimeout(() => {
      this._node.textContent = text;
    }, 100);
  }

  private readonly _node = document.createElement('div');
}
