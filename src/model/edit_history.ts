import type { IStateDB } from '@jupyterlab/statedb';

const STATE_KEY = 'gptoss-lab:instructions';

/**
 * How many instructions are remembered, and the longest that is.
 */
const MAX_ENTRIES = 50;
const MAX_CHARS = 2000;

/**
 * What the person asked for earlier, the newest last; kept from one visit to
 * the next.
 */
export class EditHistory {
  constructor(private readonly _state: IStateDB | null) {}

  get entries(): readonly string[] {
    return this._entries;
  }

  /**
   * Take what was remembered; what was added in the meantime stays the newest.
   */
  async restore(): Promise<void> {
    const saved = await this._state?.fetch(STATE_KEY);
    const known = Array.isArray(saved)
      ? (saved as unknown[]).filter(
          (one): one is string => typeof one === 'string'
        )
      : [];
    this._entries = merged(known, this._entries);
  }

  /**
   * Remember an instruction as the newest.
   */
  add(instruction: string): void {
    const text = instruction.trim();
    if (text === '' || text.length > MAX_CHARS) {
      return;
    }
    this._entries = merged(this._entries, [text]);
    void this._state?.save(STATE_KEY, [...this._entries]);
  }

  private _entries: readonly string[] = [];
}

function merged(older: readonly string[], newer: readonly string[]): string[] {
  return [...older.filter(one => !newer.includes(one)), ...newer].slice(
    -MAX_ENTRIES
  );
}

/**
 * One walk through the history: what was typed before it is the last stop.
 */
export class HistoryWalk {
  constructor(private readonly _entries: readonly string[]) {
    this._at = _entries.length;
  }

  /**
   * Go back (-1) or forth (1) from what stands in the box; null at an end.
   */
  go(step: 1 | -1, current: string): string | null {
    const next = this._at + step;
    if (next < 0 || next > this._entries.length) {
      return null;
    }
    if (this._at === this._entries.length) {
      this._draft = current;
    }
    this._at = next;
    return this._entries[next] ?? this._draft;
  }

  private _at: number;
  private _draft = '';
}
