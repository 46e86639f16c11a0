import { ServerConnection } from '@jupyterlab/services';
import type { Contents } from '@jupyterlab/services';

import { SandboxFilesModel, base64Of, nameOf } from '../../model/sandbox_files';
import { FakeSandboxApi, problem } from '../fakes/sandboxes';

/**
 * The files of the person, in memory, as the contents API keeps them.
 */
class FakeContents {
  readonly files = new Map<string, string>();
  failure: Error | null = null;

  async get(path: string): Promise<Contents.IModel> {
    if (this.failure) {
      throw this.failure;
    }
    if (!this.files.has(path)) {
      throw new ServerConnection.ResponseError(
        new Response(null, { status: 404 })
      );
    }
    return { path } as Contents.IModel;
  }

  async save(
    path: string,
    options?: Partial<Contents.IModel>
  ): Promise<Contents.IModel> {
    expect(options).toMatchObject({ type: 'file', format: 'base64' });
    this.files.set(path, atob(String(options?.content)));
    return { path } as Contents.IModel;
  }
}

function setUp(folder = 'work') {
  const api = new FakeSandboxApi();
  api.contents = { 'out/result.csv': 'a,b\n' };
  const contents = new FakeContents();
  const model = new SandboxFilesModel({
    api,
    contents,
    sandbox: 'k1',
    folder
  });
  return { api, contents, model };
}

describe('SandboxFilesModel', () => {
  it('lists what was written', async () => {
    const { model } = setUp();
    expect(model.files).toBeNull();
    await model.refresh();
    expect(model.files?.map(({ path }) => path)).toEqual(['out/result.csv']);
    expect(model.truncated).toBe(false);
  });

  it('says why it cannot list, and keeps what it knows', async () => {
    const { model, api } = setUp();
    await model.refresh();
    api.down = problem({ detail: 'It has ended.' });
    await model.refresh();
    expect(model.problem?.detail).toBe('It has ended.');
    expect(model.files).toHaveLength(1);
  });

  it.each([
    ['work', 'work/result.csv'],
    ['', 'result.csv']
  ])('saves into the folder %j', async (folder, target) => {
    const { model, contents } = setUp(folder);
    model.ask('out/result.csv');
    expect(model.saving).toMatchObject({ target, state: 'asking' });
    await model.save();
    expect(model.saving?.state).toBe('saved');
    expect(contents.files.get(target)).toBe('a,b\n');
  });

  it('asks before it replaces a file, and replaces it when told to', async () => {
    const { model, contents, api } = setUp();
    contents.files.set('work/result.csv', 'mine');
    model.ask('out/result.csv');
    await model.save();
    expect(model.saving?.state).toBe('exists');
    expect(contents.files.get('work/result.csv')).toBe('mine');
    expect(api.calls).toEqual([]);
    await model.save(true);
    expect(contents.files.get('work/result.csv')).toBe('a,b\n');
  });

  it('looks again at another name', async () => {
    const { model, contents } = setUp();
    contents.files.set('work/result.csv', 'mine');
    model.ask('out/result.csv');
    await model.save();
    model.retarget('work/other.csv');
    expect(model.saving?.state).toBe('asking');
    await model.save();
    expect([...contents.files.keys()]).toEqual([
      'work/result.csv',
      'work/other.csv'
    ]);
  });

  it('saves nothing where it cannot know what is there', async () => {
    const { model, contents } = setUp();
    contents.failure = new ServerConnection.ResponseError(
      new Response(null, { status: 403 }),
      'Not allowed.'
    );
    model.ask('out/result.csv');
    await model.save();
    expect(model.saving).toMatchObject({
      state: 'asking',
      problem: { detail: 'Not allowed.' }
    });
    expect(contents.files.size).toBe(0);
  });

  it('forgets what was to be saved', () => {
    const { model } = setUp();
    model.ask('out/result.csv');
    model.cancel();
    expect(model.saving).toBeNull();
  });

  it('hands a file over, or says why not', async () => {
    const { model, api } = setUp();
    const given: string[] = [];
    const give = (path: string, bytes: Uint8Array) =>
      given.push(`${path}: ${new TextDecoder().decode(bytes)}`);
    await model.download('out/result.csv', give);
    api.down = problem({ detail: 'Too large.' });
    await model.download('out/result.csv', give);
    expect(given).toEqual(['out/result.csv: a,b\n']);
    expect(model.problem?.detail).toBe('Too large.');
  });
});

describe('nameOf', () => {
  it.each([
    ['out/result.csv', 'result.csv'],
    ['a\\b.csv', 'b.csv'],
    ['../..', 'file'],
    ['.bashrc', 'bashrc'],
    ['x\u202Egpj.exe', 'xgpj.exe'],
    ['a\u0000\nb', 'ab']
  ])('makes %j safe to propose', (path, name) => {
    expect(nameOf(path)).toBe(name);
  });
});

describe('base64Of', () => {
  it('takes any bytes of any length', () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 256);
    const back = Uint8Array.from(atob(base64Of(bytes)), c => c.charCodeAt(0));
    expect(back).toEqual(bytes);
  });
});
