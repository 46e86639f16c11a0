import type { ServerConnection } from '@jupyterlab/services';

import { sendJson } from './request';
import type { Monitor } from './wire/schema';

/**
 * The endpoint of the figures.
 */
export class MonitorApi {
  constructor(private readonly _settings?: ServerConnection.ISettings) {}

  /**
   * Say how well the server and its generations have done over the last hours.
   */
  monitor(hours: number, signal: AbortSignal): Promise<Monitor> {
    return sendJson<Monitor>(
      `monitor?hours=${hours}`,
      { signal },
      this._settings
    );
  }
}
