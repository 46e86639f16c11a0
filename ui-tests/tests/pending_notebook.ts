import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

/**
 * A cell of a notebook that is made for a test.
 */
export interface IMadeCell {
  id: string;
  source: string;

  /**
   * What it is; code, where it does not say.
   */
  type?: 'code' | 'markdown';

  /**
   * Members of its provenance; a cell without is the person's own.
   */
  gptoss?: Record<string, unknown>;
}

/**
 * Put a notebook with such cells on the server.
 */
export async function putNotebook(
  page: IJupyterLabPageFixture,
  path: string,
  cells: readonly IMadeCell[],
  kernel = 'python3'
): Promise<void> {
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: kernel, display_name: kernel, language: 'python' }
    },
    cells: cells.map(({ id, source, gptoss, type = 'code' }) => ({
      id,
      cell_type: type,
      source,
      ...(type === 'code' ? { outputs: [], execution_count: null } : {}),
      metadata: gptoss
        ? { gptoss_lab: { job: 'j1', cell: id, generator: 'model', ...gptoss } }
        : {}
    }))
  };
  await page.contents.uploadContent(JSON.stringify(notebook), 'text', path);
}
