import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@jupyterlab/galata';

import {
  addSource,
  counts,
  openPanel,
  pendingCells,
  recordLengths,
  recordedLengths,
  shoot,
  sources,
  untilReviewable
} from './helpers';

const TASK = 'Mean of one column, grouped by another';

test.use({ viewport: { width: 1280, height: 800 } });

test('documentation and a task become reviewed cells', async ({ page }) => {
  await page.notebook.createNew('sales.ipynb', { kernel: 'python3' });
  const panel = await openPanel(page);
  await expect(panel.getByText('Model: gpt-oss-20b')).toBeVisible();
  await addSource(panel, 'pandas');
  await panel.getByRole('textbox', { name: 'Task' }).fill(TASK);
  await recordLengths(page);
  await panel.getByRole('button', { name: 'Generate' }).click();
  await expect(
    panel.getByRole('button', { name: 'Stop', exact: true })
  ).toBeVisible();

  await test.step('the text grows while the model answers', async () => {
    await untilReviewable(panel);
    const lengths = await recordedLengths(page);
    // More steps than cells: text came in parts, not cell by cell. A cell's
    // end may shorten it, where the model's notes are taken out.
    const grown = lengths.filter(
      (length, at) => length > (lengths[at - 1] ?? 0)
    );
    expect(grown.length).toBeGreaterThan(5);
  });

  const pending = pendingCells(page);
  const written = await pending.count();
  expect(written).toBe(4);
  expect((await sources(page)).join('\n')).toContain('groupby');
  await shoot(page, 'panel');

  await test.step('each pending cell says how it did in the sandbox', async () => {
    await expect(
      pending.locator('.jp-Gptoss-badge.jp-mod-ok').first()
    ).toHaveText(
      /^Verified in sandbox \((bubblewrap|docker)\) · [\d.]+ s · \d+ MB$/
    );
    await expect(pending.nth(3)).toContainText('pandas.');
  });

  await test.step('a pending cell does not run, however it is asked', async () => {
    await page.notebook.selectCells(1);
    await page.keyboard.press('Control+Enter');
    const refusal = page.locator('.Toastify__toast').filter({
      hasText: 'pending review. Accept it first (Alt Y)'
    });
    await expect(refusal).toBeVisible();
    await page.evaluate(() =>
      window.jupyterapp.commands.execute('notebook:run-all-cells')
    );
    await expect(
      page
        .locator('.Toastify__toast')
        .filter({ hasText: '2 cells are pending review and did not run' })
    ).toBeVisible();
    expect(await counts(page)).toEqual([null, null, null, null, null]);
    await expect(pending).toHaveCount(written);
  });

  await test.step('an accepted cell runs', async () => {
    await pending.nth(1).getByRole('button', { name: 'Accept' }).click();
    await expect(pending).toHaveCount(written - 1);
    await page.notebook.selectCells(1);
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => counts(page)).toContain(1);
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => counts(page)).toContain(2);
  });

  await test.step('a rejected cell goes, and undo brings it back', async () => {
    await pending.last().getByRole('button', { name: 'Reject' }).click();
    await expect(pending).toHaveCount(written - 2);
    expect((await sources(page)).join('\n')).not.toContain('groupby');
    await page.notebook.selectCells(0);
    await page.keyboard.press('Escape');
    await page.keyboard.press('z');
    await expect(pending).toHaveCount(written - 1);
    expect((await sources(page)).join('\n')).toContain('groupby');
  });
  await shoot(page, 'review');

  await test.step('nothing in the panel or the headers bars anyone', async () => {
    const results = await new AxeBuilder({ page })
      .include('#gptoss-lab-panel')
      .include('.jp-Gptoss-review')
      .analyze();
    expect(
      results.violations.map(({ id, nodes }) => [
        id,
        nodes.map(node => node.html)
      ])
    ).toEqual([]);
  });

  await test.step('restart and run all asks the kernel for it alone', async () => {
    const prompts = page.locator('.jp-CodeCell .jp-InputPrompt');
    await page.evaluate(() => {
      void window.jupyterapp.commands.execute('notebook:restart-run-all');
    });
    await page.locator('.jp-Dialog .jp-mod-accept').click();
    // Whether the kernel has answered yet is the kernel's business.
    await expect(prompts.first()).toHaveText(/\[(\*|1)\]:/);
    await expect(prompts.nth(1)).toHaveText('[ ]:');
    expect((await counts(page)).slice(2)).toEqual([null, null, null]);
  });

  await test.step('undo this generation removes what still waits', async () => {
    await page.evaluate(() =>
      window.jupyterapp.commands.execute('gptoss-lab:undo-generation')
    );
    await expect(pending).toHaveCount(0);
    expect(await sources(page)).toHaveLength(2);
  });
});

test('the keyboard alone is enough', async ({ page }) => {
  await page.notebook.createNew('keys.ipynb', { kernel: 'python3' });
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+G');
  const panel = page.locator('#gptoss-lab-panel');
  await expect(panel.getByRole('textbox', { name: 'Task' })).toBeFocused();
  await page.keyboard.type(TASK);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  const add = panel.getByRole('textbox', { name: 'Add documentation' });
  for (let step = 0; step < 4; step += 1) {
    if (await add.evaluate(node => node === document.activeElement)) {
      break;
    }
    await page.keyboard.press('Shift+Tab');
  }
  await expect(add).toBeFocused();
  await page.keyboard.type('pandas');
  await page.keyboard.press('Enter');
  await expect(
    panel.getByRole('button', { name: 'Remove pandas' })
  ).toBeVisible();
  await page.keyboard.press('Alt+G');
  await page.keyboard.press('Control+Enter');
  await untilReviewable(panel);

  const pending = pendingCells(page);
  await page.evaluate(() =>
    window.jupyterapp.shell.activateById(
      (window.jupyterapp.shell.currentWidget as { id: string }).id
    )
  );
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+J');
  await page.keyboard.press('Alt+Y');
  await expect(pending).toHaveCount(3);
  await page.keyboard.press('Alt+Y');
  await expect(pending).toHaveCount(2);
  await page.keyboard.press('Alt+N');
  await expect(pending).toHaveCount(1);
  await page.keyboard.press('Alt+K');
  await page.keyboard.press('Alt+Shift+N');
  await expect(pending).toHaveCount(0);
});

test('a page that is loaded again goes on with its job', async ({ page }) => {
  await page.notebook.createNew('again.ipynb', { kernel: 'python3' });
  const panel = await openPanel(page);
  await addSource(panel, 'pandas');
  await panel.getByRole('textbox', { name: 'Task' }).fill(TASK);
  await panel.getByRole('button', { name: 'Generate' }).click();
  await expect(pendingCells(page).first()).toBeVisible({ timeout: 60_000 });
  await page.notebook.save();
  await page.reload({ waitForIsReady: false });
  await expect(pendingCells(page)).toHaveCount(4, { timeout: 60_000 });
  await untilReviewable(page.locator('#gptoss-lab-panel'));
  const text = (await sources(page)).join('\n');
  expect(text.match(/import pandas/g)).toHaveLength(1);
  expect(text.match(/groupby/g)).toHaveLength(1);
});
