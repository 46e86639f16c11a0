import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@jupyterlab/galata';

import { counts, pendingCells, sources } from './helpers';
import { asked, runCell } from './magic_cells';

test.use({ viewport: { width: 1280, height: 800 } });

const TASK = '%%gptoss --docs pandas\nmean of one column grouped by another';

test('%%gptoss in a Python notebook, and the notebook opened again', async ({
  page
}) => {
  const bodies = asked(page);
  await page.notebook.createNew('magic.ipynb', { kernel: 'python3' });
  await page.notebook.setCell(0, 'code', TASK);
  await page.notebook.addCell('code', 'after = 1');
  await runCell(page, 0);
  const line = page.locator('.jp-NotebookPanel:visible .jp-Gptoss-magic');
  await expect(line).toContainText(/below waits? for your review/, {
    timeout: 120_000
  });
  await expect(line).toContainText('pandas');
  const axe = await new AxeBuilder({ page })
    .include('.jp-Gptoss-magic')
    .analyze();
  expect(axe.violations).toEqual([]);

  const pending = pendingCells(page);
  const shown = await pending.count();
  expect(shown).toBeGreaterThanOrEqual(1);
  const texts = await sources(page);
  expect(texts[0]).toBe(TASK);
  expect(texts[texts.length - 1]).toBe('after = 1');
  expect(texts.slice(1, -1).join('\n')).toContain('groupby');
  // The kernel was asked nothing, and nothing that was written has run.
  expect(await counts(page)).toEqual(texts.map(() => null));
  expect(bodies).toHaveLength(1);
  expect(bodies[0]).toMatchObject({
    language: 'python',
    sources: [{ uri: 'pandas' }]
  });

  await page.notebook.save();
  await page.reload({ waitForIsReady: false });
  await expect(line).toContainText(/was asked here|for your review/, {
    timeout: 60_000
  });
  await expect(pending).toHaveCount(shown);
  expect(await sources(page)).toEqual(texts);
  // Run all runs what is the person's, and asks for nothing again.
  await page.menu.clickMenuItem('Run>Run All Cells');
  await expect.poll(() => counts(page)).toContain(1);
  expect(bodies).toHaveLength(1);
});

test('a variable is told by what it is, and the kernel says so', async ({
  page
}) => {
  const bodies = asked(page);
  await page.notebook.createNew('variable.ipynb', { kernel: 'python3' });
  // A kernel that does not know the magic is no dead end.
  await page.notebook.setCell(0, 'code', '%%gptoss\nplot {df}');
  await runCell(page, 0);
  await expect(
    page.getByText('run `%load_ext gptoss_lab.magics`', { exact: false })
  ).toBeVisible({ timeout: 60_000 });

  await page.notebook.setCell(
    0,
    'code',
    '%load_ext gptoss_lab.magics\nimport pandas as pd\ndf = pd.DataFrame({"salary": [424242.0]})'
  );
  await page.notebook.addCell('code', `${TASK}, of {df}`);
  await page.notebook.addCell('code', '%%gptoss --docs pandas\nplot {nothing}');
  await runCell(page, 0);
  await runCell(page, 1);
  const line = page.locator('.jp-NotebookPanel:visible .jp-Gptoss-magic');
  await expect(line).toContainText(/below waits? for your review/, {
    timeout: 120_000
  });
  await line.locator('summary').click();
  await expect(line.locator('li')).toContainText('salary (float64)');
  expect(bodies).toHaveLength(1);
  expect(bodies[0]?.task).toContain('salary (float64)');
  expect(bodies[0]?.task).not.toContain('424242');

  await page.notebook.addCell('code', '%gptoss status');
  const status = (await sources(page)).length - 1;
  await runCell(page, status);
  // The kernel finds the server that started it by that server's own record.
  await expect(
    page.getByText(
      'No model is attached: examples from the documentation answer.'
    )
  ).toBeVisible();

  const last = status - 1;
  await runCell(page, last);
  await expect(
    page.getByText('There is no variable `nothing` here', { exact: false })
  ).toBeVisible();
  expect(bodies).toHaveLength(1);
});

test('a wrong option asks for nothing and says what to do', async ({
  page
}) => {
  const bodies = asked(page);
  await page.notebook.createNew('wrong.ipynb', { kernel: 'python3' });
  await page.notebook.setCell(0, 'code', '%%gptoss --papre 2401.1\nfigure 2');
  await runCell(page, 0);
  await expect(page.getByText('There is no option --papre.')).toBeVisible();
  expect(bodies).toEqual([]);
});
