import { expect, galata, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Browser } from '@playwright/test';

import { counts, pendingCells, shoot, sources } from './helpers';
import { putNotebook } from './pending_notebook';

test.use({ viewport: { width: 1280, height: 800 } });

const WAITS = { review: 'pending', change: 'new', model: 'gpt-oss-20b' };
const CELLS = [
  { id: 'own', source: 'own = 1' },
  { id: 'new', source: 'new_a = 2\nnew_b = 3', gptoss: WAITS },
  {
    id: 'changed',
    source: 'x = 10\ny = 20',
    gptoss: { ...WAITS, change: 'changed', original: 'x = 1\ny = 2' }
  },
  {
    id: 'deleted',
    source: 'old = 4',
    gptoss: { ...WAITS, change: 'deleted', original: 'old = 4' }
  },
  { id: 'last', source: 'last = 5' }
];
const TEXTS = CELLS.map(({ source }) => source);

test('pending cells survive save, reload and a second page', async ({
  page,
  browser,
  baseURL,
  tmpPath
}) => {
  const path = `${tmpPath}/kept.ipynb`;
  await open(page, path);
  await guardSpeaks(page, 3);
  expect(await counts(page)).toEqual([1, null, null, null, 2]);
  await page.menu.clickMenuItem('File>Save Notebook');
  await page.reload({ waitForIsReady: false });
  await expect(pendingCells(page)).toHaveCount(3);
  expect(await sources(page)).toEqual(TEXTS);
  await guardSpeaks(page, 3);

  const second = await secondPage(browser, baseURL, tmpPath);
  await second.notebook.openByPath(path);
  await expect(pendingCells(second)).toHaveCount(3);
  await guardSpeaks(second, 3);
  await second.context().close();
});

test('pending cells survive what is done to cells', async ({
  page,
  tmpPath
}) => {
  await open(page, `${tmpPath}/moved.ipynb`);

  // A copy waits as well.
  await page.notebook.selectCells(1);
  await page.menu.clickMenuItem('Edit>Copy Cell');
  await page.notebook.selectCells(4);
  await page.menu.clickMenuItem('Edit>Paste Cell Below');
  await expect(pendingCells(page)).toHaveCount(4);
  await guardSpeaks(page, 4);
  await page.menu.clickMenuItem('Edit>Undo Cell Operation');
  await expect(pendingCells(page)).toHaveCount(3);

  // Both parts of a split cell wait, each with its share of the old text.
  await splitAt(page, 2, 1);
  await expect(pendingCells(page)).toHaveCount(4);
  expect((await sources(page)).slice(2, 4)).toEqual(['x = 10', 'y = 20']);
  await shoot(page, 'pending-split');
  await guardSpeaks(page, 4);

  // What is merged with a pending cell waits.
  await page.notebook.selectCells(0, 1);
  await page.menu.clickMenuItem('Edit>Merge Selected Cells');
  expect((await sources(page))[0]).toBe('own = 1\n\nnew_a = 2\nnew_b = 3');
  await expect(pendingCells(page)).toHaveCount(4);
  await guardSpeaks(page, 4);

  // So does what was Markdown for a while, and what was moved.
  await page.notebook.setCellType(0, 'markdown');
  await page.notebook.setCellType(0, 'code');
  await page.notebook.selectCells(0);
  await page.menu.clickMenuItem('Edit>Move Cell Down');
  await expect(pendingCells(page)).toHaveCount(4);
  await guardSpeaks(page, 4);

  // To reject all is to have the old texts, each once.
  await page.menu.clickMenuItem('Edit>Reject All Pending Cells');
  await expect(pendingCells(page)).toHaveCount(0);
  expect((await sources(page)).sort()).toEqual(
    ['own = 1', 'x = 1', 'y = 2', 'old = 4', 'last = 5'].sort()
  );
  await page.menu.clickMenuItem('Edit>Undo Cell Operation');
  await expect(pendingCells(page)).toHaveCount(4);
  await guardSpeaks(page, 4);
});

test('a checkpoint brings pending cells back as they were', async ({
  page,
  tmpPath
}) => {
  await open(page, `${tmpPath}/checkpoint.ipynb`);
  await page.menu.clickMenuItem('File>Save Notebook');
  await page.menu.clickMenuItem('Edit>Accept All Pending Cells');
  await expect(pendingCells(page)).toHaveCount(0);
  expect(await sources(page)).toEqual([...TEXTS.slice(0, 3), 'last = 5']);
  await page.menu.clickMenuItem('File>Revert Notebook to Checkpoint…');
  await page.getByRole('button', { name: 'Revert' }).click();
  await expect(pendingCells(page)).toHaveCount(3);
  expect(await sources(page)).toEqual(TEXTS);
  await guardSpeaks(page, 3);
});

test('a pending raw cell becomes code when it is accepted', async ({
  page,
  tmpPath
}) => {
  const path = `${tmpPath}/raw.ipynb`;
  await putNotebook(page, path, [
    { id: 'own', source: 'own = 1' },
    { id: 'raw', source: 'raw = 2', gptoss: { ...WAITS, raw: 'code' } }
  ]);
  await page.notebook.openByPath(path);
  await page.notebook.setCellType(1, 'raw');
  await expect(page.locator('.jp-RawCell.jp-Gptoss-pending')).toHaveCount(1);
  await guardSpeaks(page, 1);
  await page.notebook.selectCells(1);
  await page.keyboard.press('Alt+y');
  await expect(page.locator('.jp-RawCell')).toHaveCount(0);
  await expect(pendingCells(page)).toHaveCount(0);
  await page.menu.clickMenuItem('Run>Run All Cells');
  await expect.poll(async () => (await counts(page))[1]).toBeGreaterThan(0);
});

async function open(page: IJupyterLabPageFixture, path: string): Promise<void> {
  await putNotebook(page, path, CELLS);
  await page.notebook.openByPath(path);
  await expect(pendingCells(page)).toHaveCount(3);
}

/**
 * Run all cells, and see that those which wait did not run.
 */
async function guardSpeaks(
  page: IJupyterLabPageFixture,
  waiting: number
): Promise<void> {
  await page.menu.clickMenuItem('Run>Run All Cells');
  const notice = page.getByText(
    waiting === 1
      ? /This cell is pending review/
      : new RegExp(`${waiting} cells are pending review and did not run`)
  );
  await expect(notice).toBeVisible();
  const ran = await page.evaluate(() => {
    const panel = window.jupyterapp.shell.currentWidget as unknown as {
      content: {
        model: {
          cells: Iterable<{
            toJSON(): {
              execution_count?: number | null;
              metadata: { gptoss_lab?: { review?: string } };
            };
          }>;
        };
      };
    };
    return [...panel.content.model.cells]
      .map(cell => cell.toJSON())
      .filter(
        ({ execution_count, metadata }) =>
          metadata.gptoss_lab?.review === 'pending' && execution_count
      ).length;
  });
  expect(ran).toBe(0);
  await page
    .locator('.Toastify__toast', { has: notice })
    .locator('.jp-Notification-Toast-Close')
    .click();
  await expect(notice).toHaveCount(0);
}

/**
 * Split a cell above one of its lines.
 */
async function splitAt(
  page: IJupyterLabPageFixture,
  index: number,
  line: number
): Promise<void> {
  await page.notebook.enterCellEditingMode(index);
  await page.keyboard.press('Control+Home');
  for (let down = 0; down < line; down += 1) {
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Home');
  await page.keyboard.press('Control+Shift+Minus');
}

/**
 * The same JupyterLab in another window of the browser.
 */
async function secondPage(
  browser: Browser,
  baseURL: string | undefined,
  tmpPath: string
): Promise<IJupyterLabPageFixture> {
  const { page } = await galata.newPage({
    baseURL: baseURL ?? '',
    browser,
    tmpPath,
    waitForApplication: async (bare, helpers) => {
      await bare.waitForSelector('#jupyterlab-splash', { state: 'detached' });
      await helpers.waitForCondition(() =>
        helpers.activity.isTabActive('Launcher')
      );
    }
  });
  return page;
}
