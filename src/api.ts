import type { ServerConnection } from '@jupyterlab/services';

import { readEvents } from './events';
import type { IReadOptions } from './events';
import { send, sendJson } from './request';
import type { IGenerationApi } from './tokens';
import type {
  CodeGenerationRequest,
  CodeGenerationResponse,
  Event,
  Health,
  JobAccepted
} from './wire/schema';

/**
 * The HTTP API of the server extension, one typed function per endpoint.
 */
export class GenerationApi implements IGenerationApi {
  constructor(private readonly _settings?: ServerConnection.ISettings) {}

  /**
   * Start a generation.
   */
  generate(request: CodeGenerationRequest): Promise<JobAccepted> {
    return sendJson<JobAccepted>(
      'code/generate',
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(request)
      },
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
