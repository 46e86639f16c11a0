import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { expectAccessible } from './axe';
import { openPanel, pendingCells } from './helpers';
import { putNotebook } from './pending_notebook';
import { JOBS, SALES } from './sales';

test.use({ viewport: { width: 1280, height: 800 } });

const PANEL = '#gptoss-lab-panel';

test('nothing bars people from the panel, in any of its tabs', async ({
  page,
  tmpPath
}) => {
  let jobs: unknown[] = [];
  await page.route(/\/api\/v1\/code\/jobs(\?|$)/, route =>
    route.fulfill({ json: { jobs } })
  );
  const panel = await openPanel(page);
  await expect(panel).toContainText('Next:');
  await panel.getByRole('button', { name: 'Keyboard', exact: true }).click();
  await expectAccessible(page, PANEL);
  await panel.getByRole('button', { name: 'Keyboard', exact: true }).click();

  await test.step('where nothing is there yet', async () => {
    await panel.getByRole('tab', { name: 'Review' }).click();
    await expect(panel).toContainText('Nothing waits for review.');
    await expectAccessible(page, PANEL);
    await panel.getByRole('tab', { name: 'History' }).click();
    await expect(panel).toContainText('Nothing was asked for yet.');
    await expectAccessible(page, PANEL);
  });

  await test.step('where there is something', async () => {
    jobs = JOBS;
    await panel.getByRole('tab', { name: 'Generate' }).click();
    await panel.getByRole('tab', { name: 'History' }).click();
    await expect(panel.locator('[data-row]')).toHaveCount(JOBS.length);
    await expectAccessible(page, PANEL);
    await putNotebook(page, `${tmpPath}/sales.ipynb`, SALES);
    // The file browser, where a notebook is opened else, is behind the panel.
    await page.evaluate(async path => {
      await window.jupyterapp.commands.execute('docmanager:open', { path });
    }, `${tmpPath}/sales.ipynb`);
    await panel.getByRole('tab', { name: 'Review' }).click();
    await expect(panel.locator('[data-row]')).toHaveCount(5);
    await expectAccessible(page, PANEL, '.jp-Gptoss-header');
  });

  await test.step('nor from the box for an instruction', async () => {
    await page.notebook.selectCells(0);
    await page.keyboard.press('Alt+I');
    await expectAccessible(page, '.jp-Gptoss-edit');
    await page.keyboard.press('Escape');
  });
});

test('the settings say what they do, and are accessible', async ({ page }) => {
  await page.evaluate(() =>
    window.jupyterapp.commands.execute('settingeditor:open', {
      query: 'gpt-oss'
    })
  );
  const form = page.locator('#jp-SettingsEditor-gptoss-lab\\:plugin');
  await expect(form).toContainText('Run cells in a sandbox first');
  const cap = form.locator('input[id$="_cellTimeout"]');
  await cap.fill('86400');
  await cap.press('Tab');
  const panel = await openPanel(page);
  await expect(panel).toContainText(
    /at most \d+ s: this server does not allow/
  );
  await expectAccessible(page, PANEL);
});

test('the keyboard alone leads from the start to an accepted cell', async ({
  page
}) => {
  await page.keyboard.press('Alt+G');
  const panel = page.locator(PANEL);
  const task = panel.getByRole('textbox', { name: 'Task' });
  await expect(task).toBeFocused();
  await tabTo(page, 'Add documentation', 'Shift+Tab');
  await page.keyboard.type('pandas');
  await page.keyboard.press('Enter');
  await expect(
    panel.getByRole('button', { name: 'Remove pandas' })
  ).toBeVisible();
  await tabTo(page, 'Task');
  await page.keyboard.type('Mean of one column, grouped by another');
  await page.keyboard.press('Control+Enter');
  await expect(panel.getByText(/^\d+ pending$/)).toBeVisible({
    timeout: 60_000
  });

  await test.step('from the panel to the first cell that waits', async () => {
    await page.keyboard.press('Alt+G');
    await tabTo(page, 'Generate', 'Shift+Tab', 'tab');
    await page.keyboard.press('ArrowRight');
    await expect(panel.getByRole('tab', { name: /^Review/ })).toBeFocused();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await expect(panel.locator('[data-row] button:focus')).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page.locator('.jp-Notebook:focus-within')).toBeVisible();
  });

  await test.step('and there to a decision', async () => {
    const waiting = await pendingCells(page).count();
    expect(waiting).toBeGreaterThan(0);
    await page.keyboard.press('Alt+Y');
    await expect(pendingCells(page)).toHaveCount(waiting - 1);
    await page.keyboard.press('Alt+J');
    await page.keyboard.press('Alt+Shift+Y');
    await expect(pendingCells(page)).toHaveCount(0);
  });
});

/**
 * Press Tab until what has the focus has this name.
 */
async function tabTo(
  page: IJupyterLabPageFixture,
  name: string,
  key = 'Tab',
  role = ''
): Promise<void> {
  const names: string[] = [];
  for (let step = 0; step < 30; step += 1) {
    await page.keyboard.press(key);
    const now = await page.evaluate(() => {
      const node = document.activeElement;
      const label = node?.id
        ? document.querySelector(`label[for="${node.id}"]`)
        : null;
      return {
        role: node?.getAttribute('role') ?? '',
        name:
          node?.getAttribute('aria-label') ??
          label?.textContent ??
          node?.textContent ??
          ''
      };
    });
    names.push(now.name);
    if (now.name.startsWith(name) && now.role === role) {
      return;
    }
  }
  throw new Error(`The keyboard came by ${names.join(', ')}, not ${name}`);
}
