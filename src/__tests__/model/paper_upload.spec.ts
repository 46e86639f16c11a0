import {
  MAX_PAPER_BYTES,
  PaperRefused,
  uploadPaper
} from '../../model/paper_upload';
import type { IUploadOptions } from '../../model/paper_upload';

/**
 * A server with one folder, which can refuse.
 */
function server(options: Partial<IUploadOptions> = {}, there: string[] = []) {
  const saved: { path: string; chunk?: number; bytes: number }[] = [];
  const failure: { get?: Error; save?: Error } = {};
  const parts: number[] = [];
  const asked: IUploadOptions = {
    contents: {
      get: async (path: string) => {
        if (failure.get) {
          throw failure.get;
        }
        if (!there.includes(path)) {
          throw Object.assign(new Error('no'), { response: { status: 404 } });
        }
        return {} as never;
      },
      save: async (path: string, model?: object) => {
        if (failure.save) {
          throw failure.save;
        }
        const { content, chunk } = model as { content: string; chunk?: number };
        saved.push({ path, chunk, bytes: atob(content).length });
        return {} as never;
      }
    },
    folder: 'work',
    onExisting: async () => 'cancel',
    onProgress: part => parts.push(part),
    signal: new AbortController().signal,
    ...options
  };
  return { asked, saved, failure, parts };
}

function file(name: string, bytes: number): File {
  return new File([new Uint8Array(bytes)], name);
}

/**
 * A file that says of itself how large it is.
 */
function huge(name: string): File {
  return Object.defineProperty(file(name, 1), 'size', {
    value: MAX_PAPER_BYTES + 1
  });
}

describe('uploadPaper', () => {
  it('puts a small file beside the notebook at once', async () => {
    const { asked, saved, parts } = server();
    expect(await uploadPaper(file('a.pdf', 10), asked)).toBe('work/a.pdf');
    expect(saved).toEqual([
      { path: 'work/a.pdf', chunk: undefined, bytes: 10 }
    ]);
    expect(parts).toEqual([0, 1]);
  });

  it('sends a large one in parts, of which the last says so', async () => {
    const { asked, saved } = server({ folder: '' });
    const bytes = 2 * 2 ** 20;
    expect(await uploadPaper(file('a.pdf', bytes), asked)).toBe('a.pdf');
    expect(saved.map(({ chunk }) => chunk)).toEqual([1, 2, -1]);
    expect(saved.reduce((sum, one) => sum + one.bytes, 0)).toBe(bytes);
  });

  it.each([
    ['replace', 'work/a.pdf', 1],
    ['use', 'work/a.pdf', 0],
    ['cancel', null, 0]
  ] as const)(
    'asks where one is there already: %s',
    async (answer, path, count) => {
      const { asked, saved } = server({ onExisting: async () => answer }, [
        'work/a.pdf'
      ]);
      expect(await uploadPaper(file('a.pdf', 3), asked)).toBe(path);
      expect(saved).toHaveLength(count);
    }
  );

  it.each([
    [file('a.csv', 3), 'name'],
    [file('a.pdf', 0), 'empty'],
    [huge('a.pdf'), 'size']
  ])('takes nothing else: %#', async (wrong, why) => {
    const { asked, saved } = server();
    await expect(uploadPaper(wrong, asked)).rejects.toMatchObject({ why });
    expect(saved).toEqual([]);
  });

  it.each(['get', 'save'] as const)(
    'says why the server did not take it: %s',
    async call => {
      const { asked, failure } = server();
      failure[call] = new Error('read-only');
      const failed = uploadPaper(file('a.pdf', 3), asked);
      await expect(failed).rejects.toBeInstanceOf(PaperRefused);
      await expect(failed).rejects.toMatchObject({
        why: 'save',
        reason: 'read-only'
      });
    }
  );

  it('ends between two parts when it is given up', async () => {
    const giving = new AbortController();
    const { asked, saved } = server({
      signal: giving.signal,
      onProgress: part => part > 0 && giving.abort()
    });
    expect(await uploadPaper(file('a.pdf', 2 * 2 ** 20), asked)).toBeNull();
    expect(saved.length).toBeLessThan(3);
  });
});
