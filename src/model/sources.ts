import type { IStateDB } from '@jupyterlab/statedb';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { ISourceList } from '../choice_tokens';
import type { DocSourceInput } from '../wire/schema';

const STATE_KEY = 'gptoss-lab:sources';

/**
 * The most sources that a request may name.
 */
export const MAX_SOURCES = 32;

/**
 * Say what a person means by a source that they typed.
 */
export function parseSource(text: string): DocSourceInput | null {
  const uri = text.trim();
  if (uri === '') {
    return null;
  }
  if (/^r:\s*[A-Za-z]/.test(uri)) {
    return { kind: 'r-package', uri };
  }
  if (/^https?:\/\//i.test(uri)) {
    return { kind: 'url', uri };
  }
  if (
    /^[A-Za-z][\w.-]*$/.test(uri) &&
    !/\.(pdf|html?|md|rst|txt|ipynb)$/i.test(uri)
  ) {
    return { kind: 'package', uri };
  }
  // The server knows whether a path is a file or a folder.
  return { kind: 'auto', uri };
}

/**
 * The documentation that generations use; kept from one visit to the next.
 */
export class SourceList implements ISourceList {
  constructor(private readonly _state: IStateDB | null) {}

  /**
   * The sources in the order in which they were added.
   */
  get sources(): readonly DocSourceInput[] {
    return this._sources;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * Take the remembered sources, or the given ones on a first visit.
   */
  async restore(defaults: readonly string[]): Promise<void> {
    const saved = await this._state?.fetch(STATE_KEY);
    const remembered = Array.isArray(saved) ? (saved as unknown[]) : null;
    const uris = remembered
      ? remembered.filter(isSource)
      : defaults.map(parseSource).filter(source => source !== null);
    for (const source of uris) {
      this._append(source);
    }
    this._changed.emit();
  }

  /**
   * Add a source; false when it is there already or the list is full.
   */
  add(source: DocSourceInput): boolean {
    if (!this._append(source)) {
      return false;
    }
    this._save();
    return true;
  }

  /**
   * Remove a source.
   */
  remove(uri: string): void {
    this._sources = this._sources.filter(source => source.uri !== uri);
    this._save();
  }

  private _append(source: DocSourceInput): boolean {
    const known = this._sources.some(({ uri }) => uri === source.uri);
    if (known || this._sources.length >= MAX_SOURCES) {
      return false;
    }
    this._sources = [...this._sources, source];
    return true;
  }

  private _save(): void {
    void this._state?.save(
      STATE_KEY,
      this._sources.map(({ kind, uri }) => ({ kind: kind ?? 'auto', uri }))
    );
    this._changed.emit();
  }

  private _sources: readonly DocSourceInput[] = [];
  private readonly _changed = new Signal<this, void>(this);
}

function isSource(value: unknown): value is DocSourceInput {
  const source = value as DocSourceInput | null;
  return (
    typeof source === 'object' &&
    typeof source?.uri === 'string' &&
    ['auto', 'package', 'r-package', 'folder', 'file', 'url'].includes(
      source.kind ?? 'auto'
    )
  );
}
