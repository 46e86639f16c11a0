import type { ServerConnection } from '@jupyterlab/services';

import { send, sendJson } from './request';
import type { CorpusInfo, CorpusList, DocHits } from './wire/schema';

/**
 * The endpoints of the documentation that is indexed.
 */
export class LibraryApi {
  constructor(private readonly _settings?: ServerConnection.ISettings) {}

  /**
   * List what is indexed, newest first.
   */
  list(): Promise<CorpusList> {
    return sendJson<CorpusList>('corpora', {}, this._settings);
  }

  /**
   * Read the source of an index again.
   */
  refresh(id: string): Promise<CorpusInfo> {
    return sendJson<CorpusInfo>(
      `corpora/${encodeURIComponent(id)}/refresh`,
      { method: 'POST' },
      this._settings
    );
  }

  /**
   * Remove an index; its source is not touched.
   */
  async remove(id: string): Promise<void> {
    await send(
      `corpora/${encodeURIComponent(id)}`,
      { method: 'DELETE' },
      this._settings
    );
  }

  /**
   * Return the places that fit some words, best first.
   */
  search(words: string): Promise<DocHits> {
    return sendJson<DocHits>(
      `corpora/search?q=${encodeURIComponent(words)}`,
      {},
      this._settings
    );
  }
}
