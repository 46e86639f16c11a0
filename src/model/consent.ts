import { PathExt } from '@jupyterlab/coreutils';

import type { IDataConsent } from '../choice_tokens';

/**
 * The folder of a notebook as the server takes it; its root is a point.
 */
export function folderOf(notebook: string): string {
  return PathExt.dirname(notebook) || '.';
}

/**
 * Which notebooks' folders a sandbox may be shown.
 *
 * Nothing is kept beyond the page: who comes back is asked again.
 */
export class DataConsent implements IDataConsent {
  /**
   * Whether the person has agreed for this notebook, under this name.
   */
  given(notebook: string): boolean {
    return this._given.has(notebook);
  }

  /**
   * What may be shown for this notebook.
   */
  paths(notebook: string): string[] {
    return this.given(notebook) ? [folderOf(notebook)] : [];
  }

  /**
   * Note what the person says.
   */
  set(notebook: string, given: boolean): void {
    if (given && notebook !== '') {
      this._given.add(notebook);
    } else {
      this._given.delete(notebook);
    }
  }

  private readonly _given = new Set<string>();
}
