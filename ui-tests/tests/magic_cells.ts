import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

/**
 * What the page asks the server for.
 */
export interface IBody {
  task: string;
  language: string;
  sources: { uri: string }[];
}

/**
 * Note what the page asks of the server.
 */
export function asked(page: IJupyterLabPageFixture): IBody[] {
  const bodies: IBody[] = [];
  page.on('request', request => {
    if (
      request.method() === 'POST' &&
      request.url().includes('/api/v1/code/generate')
    ) {
      bodies.push(request.postDataJSON() as IBody);
    }
  });
  return bodies;
}

/**
 * Run a cell. A cell that no kernel ran gets no number, for which Galata waits.
 */
export async function runCell(
  page: IJupyterLabPageFixture,
  index: number
): Promise<void> {
  await page.notebook.selectCells(index);
  await page.keyboard.press('Control+Enter');
}
