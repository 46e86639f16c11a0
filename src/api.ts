import type { ServerConnection } from '@jupyterlab/services';

import { readEvents } from './events';
import type { IReadOptions } from './events';
import type { IModelApi } from './model_tokens';
import { send, sendJson } from './request';
import type { IGenerationApi, ISandboxApi } from './tokens';
import type {
  CodeGenerationRequest,
  CodeGenerationResponse,
  Event,
  ExecutionEvent,
  ExecutionRequest,
  Health,
  JobAccepted,
  JobList,
  ModelLogs,
  ModelPlan,
  ModelState,
  PackagesRequest,
  PromptPreview,
  RestartRequest,
  SandboxCapabilities,
  SandboxFiles,
  SandboxList,
  StartRequest
} from './wire/schema';

/**
 * The endpoints of generation, one typed function each.
 */
export class GenerationApi implements IGenerationApi {
  constructor(private readonly _settings?: ServerConnection.ISettings) {}

  /**
   * Start a generation.
   */
  generate(request: CodeGenerationRequest): Promise<JobAccepted> {
    return sendJson<JobAccepted>(
      'code/generate',
      post(request),
      this._settings
    );
  }

  /**
   * Say what such a request would send to the model.
   */
  prompt(request: CodeGenerationRequest): Promise<PromptPreview> {
    return sendJson<PromptPreview>(
      'code/prompt',
      post(request),
      this._settings
    );
  }

  /**
   * Start the same request with the same seed as a job that has ended.
   */
  replay(id: string): Promise<JobAccepted> {
    return sendJson<JobAccepted>(
      `code/jobs/${encodeURIComponent(id)}/replay`,
      { method: 'POST' },
      this._settings
    );
  }

  /**
   * Add packages that a job's cells lack, then check and run them again.
   */
  addPackages(id: string, packages: readonly string[]): Promise<JobAccepted> {
    return sendJson<JobAccepted>(
      `code/jobs/${encodeURIComponent(id)}/packages`,
      post({ packages }),
      this._settings
    );
  }

  /**
   * List the jobs that the server remembers, newest first.
   */
  jobs(): Promise<JobList> {
    return sendJson<JobList>('code/jobs', {}, this._settings);
  }

  /**
   * Return what was asked for in a job.
   */
  request(id: string): Promise<CodeGenerationRequest> {
    return sendJson<CodeGenerationRequest>(
      `code/jobs/${encodeURIComponent(id)}/request`,
      {},
      this._settings
    );
  }

  /**
   * Return a job as it stands now.
   */
  job(id: string): Promise<CodeGenerationResponse> {
    return sendJson<CodeGenerationResponse>(
      `code/jobs/${encodeURIComponent(id)}`,
      {},
      this._settings
    );
  }

  /**
   * Ask the server to stop a job; its last event follows on the stream.
   */
  async cancel(id: string): Promise<void> {
    await send(
      `code/jobs/${encodeURIComponent(id)}`,
      { method: 'DELETE' },
      this._settings
    );
  }

  /**
   * Read the events of a job up to its last one.
   */
  events(id: string, options: IReadOptions = {}): AsyncIterable<Event> {
    return readEvents(id, { settings: this._settings, ...options });
  }

  /**
   * Say which generator would answer and whether verification can run.
   */
  health(): Promise<Health> {
    return sendJson<Health>('health', {}, this._settings);
  }
}

/**
 * The endpoints of executions, one typed function each.
 */
export class ExecutionApi {
  constructor(private readonly _settings?: ServerConnection.ISettings) {}

  /**
   * Start an execution in a sandbox.
   */
  execute(request: ExecutionRequest): Promise<JobAccepted> {
    return sendJson<JobAccepted>('code/execute', post(request), this._settings);
  }

  /**
   * Ask the server to stop an execution; its last event follows.
   */
  async cancel(id: string): Promise<void> {
    await send(
      `code/jobs/${encodeURIComponent(id)}`,
      { method: 'DELETE' },
      this._settings
    );
  }

  /**
   * Read the events of an execution up to its last one.
   */
  events(
    id: string,
    options: IReadOptions = {}
  ): AsyncIterable<ExecutionEvent> {
    return readEvents<ExecutionEvent>(
      id,
      { settings: this._settings, ...options },
      ({ type }) => type === 'end'
    );
  }
}

/**
 * The endpoints of the sandboxes, one typed function each.
 */
export class SandboxApi implements ISandboxApi {
  constructor(private readonly _settings?: ServerConnection.ISettings) {}

  /**
   * Say how sandboxes are isolated here and what they may use.
   */
  capabilities(): Promise<SandboxCapabilities> {
    return sendJson<SandboxCapabilities>(
      'sandboxes/capabilities',
      {},
      this._settings
    );
  }

  /**
   * List the sandboxes that this person may see, the newest first.
   */
  sandboxes(): Promise<SandboxList> {
    return sendJson<SandboxList>('sandboxes', {}, this._settings);
  }

  /**
   * Interrupt what runs in a sandbox.
   */
  async interrupt(id: string): Promise<void> {
    await send(`${pathOf(id)}/interrupt`, { method: 'POST' }, this._settings);
  }

  /**
   * Start a sandbox anew; its state is lost. With `data`, that is shown to it
   * from then on; without, what was.
   */
  async restart(id: string, data?: string[]): Promise<void> {
    const request: RestartRequest = { data };
    await send(
      `${pathOf(id)}/restart`,
      data ? post(request) : { method: 'POST' },
      this._settings
    );
  }

  /**
   * End a sandbox; its state and its files are lost.
   */
  async stop(id: string): Promise<void> {
    await send(pathOf(id), { method: 'DELETE' }, this._settings);
  }

  /**
   * Add packages to the environment of a sandbox, which then starts anew.
   */
  async addPackages(id: string, packages: string[]): Promise<void> {
    const request: PackagesRequest = { packages };
    await send(`${pathOf(id)}/packages`, post(request), this._settings);
  }

  /**
   * List what was written in a sandbox's working folder.
   */
  files(id: string): Promise<SandboxFiles> {
    return sendJson<SandboxFiles>(`${pathOf(id)}/files`, {}, this._settings);
  }

  /**
   * Read one file of a sandbox's working folder.
   */
  async download(id: string, path: string): Promise<Uint8Array> {
    const name = path.split('/').map(encodeURIComponent).join('/');
    const response = await send(
      `${pathOf(id)}/files/${name}`,
      {},
      this._settings
    );
    return new Uint8Array(await response.arrayBuffer());
  }
}

/**
 * The endpoints of the model, one typed function each.
 */
export class ModelApi implements IModelApi {
  constructor(private readonly _settings?: ServerConnection.ISettings) {}

  /**
   * Say what the model does now.
   */
  state(): Promise<ModelState> {
    return sendJson<ModelState>('model', {}, this._settings);
  }

  /**
   * Begin to start the model, or attach a server; return what it does then.
   */
  start(request: StartRequest): Promise<ModelState> {
    return sendJson<ModelState>('model/start', post(request), this._settings);
  }

  /**
   * Stop the model, or give its start up.
   */
  stop(): Promise<ModelState> {
    return sendJson<ModelState>(
      'model/stop',
      { method: 'POST' },
      this._settings
    );
  }

  /**
   * Say what fits this machine, and what does not.
   */
  plan(): Promise<ModelPlan> {
    return sendJson<ModelPlan>('model/plan', {}, this._settings);
  }

  /**
   * Return the engine's last lines.
   */
  logs(): Promise<ModelLogs> {
    return sendJson<ModelLogs>('model/logs', {}, this._settings);
  }
}

function post(request: object): RequestInit {
  return {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(request)
  };
}

function pathOf(id: string): string {
  return `sandboxes/${encodeURIComponent(id)}`;
}
