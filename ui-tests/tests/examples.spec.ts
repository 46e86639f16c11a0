import { expect, test } from '@jupyterlab/galata';

import {
  addSource,
  openPanel,
  pendingCells,
  sources,
  untilReviewable
} from './helpers';

test.use({ viewport: { width: 1280, height: 800 } });

test('examples of the documentation answer where no model is', async ({
  page
}) => {
  // No notebook is open: one is made for the cells.
  const panel = await openPanel(page);
  await expect(
    panel.getByText(/^No model is .*: examples from the documentation/)
  ).toBeVisible();
  await addSource(panel, 'pandas');
  await panel
    .getByRole('textbox', { name: 'Task' })
    .fill('mean of one column grouped by another');
  await panel.getByRole('button', { name: 'Generate' }).click();
  await untilReviewable(panel);

  const pending = pendingCells(page);
  expect(await pending.count()).toBeGreaterThanOrEqual(1);
  expect((await sources(page)).join('\n')).toContain('groupby');
  await expect(pending.first()).toContainText('Example from the documentation');
  await expect(pending.locator('.jp-Gptoss-source').first()).toBeVisible();
  await expect(page.getByTitle('Switch kernel')).toContainText(
    'Python 3 (sandbox, no network)'
  );

  await panel.getByRole('button', { name: 'Reject all' }).click();
  await expect(pending).toHaveCount(0);
  await expect(panel.getByText(/^\d+ rejected$/)).toBeVisible();
});

test('a source that is not there says what to do', async ({ page }) => {
  await page.notebook.createNew('none.ipynb', { kernel: 'python3' });
  const panel = await openPanel(page);
  await addSource(panel, 'no-such-package-at-all');
  await panel.getByRole('textbox', { name: 'Task' }).fill('anything');
  await panel.getByRole('button', { name: 'Generate' }).click();
  await expect(panel.getByText(/no-such-package-at-all/).nth(1)).toBeVisible({
    timeout: 60_000
  });
  await expect(panel.getByRole('button', { name: 'Generate' })).toBeVisible({
    timeout: 60_000
  });
  await expect(pendingCells(page)).toHaveCount(0);
});
