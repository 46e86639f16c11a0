import type { ServerConnection } from '@jupyterlab/services';

import { RequestError, send } from './request';
import type { Event } from './wire/schema';

/**
 * One message of a `text/event-stream`.
 */
export interface IMessage {
  id: string;
  event: string;
  data: string;
}

/**
 * An incremental parser of server-sent events: chunks may end anywhere.
 *
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export class SseParser {
  /**
   * Take a chunk of text and return the messages that it completes.
   */
  feed(chunk: string): IMessage[] {
    this._buffer += chunk;
    const messages: IMessage[] = [];
    let end: RegExpExecArray | null;
    while ((end = LINE_END.exec(this._buffer)) !== null) {
      const last = end.index + end[0].length === this._buffer.length;
      if (end[0] === '\r' && last) {
        // The line feed of a CRLF may be in the next chunk.
        break;
      }
      const line = this._buffer.slice(0, end.index);
      this._buffer = this._buffer.slice(end.index + end[0].length);
      const message = this._take(line);
      if (message) {
        messages.push(message);
      }
    }
    return messages;
  }

  private _take(line: string): IMessage | null {
    if (line === '') {
      const message =
        this._data.length > 0
          ? { id: this._id, event: this._event, data: this._data.join('\n') }
          : null;
      this._data = [];
      this._event = 'message';
      return message;
    }
    const colon = line.indexOf(':');
    if (colon === 0) {
      return null;
    }
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') {
      this._data.push(value);
    } else if (field === 'event') {
      this._event = value;
    } else if (field === 'id') {
      this._id = value;
    }
    return null;
  }

  private _buffer = '';
  private _id = '';
  private _event = 'message';
  private _data: string[] = [];
}

/**
 * How to read the events of a job.
 */
export interface IReadOptions {
  /**
   * The last sequence number that was seen; reading goes on after it.
   */
  after?: number;

  /**
   * Ends the reading without an error.
   */
  signal?: AbortSignal;

  settings?: ServerConnection.ISettings;

  /**
   * Told before each new attempt after a cut.
   */
  onRetry?: (attempt: number) => void;

  /**
   * First wait after a cut, in milliseconds; doubled each time.
   */
  backoffMs?: number;

  /**
   * Attempts without a single new event before giving up.
   */
  maxAttempts?: number;

  /**
   * Silence after which the connection is taken for dead, in milliseconds.
   */
  silenceMs?: number;
}

/**
 * An event of a job, whatever the job does.
 */
export interface INumbered {
  readonly type: string;
  readonly seq: number;
}

/**
 * Read the events of a job up to its last one, through cuts.
 *
 * @param isLast - Whether nothing follows an event; else, whether a generation
 * ends with it.
 *
 * @throws RequestError when the server refuses or cannot be reached again.
 */
export async function* readEvents<T extends INumbered = Event>(
  job: string,
  options: IReadOptions = {},
  isLast: (event: T) => boolean = endsGeneration
): AsyncGenerator<T, void, undefined> {
  const { signal, backoffMs = 500, maxAttempts = 20, onRetry } = options;
  let last = options.after ?? 0;
  let failures = 0;
  while (!signal?.aborted) {
    let reason: unknown = null;
    try {
      for await (const event of readOnce<T>(job, last, options)) {
        if (signal?.aborted) {
          return;
        }
        if (event.seq > 0 && event.seq <= last) {
          continue;
        }
        last = Math.max(last, event.seq);
        failures = 0;
        yield event;
        if (isLast(event)) {
          return;
        }
      }
    } catch (error) {
      reason = error;
    }
    if (signal?.aborted) {
      return;
    }
    // Without a network no attempt can tell whether the server is gone.
    failures = isOffline() ? Math.max(failures, 1) : failures + 1;
    if (isFinal(reason) || failures >= maxAttempts) {
      throw reason ?? new RequestError(cutOff(job));
    }
    onRetry?.(failures);
    await pause(Math.min(backoffMs * 2 ** (failures - 1), 10_000), signal);
  }
}

const LINE_END = /\r\n|\n|\r/;

async function* readOnce<T>(
  job: string,
  last: number,
  { signal, settings, silenceMs = 60_000 }: IReadOptions
): AsyncGenerator<T, void, undefined> {
  const connection = new AbortController();
  const abort = () => connection.abort();
  signal?.addEventListener('abort', abort);
  let timer = setTimeout(abort, silenceMs);
  try {
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (last > 0) {
      headers['Last-Event-ID'] = String(last);
    }
    const response = await send(
      `code/jobs/${encodeURIComponent(job)}/events`,
      { headers, signal: connection.signal, cache: 'no-store' },
      settings
    );
    const reader = response.body?.getReader();
    if (!reader) {
      return;
    }
    const parser = new SseParser();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      clearTimeout(timer);
      if (done) {
        return;
      }
      timer = setTimeout(abort, silenceMs);
      for (const message of parser.feed(
        decoder.decode(value, { stream: true })
      )) {
        yield JSON.parse(message.data) as T;
      }
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    connection.abort();
  }
}

function endsGeneration({ type }: INumbered): boolean {
  return type === 'done' || type === 'error';
}

/**
 * Refusals that pass: too slow, too many, and what JupyterHub's proxy says
 * while the server behind it is not running.
 */
const PASSING = new Set([408, 424, 429]);

/**
 * Whether trying again cannot help: the server answered and refused.
 */
function isFinal(reason: unknown): boolean {
  return (
    reason instanceof SyntaxError ||
    (reason instanceof RequestError &&
      reason.status >= 400 &&
      reason.status < 500 &&
      !PASSING.has(reason.status))
  );
}

function cutOff(job: string) {
  return {
    type: 'about:blank',
    title: 'The connection was lost',
    status: 0,
    detail: `The events of job ${job} ended before the job did.`,
    code: 'cut_off',
    hint: 'Check the connection to the server. The job may still be running there.'
  };
}

/**
 * Whether the machine says that it has no network. A server on the same
 * machine answers all the same, so this is asked only after a failure.
 */
function isOffline(): boolean {
  return typeof navigator !== 'undefined' && navigator.onLine === false;
}

/**
 * Wait; not longer than until the network is back.
 */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      globalThis.removeEventListener?.('online', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
    globalThis.addEventListener?.('online', end);
  });
}
