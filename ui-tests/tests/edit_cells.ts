import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

/**
 * A cell that waits for review, as a notebook holds it.
 */
export function pending(source: string, original = ''): object {
  return {
    cell_type: 'code',
    source,
    outputs: [],
    execution_count: null,
    metadata: {
      gptoss_lab: {
        review: 'pending',
        change: original === '' ? 'new' : 'changed',
        original,
        generated: source,
        job: 'earlier',
        cell: 'c1',
        task: 'Mean of one column',
        generator: 'model',
        model: 'gpt-oss-20b'
      }
    }
  };
}

/**
 * A cell of the person's own, with an error below it where one is given.
 */
export function own(source: string, error: string[] = []): object {
  return {
    cell_type: 'code',
    source,
    metadata: {},
    execution_count: 1,
    outputs: error.length
      ? [
          {
            output_type: 'error',
            ename: 'KeyError',
            evalue: "'b'",
            traceback: error
          }
        ]
      : []
  };
}

/**
 * Put a notebook on the server and open it.
 */
export async function openNotebook(
  page: IJupyterLabPageFixture,
  folder: string,
  name: string,
  cells: object[],
  language = 'python'
): Promise<void> {
  const kernel = language === 'r' ? 'gptoss-r' : 'python3';
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: kernel, display_name: kernel, language },
      language_info: { name: language }
    },
    cells: cells.map((cell, index) => ({ id: `cell-${index}`, ...cell }))
  };
  const path = `${folder}/${name}`;
  await page.contents.uploadContent(JSON.stringify(notebook), 'text', path);
  await page.notebook.openByPath(path);
  await page.notebook.activate(name);
}
