import { ServerConnection } from '@jupyterlab/services';

import { SseParser, readEvents } from '../events';
import type { Event } from '../wire/schema';

const WIRE =
  ': hello\n\nid: 1\nevent: queued\ndata: {"type":"queued","seq":1,"job":"j","position":0}\n\n' +
  'id: 2\r\nevent: warning\r\ndata: {"type":"warning","seq":2,"job":"j",\r\ndata: "message":"é","hint":""}\r\n\r\n' +
  'id: 3\nevent: done\ndata: {"type":"done","seq":3,"job":"j","state":"done","cells":0,"verified":0,"message":""}\n\n';

describe('SseParser', () => {
  it.each([1, 2, 3, 7, 64, 10_000])(
    'finds the same messages in chunks of %d characters',
    size => {
      const parser = new SseParser();
      const messages = [];
      for (let at = 0; at < WIRE.length; at += size) {
        messages.push(...parser.feed(WIRE.slice(at, at + size)));
      }
      expect(messages.map(({ id, event }) => [id, event])).toEqual([
        ['1', 'queued'],
        ['2', 'warning'],
        ['3', 'done']
      ]);
      expect(JSON.parse(messages[1]?.data ?? '').message).toBe('é');
    }
  );

  it('ignores comments and unknown fields', () => {
    expect(new SseParser().feed(': ping\nretry: 10\n\n')).toEqual([]);
  });

  it('waits for the blank line', () => {
    const parser = new SseParser();
    expect(parser.feed('data: a\n')).toEqual([]);
    expect(parser.feed('\n')).toHaveLength(1);
  });
});

/**
 * A server that answers each request with the next of the given bodies.
 */
function server(...bodies: (Uint8Array[] | number)[]) {
  const asked: Headers[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/',
    fetch: (async (input: Request) => {
      asked.push(input.headers);
      const body = bodies.shift() ?? 404;
      if (typeof body === 'number') {
        return new Response(JSON.stringify({ title: 'no', code: 'x' }), {
          status: body
        });
      }
      const chunks = [...body];
      return {
        ok: true,
        status: 200,
        body: {
          getReader: () => ({
            read: async () => {
              const value = chunks.shift();
              return { done: value === undefined, value };
            }
          })
        }
      } as unknown as Response;
    }) as typeof fetch
  });
  return { asked, settings };
}

function bytes(text: string, size = 5): Uint8Array[] {
  const all = new TextEncoder().encode(text);
  const chunks = [];
  for (let at = 0; at < all.length; at += size) {
    chunks.push(all.slice(at, at + size));
  }
  return chunks;
}

async function collect(events: AsyncIterable<Event>): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of events) {
    seen.push(`${event.seq}:${event.type}`);
  }
  return seen;
}

const ALL = ['1:queued', '2:warning', '3:done'];

describe('readEvents', () => {
  it('reads to the last event, whatever the chunks split', async () => {
    const { settings, asked } = server(bytes(WIRE, 3));
    expect(await collect(readEvents('j', { settings }))).toEqual(ALL);
    expect(asked[0]?.get('Last-Event-ID')).toBeNull();
  });

  it('resumes after the last event that it saw', async () => {
    const cut = WIRE.indexOf('id: 3');
    const { settings, asked } = server(
      bytes(WIRE.slice(0, cut)),
      503,
      // This server repeats what was seen; nothing may come twice.
      bytes(WIRE)
    );
    const retries: number[] = [];
    const events = readEvents('j', {
      settings,
      backoffMs: 1,
      onRetry: attempt => retries.push(attempt)
    });
    expect(await collect(events)).toEqual(ALL);
    expect(asked.map(headers => headers.get('Last-Event-ID'))).toEqual([
      null,
      '2',
      '2'
    ]);
    expect(retries).toEqual([1, 2]);
  });

  it.each([408, 424, 429, 502])('tries again after a %d', async status => {
    const { settings, asked } = server(status, bytes(WIRE));
    const events = readEvents('j', { settings, backoffMs: 1 });
    expect(await collect(events)).toEqual(ALL);
    expect(asked).toHaveLength(2);
  });

  it('waits for the network, however long, and goes on with it', async () => {
    const online = jest.spyOn(navigator, 'onLine', 'get');
    online.mockReturnValue(false);
    const { settings, asked } = server(503, 503, 503, 503, 503, bytes(WIRE));
    const events = readEvents('j', {
      settings,
      backoffMs: 60_000,
      maxAttempts: 2,
      onRetry: () => {
        if (asked.length === 5) {
          online.mockReturnValue(true);
        }
        // The network comes back long before the next attempt was due.
        setTimeout(() => window.dispatchEvent(new window.Event('online')));
      }
    });
    expect(await collect(events)).toEqual(ALL);
    expect(asked).toHaveLength(6);
    online.mockRestore();
  });

  it('gives up at once when the server does not know the job', async () => {
    const { settings, asked } = server(404);
    await expect(
      collect(readEvents('j', { settings, backoffMs: 1 }))
    ).rejects.toMatchObject({ status: 404 });
    expect(asked).toHaveLength(1);
  });

  it('gives up after its attempts and says what to check', async () => {
    const { settings, asked } = server([], [], []);
    await expect(
      collect(readEvents('j', { settings, backoffMs: 1, maxAttempts: 3 }))
    ).rejects.toMatchObject({ problem: { code: 'cut_off' } });
    expect(asked).toHaveLength(3);
  });

  it('ends without an error when it is aborted', async () => {
    const { settings } = server(bytes(WIRE));
    const stop = new AbortController();
    const seen = [];
    for await (const event of readEvents('j', {
      settings,
      signal: stop.signal
    })) {
      seen.push(event.type);
      stop.abort();
    }
    expect(seen).toEqual(['queued']);
  });

  it('takes a silent connection for dead', async () => {
    const settings = ServerConnection.makeSettings({
      baseUrl: 'http://localhost/',
      fetch: ((input: Request) =>
        new Promise((_, refuse) => {
          input.signal.addEventListener('abort', () =>
            refuse(new TypeError('aborted'))
          );
        })) as typeof fetch
    });
    const reading = readEvents('j', {
      settings,
      silenceMs: 5,
      backoffMs: 1,
      maxAttempts: 2
    });
    await expect(collect(reading)).rejects.toThrow();
  });
});
