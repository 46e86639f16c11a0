import { ServerConnection } from '@jupyterlab/services';

import { GenerationApi, ModelApi, SandboxApi } from '../api';
import { asProblem } from '../request';

function api(status: number, body: string) {
  const asked: Request[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/user/ada/',
    fetch: (async (input: Request) => {
      asked.push(input);
      return new Response(status === 204 ? null : body, { status });
    }) as typeof fetch
  });
  return {
    asked,
    api: new GenerationApi(settings),
    sandboxes: new SandboxApi(settings),
    model: new ModelApi(settings)
  };
}

describe('GenerationApi', () => {
  it('posts a request under the base URL', async () => {
    const { api: client, asked } = api(202, '{"job":"j1"}');
    const accepted = await client.generate({ task: 'mean' });
    expect(accepted.job).toBe('j1');
    expect(asked[0]?.method).toBe('POST');
    expect(asked[0]?.url.split('?')[0]).toBe(
      'http://localhost/user/ada/api/v1/code/generate'
    );
    expect(await asked[0]?.json()).toEqual({ task: 'mean' });
  });

  it.each([
    ['job', 'GET', 'code/jobs/a%2Fb'],
    ['jobs', 'GET', 'code/jobs'],
    ['request', 'GET', 'code/jobs/a%2Fb/request'],
    ['replay', 'POST', 'code/jobs/a%2Fb/replay'],
    ['cancel', 'DELETE', 'code/jobs/a%2Fb']
  ] as const)('sends %s as %s', async (verb, method, path) => {
    const { api: client, asked } = api(200, '{}');
    await client[verb]('a/b');
    expect(asked[0]?.method).toBe(method);
    expect(asked[0]?.url.split('?')[0]?.endsWith(`/api/v1/${path}`)).toBe(true);
  });

  it('reads the health of the server', async () => {
    const { api: client } = api(200, '{"generator":"examples"}');
    expect((await client.health()).generator).toBe('examples');
  });

  it('carries the problem that the server states', async () => {
    const problem = {
      title: 'Conflict',
      status: 409,
      detail: 'Taken.',
      code: 'conflict',
      hint: 'Wait.'
    };
    const { api: client } = api(409, JSON.stringify(problem));
    await expect(client.job('j')).rejects.toMatchObject({
      message: 'Taken.',
      status: 409,
      problem: { code: 'conflict', hint: 'Wait.' }
    });
  });

  it('makes a problem of an error page', async () => {
    const { api: client } = api(502, '<html>Bad gateway</html>');
    await expect(client.health()).rejects.toMatchObject({
      problem: { status: 502, code: 'http' }
    });
  });

  it('makes a problem of an answer that is not JSON', async () => {
    const { api: client } = api(200, '<html>');
    await expect(client.health()).rejects.toMatchObject({
      problem: { code: 'not_json' }
    });
  });

  it('makes a problem of a server that is not there', async () => {
    const client = new GenerationApi(
      ServerConnection.makeSettings({
        fetch: (() => Promise.reject(new TypeError('refused'))) as typeof fetch
      })
    );
    await expect(client.health()).rejects.toMatchObject({
      problem: { code: 'unreachable', status: 0 }
    });
  });

  it('makes a problem of any thrown value', () => {
    expect(asProblem('odd').detail).toBe('odd');
  });
});

describe('SandboxApi', () => {
  it.each([
    ['capabilities', 'GET', 'sandboxes/capabilities'],
    ['sandboxes', 'GET', 'sandboxes']
  ] as const)('asks for %s', async (verb, method, path) => {
    const { sandboxes, asked } = api(200, '{"languages":[]}');
    expect(await sandboxes[verb]()).toEqual({ languages: [] });
    expect(asked[0]?.method).toBe(method);
    expect(asked[0]?.url.split('?')[0]?.endsWith(`/api/v1/${path}`)).toBe(true);
  });

  it.each([
    ['interrupt', 'POST', 'sandboxes/a%2Fb/interrupt'],
    ['restart', 'POST', 'sandboxes/a%2Fb/restart'],
    ['stop', 'DELETE', 'sandboxes/a%2Fb']
  ] as const)('sends %s as %s', async (verb, method, path) => {
    const { sandboxes, asked } = api(204, '');
    await sandboxes[verb]('a/b');
    expect(asked[0]?.method).toBe(method);
    expect(asked[0]?.url.split('?')[0]?.endsWith(`/api/v1/${path}`)).toBe(true);
  });

  it('sends what a sandbox is shown from now on', async () => {
    const { sandboxes, asked } = api(200, '{}');
    await sandboxes.restart('k1', []);
    expect(await asked[0]?.json()).toEqual({ data: [] });
  });

  it('sends the names of packages', async () => {
    const { sandboxes, asked } = api(200, '{}');
    await sandboxes.addPackages('k1', ['polars']);
    expect(asked[0]?.url).toContain('/api/v1/sandboxes/k1/packages');
    expect(await asked[0]?.json()).toEqual({ packages: ['polars'] });
  });

  it('lists files, and reads one whose name needs quoting', async () => {
    const { sandboxes, asked } = api(200, '{"files":[]}');
    expect(await sandboxes.files('k1')).toEqual({ files: [] });
    const bytes = await sandboxes.download('k1', 'out/a b#1.csv');
    expect(new TextDecoder().decode(bytes)).toBe('{"files":[]}');
    expect(asked[1]?.url.split('?')[0]).toMatch(
      /sandboxes\/k1\/files\/out\/a%20b%231\.csv$/
    );
  });
});

describe('ModelApi', () => {
  it.each([
    ['state', 'GET', 'model'],
    ['stop', 'POST', 'model/stop'],
    ['plan', 'GET', 'model/plan'],
    ['logs', 'GET', 'model/logs']
  ] as const)('sends %s as %s', async (verb, method, path) => {
    const { model, asked } = api(200, '{"phase":"ready"}');
    expect(await model[verb]()).toEqual({ phase: 'ready' });
    expect(asked[0]?.method).toBe(method);
    expect(asked[0]?.url.split('?')[0]?.endsWith(`/api/v1/${path}`)).toBe(true);
  });

  it('sends which server is to be attached', async () => {
    const { model, asked } = api(202, '{}');
    await model.start({ attach: 'http://127.0.0.1:8000/v1' });
    expect(asked[0]?.url).toContain('/api/v1/model/start');
    expect(await asked[0]?.json()).toEqual({
      attach: 'http://127.0.0.1:8000/v1'
    });
  });
});
