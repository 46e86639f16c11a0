import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { addSource, openPanel, pendingCells, shoot } from './helpers';
import { READY, StubbedModel } from './model_states';
import { putNotebook } from './pending_notebook';
import { JOBS, PRICES, SALES } from './sales';
import { serveSandboxes } from './sandbox_states';

test.use({ viewport: { width: 1280, height: 800 } });

/**
 * A panel beside two notebooks in which cells wait.
 */
async function open(
  page: IJupyterLabPageFixture,
  tmpPath: string
): Promise<Locator> {
  await putNotebook(page, `${tmpPath}/prices.ipynb`, PRICES);
  await putNotebook(page, `${tmpPath}/sales.ipynb`, SALES);
  await page.notebook.openByPath(`${tmpPath}/prices.ipynb`);
  await page.notebook.openByPath(`${tmpPath}/sales.ipynb`);
  return openPanel(page);
}

/**
 * Answer the list of jobs as of a server that has worked for a while.
 */
async function serveJobs(page: IJupyterLabPageFixture): Promise<string[]> {
  const asked: string[] = [];
  await page.route(/\/api\/v1\/code\/jobs(\?|$)/, route =>
    route.fulfill({ json: { jobs: JOBS } })
  );
  await page.route(/\/api\/v1\/code\/jobs\/means\//, (route, request) => {
    const what = new URL(request.url()).pathname.split('/').pop() ?? '';
    asked.push(`${request.method()} ${what}`);
    return what === 'request'
      ? route.fulfill({
          json: {
            task: 'Mean of one column, grouped by another',
            sources: [{ kind: 'package', uri: 'numpy' }],
            language: 'r',
            seed: 7
          }
        })
      : route.fulfill({
          status: 404,
          json: { title: 'Not Found', status: 404, detail: 'It is forgotten.' }
        });
  });
  return asked;
}

test('what waits in all open notebooks is listed, decided and opened', async ({
  page,
  tmpPath
}) => {
  const panel = await open(page, tmpPath);
  const tab = panel.getByRole('tab', { name: 'Review 6 pending cells' });
  await tab.click();
  await expect(panel).toContainText('6 cells wait for review, in 2 notebooks');
  const rows = panel.locator('[data-row]');
  await expect(rows).toHaveCount(6);

  await test.step('a cell is accepted from the list', async () => {
    await panel.getByRole('button', { name: /^Accept sales = / }).click();
    await expect(rows).toHaveCount(5);
    await expect(pendingCells(page)).toHaveCount(4);
  });

  await test.step('a cell is opened where it is', async () => {
    await panel.getByRole('button', { name: /^prices = / }).click();
    const cell = page.locator('.jp-Cell.jp-mod-active:visible');
    await expect(cell).toContainText('prices');
    await expect(page.locator('.jp-NotebookPanel:visible')).toHaveCount(1);
  });

  await test.step('a generation is rejected, with the keyboard', async () => {
    await panel
      .getByRole('button', { name: /^Reject all of: Draw a bar/ })
      .press('Enter');
    await expect(rows).toHaveCount(3);
    await expect(
      panel.getByRole('tab', { name: 'Review 3 pending cells' })
    ).toBeVisible();
  });
});

test('a notebook with 500 pending cells is listed at once', async ({
  page,
  tmpPath
}) => {
  const path = `${tmpPath}/big.ipynb`;
  const [, , made] = SALES;
  await putNotebook(
    page,
    path,
    Array.from({ length: 500 }, (_, at) => ({
      id: `c${at}`,
      source: `x${at} = ${at}`,
      gptoss: made?.gptoss
    }))
  );
  await page.notebook.openByPath(path);
  const panel = await openPanel(page);
  const tab = panel.getByRole('tab', { name: 'Review 500 pending cells' });
  await expect(tab).toBeVisible();
  const took = await tab.evaluate(async node => {
    const from = performance.now();
    (node as HTMLElement).click();
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return performance.now() - from;
  });
  await expect(panel.locator('[data-row]')).toHaveCount(40);
  expect(took).toBeLessThan(1000);
});

test('a job of the past is found, refilled, and replayed', async ({ page }) => {
  const asked = await serveJobs(page);
  const panel = await openPanel(page);
  await panel.getByRole('tab', { name: 'History' }).click();
  const rows = panel.locator('[data-row]');
  await expect(rows).toHaveCount(JOBS.length);
  await panel.getByRole('searchbox', { name: 'Filter the jobs' }).fill('mean');
  await expect(rows).toHaveCount(2);

  await test.step('the form gets what was asked for', async () => {
    await rows
      .first()
      .getByRole('button', { name: /^Refill/ })
      .click();
    await expect(panel.getByRole('textbox', { name: 'Task' })).toHaveValue(
      'Mean of one column, grouped by another'
    );
    await expect(panel.getByRole('textbox', { name: 'Task' })).toBeFocused();
    await expect(panel.getByRole('combobox', { name: 'Language' })).toHaveValue(
      'r'
    );
    await expect(
      panel.getByRole('button', { name: 'Remove numpy' })
    ).toBeVisible();
  });

  await test.step('what the server has forgotten is said', async () => {
    await panel.getByRole('tab', { name: 'History' }).click();
    await panel.getByRole('button', { name: /^Replay: Mean/ }).click();
    await panel.getByRole('tab', { name: 'Generate' }).click();
    await expect(panel.getByRole('alert').first()).toContainText(
      'It is forgotten.'
    );
    expect(asked).toEqual(['GET request', 'GET request', 'POST replay']);
  });
});

test('it fits a narrow sidebar, a wide one, 200 % and high contrast', async ({
  page,
  tmpPath
}) => {
  await serveJobs(page);
  const panel = await open(page, tmpPath);
  const overflow = (width: string) =>
    panel.evaluate((node, to) => {
      node.style.width = to;
      return node.scrollWidth - node.clientWidth;
    }, width);
  for (const name of ['Generate', 'Review', 'History']) {
    await panel.getByRole('tab', { name }).click();
    await panel.getByRole('button', { name: 'Keyboard', exact: true }).click();
    for (const width of ['220px', '640px']) {
      expect(await overflow(width)).toBeLessThanOrEqual(0);
    }
  }
  // As at 200 %.
  await page.setViewportSize({ width: 640, height: 400 });
  expect(await overflow('220px')).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  const tab = panel.getByRole('tab', { name: 'History' });
  await expect(tab).toHaveCSS('border-bottom-style', 'solid');
  const moving = await panel.evaluate(
    node =>
      node
        .getAnimations({ subtree: true })
        .filter(({ playState }) => playState === 'running').length
  );
  expect(moving).toBe(0);
});

test('the panel works on the right side, too', async ({ page }) => {
  const panel = await openPanel(page);
  await page.evaluate(() => {
    const { shell } = window.jupyterapp;
    const own = [...shell.widgets('left')].find(
      ({ id }) => id === 'gptoss-lab-panel'
    );
    if (own) {
      shell.add(own, 'right');
      shell.activateById(own.id);
    }
  });
  await expect(page.locator('#jp-right-stack #gptoss-lab-panel')).toBeVisible();
  await panel.getByRole('tab', { name: 'Review' }).click();
  await expect(panel).toContainText('Nothing waits for review.');
  await page.keyboard.press('Alt+G');
  await expect(panel.getByRole('textbox', { name: 'Task' })).toBeFocused();
});

test('what is sent is shown word for word, with the types of variables', async ({
  page,
  tmpPath
}) => {
  await putNotebook(page, `${tmpPath}/sent.ipynb`, [
    { id: 'own', source: 'fruit = ["pear"]' }
  ]);
  await page.notebook.openByPath(`${tmpPath}/sent.ipynb`);
  await page.notebook.runCell(0);
  const panel = await openPanel(page);
  await panel.getByRole('textbox', { name: 'Task' }).fill('Count the fruit');
  await panel.getByRole('button', { name: 'Show what is sent' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Nothing was sent yet.');
  await expect(dialog.locator('pre')).toHaveCount(3);
  const question = dialog.locator('pre').last();
  await expect(question).toContainText('- `fruit`: builtins.list, shape 1');
  await expect(question).toContainText('Count the fruit');
  await expect(dialog.getByRole('button', { name: 'Copy all' })).toBeVisible();
  if (process.env.GPTOSS_SCREENSHOTS === '1') {
    await shoot(page, 'prompt');
  }
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toHaveCount(0);
});

test('the pictures of the README', async ({ page, tmpPath }) => {
  test.skip(process.env.GPTOSS_SCREENSHOTS !== '1', 'They are made on demand');
  await serveJobs(page);
  await serveSandboxes(page);
  const model = new StubbedModel();
  model.state = READY;
  await model.serve(page);
  const panel = await open(page, tmpPath);
  await addSource(panel, 'pandas');
  await panel
    .getByRole('textbox', { name: 'Task' })
    .fill('Mean of one column, grouped by another');
  await shoot(page, 'panel');
  await panel.getByRole('tab', { name: 'Review' }).click();
  await expect(panel.locator('[data-row]')).toHaveCount(6);
  await shoot(page, 'review-tab');
  await panel.getByRole('tab', { name: 'History' }).click();
  await expect(panel.locator('[data-row]')).toHaveCount(JOBS.length);
  await shoot(page, 'history');
  // The sandboxes stand below the model.
  await page.evaluate(() =>
    window.jupyterapp.commands.execute('gptoss-lab:show-model')
  );
  await panel
    .locator('.jp-Gptoss-model')
    .evaluate(node => node.scrollIntoView({ block: 'start' }));
  await shoot(page, 'model');
  await page.sidebar.close('left');
  await shoot(page, 'review');
});

test('documentation is searched and opened from the panel', async ({
  page,
  tmpPath
}) => {
  // Indexes outlive a test: one that failed has left another of the same words.
  const unique = [...`${Date.now()}`]
    .map(digit => 'abcdefghij'[+digit])
    .join('');
  const name = `guide-${unique}`;
  const path = `${tmpPath}/${name}/rivers.md`;
  await page.contents.uploadContent(
    `# Rivers\n\nA flood is measured with a gauge${unique}, once per hour.\n`,
    'text',
    path
  );
  const panel = await openPanel(page);
  await page.evaluate(async uri => {
    const { serverSettings } = window.jupyterapp.serviceManager;
    const token = serverSettings.token;
    await fetch(`${serverSettings.baseUrl}api/v1/corpora`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Authorization: `token ${token}`
      },
      body: JSON.stringify({ kind: 'folder', uri })
    });
  }, `${tmpPath}/${name}`);
  const title = panel.getByRole('button', { name: 'Indexed documentation' });
  await title.focus();
  await page.keyboard.press('Enter');
  await expect(panel).toContainText('1 passage, read on');

  await test.step('with the keyboard alone', async () => {
    await page.keyboard.press('Tab');
    await page.keyboard.type(`gauge${unique}`);
    await page.keyboard.press('Enter');
    await expect(panel).toContainText('A flood is measured with a gauge');
    await shoot(page, 'library');
  });

  await test.step('a place opens here, and an index goes', async () => {
    await panel.getByRole('button', { name: 'Rivers' }).press('Enter');
    await expect(
      page.getByRole('main').getByRole('tab', { name: 'rivers.md' })
    ).toBeVisible();
    await panel
      .getByRole('button', { name: `Remove the index of ${name}` })
      .press('Enter');
    await expect(
      panel.locator('.jp-Gptoss-found', { hasText: unique })
    ).toHaveCount(0);
  });
});
