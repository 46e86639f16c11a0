import type { ServerConnection } from '@jupyterlab/services';

import { send } from './request';
import type { FeedbackItem, FeedbackRequest } from './wire/schema';

/**
 * The formats of a report.
 */
export type ReportFormat = 'md' | 'html';

/**
 * The endpoints of records, one typed function each.
 */
export class RecordsApi {
  constructor(private readonly _settings?: ServerConnection.ISettings) {}

  /**
   * Tell the server how reviews ended.
   */
  async feedback(items: FeedbackItem[]): Promise<void> {
    const request: FeedbackRequest = { items };
    const init = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(request)
    };
    await send('feedback', init, this._settings);
  }

  /**
   * Return what was generated in a saved notebook.
   */
  async report(
    path: string,
    format: ReportFormat,
    theme: 'auto' | 'light' | 'dark' = 'auto'
  ): Promise<string> {
    const query = new URLSearchParams({ path, format, theme });
    const response = await send(`report?${query}`, {}, this._settings);
    return response.text();
  }
}
