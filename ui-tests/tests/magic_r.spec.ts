import { expect, test } from '@jupyterlab/galata';

import { counts, pendingCells, sources } from './helpers';
import { asked, runCell } from './magic_cells';

test.use({ viewport: { width: 1280, height: 800 } });

const TASK = '%%gptoss --docs pandas\nmean of {one} column grouped by another';

test('%%gptoss in an R notebook is for the page to run', async ({ page }) => {
  const specs = await page.evaluate(async () => {
    const { kernelspecs } = window.jupyterapp.serviceManager;
    await kernelspecs.ready;
    return Object.keys(kernelspecs.specs?.kernelspecs ?? {});
  });
  test.skip(!specs.includes('ir'), 'no R kernel is installed');
  const bodies = asked(page);
  await page.notebook.createNew('magic-r.ipynb', { kernel: 'ir' });
  await page.notebook.setCell(0, 'code', TASK);
  await runCell(page, 0);
  await expect(pendingCells(page).first()).toBeVisible({ timeout: 120_000 });
  await expect(
    page.locator('.jp-NotebookPanel:visible .jp-Gptoss-magic')
  ).toContainText(/below waits? for your review/, {
    timeout: 120_000
  });
  expect(bodies).toHaveLength(1);
  // Words in braces are names of packages as well: R is told no variables.
  expect(bodies[0]).toMatchObject({
    language: 'r',
    task: 'mean of {one} column grouped by another'
  });
  expect((await sources(page))[0]).toBe(TASK);
  expect((await counts(page)).every(count => count === null)).toBe(true);
});
