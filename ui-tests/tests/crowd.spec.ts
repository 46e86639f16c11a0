import { expect, test } from '@jupyterlab/galata';

import { addSource, counts, openPanel, pendingCells } from './helpers';
import { putNotebook } from './pending_notebook';

/**
 * Beside jupyter-ai, jupyterlab-git, jupyter-server-nbmodel and
 * jupyter-collaboration, all in one JupyterLab.
 */
test.use({ viewport: { width: 1280, height: 800 } });

const PENDING = { review: 'pending', change: 'new', model: 'gpt-oss-20b' };

test('the guard stands before the executor of jupyter-server-nbmodel', async ({
  page,
  tmpPath
}) => {
  const path = `${tmpPath}/crowd.ipynb`;
  const executed: string[] = [];
  page.on('request', request => {
    if (/\/api\/kernels\/[^/]+\/execute\b/.test(request.url())) {
      executed.push(String(request.postDataJSON()?.code));
    }
  });
  await putNotebook(page, path, [
    { id: 'own', source: 'own = 1; own' },
    { id: 'new', source: 'print("unreviewed")', gptoss: PENDING }
  ]);
  await page.notebook.openByPath(path);
  await expect(pendingCells(page)).toHaveCount(1);
  await page.menu.clickMenuItem('Run>Run All Cells');
  await expect(
    page.getByText(/This cell is pending review. Accept it first/)
  ).toBeVisible();
  await expect.poll(() => counts(page)).toEqual([1, null]);
  // It is their executor that runs cells here.
  expect(executed).toEqual(['own = 1; own']);

  await pendingCells(page)
    .getByRole('button', { name: 'Accept', exact: true })
    .click();
  await page.menu.clickMenuItem('Run>Run All Cells');
  await expect.poll(() => counts(page)).toEqual([2, 3]);
  await expect(page.locator('.jp-OutputArea-output').last()).toHaveText(
    'unreviewed'
  );
});

test('%%gptoss and the panel work beside the others', async ({
  page,
  tmpPath
}) => {
  const errors: string[] = [];
  page.on('pageerror', error => errors.push(String(error)));
  const path = `${tmpPath}/magic.ipynb`;
  await putNotebook(page, path, [
    {
      id: 'magic',
      source: '%%gptoss --docs pandas\nmean of one column grouped by another'
    }
  ]);
  await page.notebook.openByPath(path);
  await page.menu.clickMenuItem('Run>Run All Cells');
  await expect(
    page.locator('.jp-NotebookPanel:visible .jp-Gptoss-magic')
  ).toContainText(/below waits? for your review/, { timeout: 120_000 });
  expect(await pendingCells(page).count()).toBeGreaterThanOrEqual(1);

  const panel = await openPanel(page);
  await addSource(panel, 'pandas');
  // Theirs open as they do without us.
  await page.sidebar.openTab('jp-git-sessions');
  await expect(page.locator('#jp-git-sessions')).toBeVisible();
  await page.getByRole('tab', { name: 'Jupyter Chat' }).click();
  await expect(
    page.getByRole('heading', { name: 'No chat opened' })
  ).toBeVisible();
  expect(errors).toEqual([]);
});
