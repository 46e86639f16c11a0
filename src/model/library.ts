import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { asProblem } from '../request';
import type { CorpusInfo, CorpusList, DocHits, Problem } from '../wire/schema';

/**
 * The endpoints that a library needs.
 */
export interface ILibraryApi {
  list(): Promise<CorpusList>;
  refresh(id: string): Promise<CorpusInfo>;
  remove(id: string): Promise<void>;
  search(words: string): Promise<DocHits>;
}

/**
 * The documentation that is indexed, and the last search in it.
 */
export class Library {
  constructor(private readonly _api: ILibraryApi) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * What is indexed, newest first; null before the first answer.
   */
  get corpora(): readonly CorpusInfo[] | null {
    return this._corpora;
  }

  /**
   * What the last search found; null before one.
   */
  get found(): DocHits | null {
    return this._found;
  }

  get searching(): boolean {
    return this._searching;
  }

  /**
   * Why the last thing that was asked for failed.
   */
  get problem(): Problem | null {
    return this._problem;
  }

  /**
   * Whether a source is being read again or removed.
   */
  isBusy(id: string): boolean {
    return this._busy.has(id);
  }

  /**
   * Ask what is indexed.
   */
  async load(): Promise<void> {
    await this._try(async () => {
      this._corpora = (await this._api.list()).corpora;
    });
  }

  /**
   * Read the source of an index again.
   */
  async refresh(id: string): Promise<void> {
    await this._change(id, () => this._api.refresh(id));
  }

  /**
   * Remove an index, and what a search found in it.
   */
  async remove(id: string): Promise<void> {
    await this._change(id, () => this._api.remove(id));
    if (this._found && !this._corpora?.some(corpus => corpus.id === id)) {
      const hits = this._found.hits.filter(({ corpus }) => corpus !== id);
      this._found = { ...this._found, hits };
      this._changed.emit();
    }
  }

  /**
   * Search; the answer to an older question does not replace that to a newer.
   */
  async search(words: string): Promise<void> {
    const number = ++this._asked;
    this._searching = true;
    this._changed.emit();
    await this._try(async () => {
      const found = await this._api.search(words);
      if (number === this._asked) {
        this._found = found;
      }
    });
    if (number === this._asked) {
      this._searching = false;
      this._changed.emit();
    }
  }

  private async _change(
    id: string,
    call: () => Promise<unknown>
  ): Promise<void> {
    this._busy.add(id);
    this._changed.emit();
    await this._try(async () => {
      await call();
      this._corpora = (await this._api.list()).corpora;
    });
    this._busy.delete(id);
    this._changed.emit();
  }

  private async _try(call: () => Promise<void>): Promise<void> {
    try {
      await call();
      this._problem = null;
    } catch (reason) {
      this._problem = asProblem(reason);
    }
    this._changed.emit();
  }

  private _corpora: readonly CorpusInfo[] | null = null;
  private _found: DocHits | null = null;
  private _searching = false;
  private _problem: Problem | null = null;
  private _asked = 0;
  private readonly _busy = new Set<string>();
  private readonly _changed = new Signal<this, void>(this);
}
