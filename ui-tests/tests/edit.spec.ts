import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@jupyterlab/galata';

import { openNotebook, own, pending } from './edit_cells';
import { counts, shoot } from './helpers';

test.use({ viewport: { width: 1280, height: 800 } });

const ERROR = [
  '\u001b[0;31m---------------------------------\u001b[0m',
  'Cell In[1], line 2',
  "\u001b[0;31mKeyError\u001b[0m: 'b'"
];

test('an instruction is written, shown and sent from the cell', async ({
  page,
  tmpPath
}) => {
  await openNotebook(page, tmpPath, 'edit.ipynb', [
    own("import pandas as pd\npd.DataFrame({'a': [1]})['b']", ERROR),
    own('total = 1')
  ]);
  const notebook = page.locator('.jp-NotebookPanel:visible');
  const box = notebook.locator('.jp-Gptoss-edit');

  await test.step('the box opens by a key, in the cell, and closes', async () => {
    await page.notebook.selectCells(1);
    await page.keyboard.press('Alt+I');
    await expect(box.getByRole('textbox', { name: 'Edit' })).toBeFocused();
    await page.keyboard.type('first');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('second');
    await expect(box.getByRole('textbox')).toHaveValue('first\nsecond');
    await shoot(page, 'edit-box');
    await page.keyboard.press('Escape');
    await expect(box).toHaveCount(0);
    await page.keyboard.press('Alt+I');
    await expect(box).toBeVisible();
  });
  expect(await counts(page)).toEqual([1, 1]);
});

test('a pending cell is run in a sandbox before it is accepted', async ({
  page,
  tmpPath
}) => {
  await openNotebook(page, tmpPath, 'run.ipynb', [
    own('import pandas as pd\nprices = pd.DataFrame({"a": [1, 2]})'),
    pending('print("seen")\nprices * 2', 'prices')
  ]);
  const notebook = page.locator('.jp-NotebookPanel:visible');
  await page.notebook.selectCells(1);
  await page.keyboard.press('Alt+Shift+R');
  const preview = notebook.getByRole('group', { name: 'Sandbox preview' });
  await expect(preview).toContainText(/Ran in sandbox .* s · \d+ MB/, {
    timeout: 60_000
  });
  await expect(preview).toContainText('seen');
  await expect(preview.locator('table')).toBeVisible();
  await shoot(page, 'edit-preview');
  const axe = await new AxeBuilder({ page })
    .include('.jp-Gptoss-preview-head')
    .analyze();
  expect(axe.violations).toEqual([]);
});
