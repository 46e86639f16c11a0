import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import type { Problem } from './wire/schema';

const ROOT = 'api/v1';

/**
 * A request that the server refused or that did not reach it.
 */
export class RequestError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
    this.name = 'RequestError';
  }

  /**
   * The HTTP status; 0 when nothing answered.
   */
  get status(): number {
    return this.problem.status;
  }
}

/**
 * Send a request and return the response, whatever its body is.
 *
 * @throws RequestError when the server answers with an error or not at all.
 */
export async function send(
  path: string,
  init: RequestInit = {},
  settings: ServerConnection.ISettings = ServerConnection.makeSettings()
): Promise<Response> {
  const url = URLExt.join(settings.baseUrl, ROOT, path);
  let response: Response;
  try {
    response = await ServerConnection.makeRequest(url, init, settings);
  } catch (reason) {
    if (init.signal?.aborted) {
      throw reason;
    }
    throw new RequestError(unreachable(reason));
  }
  if (!response.ok) {
    throw new RequestError(await readProblem(response));
  }
  return response;
}

/**
 * Send a request and return its JSON body.
 *
 * @throws RequestError when the server answers with an error, not at all, or
 * with something that is not JSON.
 */
export async function sendJson<T>(
  path: string,
  init: RequestInit = {},
  settings?: ServerConnection.ISettings
): Promise<T> {
  const response = await send(path, init, settings);
  const text = await response.text();
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new RequestError({
      type: 'about:blank',
      title: 'Unreadable answer',
      status: response.status,
      detail: 'The server answered with something that is not JSON.',
      code: 'not_json',
      hint: 'A proxy may stand between this page and the server.'
    });
  }
}

/**
 * Turn any thrown value into a problem that can be shown.
 */
export function asProblem(reason: unknown): Problem {
  if (reason instanceof RequestError) {
    return reason.problem;
  }
  return {
    type: 'about:blank',
    title: 'Unexpected error',
    status: 0,
    detail: reason instanceof Error ? reason.message : String(reason),
    code: 'client',
    hint: ''
  };
}

function unreachable(reason: unknown): Problem {
  return {
    type: 'about:blank',
    title: 'The server does not answer',
    status: 0,
    detail: reason instanceof Error ? reason.message : String(reason),
    code: 'unreachable',
    hint: 'Check that Jupyter Server is running, then try again.'
  };
}

async function readProblem(response: Response): Promise<Problem> {
  const fallback: Problem = {
    type: 'about:blank',
    title: response.statusText || 'Request failed',
    status: response.status,
    detail: `The server answered ${response.status}.`,
    code: response.status === 404 ? 'not_found' : 'http',
    hint: ''
  };
  try {
    const body = (await response.json()) as Partial<Problem> & {
      message?: string;
    };
    return {
      ...fallback,
      ...(body.title ? { title: body.title } : {}),
      ...(body.detail || body.message
        ? { detail: body.detail || body.message || '' }
        : {}),
      ...(body.code ? { code: body.code } : {}),
      ...(body.hint ? { hint: body.hint } : {})
    };
  } catch {
    // The body is not JSON: a proxy's page, for example.
    return fallback;
  }
}
