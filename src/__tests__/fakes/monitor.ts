import { PromiseDelegate } from '@lumino/coreutils';

import type { IMonitorApi } from '../../model/monitor';
import { RequestError } from '../../request';
import type { Monitor, Quality } from '../../wire/schema';

/**
 * Counts that are all 0 but for the given ones.
 */
export function quality(fields: Partial<Quality> = {}): Quality {
  return {
    generations: 0,
    good: 0,
    partial: 0,
    empty: 0,
    failed: 0,
    cells: 0,
    unparsed: 0,
    failed_check: 0,
    failed_run: 0,
    checked: 0,
    ran: 0,
    repair_rounds: 0,
    executions: 0,
    executions_ok: 0,
    accepted: 0,
    edited: 0,
    rejected: 0,
    first_text_s: null,
    tokens_per_s: null,
    duration_s: null,
    ...fields
  };
}

/**
 * Twenty generations, 17 of which came through.
 */
export const TWENTY: Quality = quality({
  generations: 20,
  good: 17,
  partial: 1,
  empty: 1,
  failed: 1,
  cells: 60,
  unparsed: 2,
  failed_check: 3,
  failed_run: 5,
  checked: 10,
  ran: 40,
  repair_rounds: 8,
  executions: 4,
  executions_ok: 3,
  accepted: 30,
  edited: 6,
  rejected: 4,
  first_text_s: 0.42,
  tokens_per_s: 81.26,
  duration_s: 14.3
});

/**
 * The figures of a server that is well and was asked nothing, but for the given.
 */
export function monitor(fields: Partial<Monitor> = {}): Monitor {
  return {
    at: '2026-11-27T12:00:00+00:00',
    since: '2026-11-26T12:00:00+00:00',
    step_s: 3600,
    total: quality(),
    groups: [],
    timeline: [],
    stages: [],
    responses: [],
    errors: [],
    resources: {
      cpu_percent: 34,
      cpu_count: 8,
      memory_used_bytes: 12 * 1024 ** 3,
      memory_bytes: 32 * 1024 ** 3,
      server_bytes: 200 * 1024 ** 2,
      disk_free_bytes: 5 * 1024 ** 3,
      disk_bytes: 100 * 1024 ** 3,
      loop_lag_s: 0.012,
      gpus: []
    },
    services: [
      { name: 'model', status: 'ok', detail: 'gpt-oss-20b answers', fix: '' },
      {
        name: 'sandbox',
        status: 'warn',
        detail: 'The image is not built.',
        fix: 'Run `jupyter gptoss sandbox build`.'
      },
      { name: 'jobs', status: 'off', detail: '', fix: '' }
    ],
    ...fields
  };
}

/**
 * A server that answers when the test says so.
 */
export class FakeMonitorApi implements IMonitorApi {
  readonly asked: { hours: number; signal: AbortSignal }[] = [];

  /**
   * What it answers; null lets it think until `answer` is called.
   */
  next: Monitor | number | null = monitor();

  monitor(hours: number, signal: AbortSignal): Promise<Monitor> {
    this.asked.push({ hours, signal });
    const waiting = new PromiseDelegate<Monitor>();
    // Nobody has to listen to an answer that nobody waits for any more.
    waiting.promise.catch(() => undefined);
    this._waiting.push(waiting);
    signal.addEventListener('abort', () =>
      waiting.reject(new DOMException('aborted', 'AbortError'))
    );
    if (this.next !== null) {
      this.answer(this.next);
    }
    return waiting.promise;
  }

  /**
   * Answer what was asked last: with figures, or with a status.
   */
  answer(what: Monitor | number): void {
    const waiting = this._waiting[this._waiting.length - 1];
    if (typeof what !== 'number') {
      waiting?.resolve(what);
      return;
    }
    waiting?.reject(
      new RequestError({
        type: 'about:blank',
        title: 'No',
        status: what,
        detail: 'The server says no.',
        code: what === 0 ? 'unreachable' : 'http',
        hint: ''
      })
    );
  }

  private readonly _waiting: PromiseDelegate<Monitor>[] = [];
}
