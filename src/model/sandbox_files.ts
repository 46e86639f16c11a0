import { PathExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { Contents } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { asProblem } from '../request';
import type { ISandboxApi } from '../tokens';
import type { Problem, SandboxFile } from '../wire/schema';

/**
 * A file that is about to be saved, and where to.
 *
 * `exists` asks whether the file that is there may be replaced.
 */
export interface ISaving {
  readonly path: string;
  readonly target: string;
  readonly state: 'asking' | 'saving' | 'exists' | 'saved';
  readonly problem: Problem | null;
}

/**
 * What the files work with.
 */
export interface ISandboxFilesOptions {
  api: Pick<ISandboxApi, 'files' | 'download'>;
  contents: Pick<Contents.IManager, 'get' | 'save'>;
  sandbox: string;

  /**
   * Where files are saved, unless the person says otherwise.
   */
  folder: string;
}

/**
 * What was written in one sandbox, and the way out for it.
 */
export class SandboxFilesModel {
  constructor(private readonly _options: ISandboxFilesOptions) {}

  /**
   * Null before the first answer.
   */
  get files(): readonly SandboxFile[] | null {
    return this._files;
  }

  /**
   * Whether there are more files than are listed.
   */
  get truncated(): boolean {
    return this._truncated;
  }

  /**
   * How many entries are not listed: links, pipes and such.
   */
  get refused(): number {
    return this._refused;
  }

  get problem(): Problem | null {
    return this._problem;
  }

  get saving(): ISaving | null {
    return this._saving;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * Ask what files there are.
   */
  async refresh(): Promise<void> {
    try {
      const { files, truncated, refused } = await this._options.api.files(
        this._options.sandbox
      );
      this._files = files;
      this._truncated = truncated;
      this._refused = refused;
      this._problem = null;
    } catch (reason) {
      this._problem = asProblem(reason);
    }
    this._changed.emit();
  }

  /**
   * Propose a place for a file.
   */
  ask(path: string): void {
    const target = PathExt.join(this._options.folder, nameOf(path));
    this._set({ path, target, state: 'asking', problem: null });
  }

  /**
   * Choose another place.
   */
  retarget(target: string): void {
    if (this._saving) {
      this._set({ ...this._saving, target, state: 'asking', problem: null });
    }
  }

  /**
   * Save nothing.
   */
  cancel(): void {
    this._saving = null;
    this._changed.emit();
  }

  /**
   * Save the file; one that is there is replaced only with `replace`.
   */
  async save(replace = false): Promise<void> {
    const saving = this._saving;
    if (!saving || saving.state === 'saving') {
      return;
    }
    this._set({ ...saving, state: 'saving', problem: null });
    try {
      if (!replace && (await this._isTaken(saving.target))) {
        this._set({ ...saving, state: 'exists' });
        return;
      }
      const bytes = await this._read(saving.path);
      await this._options.contents.save(saving.target, {
        type: 'file',
        format: 'base64',
        content: base64Of(bytes)
      });
      this._set({ ...saving, state: 'saved', problem: null });
    } catch (reason) {
      this._set({ ...saving, state: 'asking', problem: asProblem(reason) });
    }
  }

  /**
   * Read a file and hand it over; a refusal is shown above the list.
   */
  async download(
    path: string,
    give: (path: string, bytes: Uint8Array) => void
  ): Promise<void> {
    try {
      give(path, await this._read(path));
      this._problem = null;
    } catch (reason) {
      this._problem = asProblem(reason);
    }
    this._changed.emit();
  }

  private _read(path: string): Promise<Uint8Array> {
    return this._options.api.download(this._options.sandbox, path);
  }

  private async _isTaken(target: string): Promise<boolean> {
    try {
      await this._options.contents.get(target, { content: false });
      return true;
    } catch (reason) {
      if (
        reason instanceof ServerConnection.ResponseError &&
        reason.response.status === 404
      ) {
        return false;
      }
      throw reason;
    }
  }

  private _set(saving: ISaving): void {
    this._saving = saving;
    this._changed.emit();
  }

  private readonly _changed = new Signal<this, void>(this);
  private _files: readonly SandboxFile[] | null = null;
  private _truncated = false;
  private _refused = 0;
  private _problem: Problem | null = null;
  private _saving: ISaving | null = null;
}

/**
 * A name that is safe to propose: the last part of a path that nobody vouches for.
 */
export function nameOf(path: string): string {
  const last = path.split(/[\\/]/).pop() ?? '';
  // Control characters and those that turn the reading direction.
  const name = last
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .replace(/^\.+/, '')
    .trim();
  return name || 'file';
}

/**
 * Bytes as the contents API takes them.
 */
export function base64Of(bytes: Uint8Array): string {
  // In slices: a call takes a bounded number of arguments.
  const slice = 0x8000;
  let text = '';
  for (let start = 0; start < bytes.length; start += slice) {
    text += String.fromCharCode(...bytes.subarray(start, start + slice));
  }
  return btoa(text);
}
