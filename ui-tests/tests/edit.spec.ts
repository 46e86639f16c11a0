import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { openNotebook, own, pending } from './edit_cells';
import { counts, pendingCells, shoot, sources } from './helpers';

test.use({ viewport: { width: 1280, height: 800 } });

const ERROR = [
  '\u001b[0;31m---------------------------------\u001b[0m',
  'Cell In[1], line 2',
  "\u001b[0;31mKeyError\u001b[0m: 'b'"
];

/**
 * What bars people in a part of the page.
 */
async function barriers(
  page: IJupyterLabPageFixture,
  selector: string
): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .include(selector)
    .analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`
  );
}

test('cells are edited from where they stand, by the keyboard', async ({
  page,
  tmpPath
}) => {
  await openNotebook(page, tmpPath, 'edit.ipynb', [
    own("import pandas as pd\npd.DataFrame({'a': [1]})['b']", ERROR),
    own('total = 1')
  ]);
  const notebook = page.locator('.jp-NotebookPanel:visible');
  const box = notebook.locator('.jp-Gptoss-edit');
  const words = box.getByRole('textbox');

  await test.step('a key opens the box, Escape closes it', async () => {
    await page.notebook.selectCells(1);
    await page.keyboard.press('Alt+I');
    await expect(words).toBeFocused();
    await page.keyboard.type('first');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('second');
    await expect(words).toHaveValue('first\nsecond');
    await page.keyboard.press('Escape');
    await expect(box).toHaveCount(0);
    // The keyboard is back in the notebook, at the same cell.
    await page.keyboard.press('Alt+I');
    await expect(words).toBeFocused();
    await page.keyboard.press('Escape');
  });

  await test.step('the cell lists what can be done, with reasons', async () => {
    await page.keyboard.press('Alt+Shift+I');
    const menu = page.locator('.lm-Menu');
    await expect(menu).toContainText(
      'Fix the Error… (There is no error in its outputs)'
    );
    await shoot(page, 'edit-menu');
    await page.keyboard.press('Escape');
  });

  await test.step('an error is fixed: shown as sent, then as a change', async () => {
    await notebook.getByRole('button', { name: 'Fix with gpt-oss…' }).click();
    await expect(words).toBeFocused();
    await expect(box).toContainText('Model: gpt-oss-20b');
    await box.locator('summary').click();
    await expect(box.locator('pre')).toContainText("KeyError: 'b'");
    await shoot(page, 'edit-fix');
    expect(await barriers(page, '.jp-Gptoss-edit')).toEqual([]);
    await words.fill('[[script:fix_cell]]');
    await words.press('Enter');
    await expect(box.getByRole('button', { name: 'Stop' })).toBeVisible();
    await expect(pendingCells(page)).toHaveCount(1, { timeout: 60_000 });
    await expect(box).toHaveCount(0, { timeout: 60_000 });
  });
  await shoot(page, 'edit-fixed');

  await test.step('what was asked before comes back with an arrow', async () => {
    await page.notebook.selectCells(1);
    await page.keyboard.press('Alt+I');
    await page.keyboard.press('ArrowUp');
    await expect(words).toHaveValue('[[script:fix_cell]]');
    await page.keyboard.press('Escape');
  });
  expect((await sources(page))[1]).toBe('total = 1');
  expect(await counts(page)).toEqual([1, 1]);
});

test('a pending cell is run in a sandbox, and redone', async ({
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
  expect(await barriers(page, '.jp-Gptoss-preview-head')).toEqual([]);

  await test.step('nothing of it is kept', async () => {
    await page.notebook.save();
    const saved = await page.contents.getContentMetadata(
      `${tmpPath}/run.ipynb`
    );
    expect(JSON.stringify(saved?.content)).not.toContain('seen\\n');
    await preview.getByRole('button', { name: 'Remove' }).click();
    await expect(preview).toHaveCount(0);
  });

  await test.step('only this cell is generated anew', async () => {
    await page.keyboard.press('Alt+R');
    await page.keyboard.type('[[script:redo_cell]]');
    await page.keyboard.press('Enter');
    await expect
      .poll(async () => (await sources(page))[1], { timeout: 60_000 })
      .not.toContain('seen');
    await expect(notebook.locator('.jp-Gptoss-edit')).toHaveCount(0, {
      timeout: 60_000
    });
    await expect(pendingCells(page)).toHaveCount(1);
  });
  await shoot(page, 'edit-redone');
});
