import { expect, galata, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Browser } from '@playwright/test';

import {
  addSource,
  counts,
  openPanel,
  pendingCells,
  sources,
  untilReviewable
} from './helpers';
import { putNotebook } from './pending_notebook';

test.use({ viewport: { width: 1280, height: 800 } });

const PENDING = { review: 'pending', change: 'new', model: 'gpt-oss-20b' };
const CELLS = [
  { id: 'own', source: 'own = 1' },
  { id: 'first', source: 'first = 2', gptoss: PENDING },
  {
    id: 'second',
    source: 'a = 1\nb = 20\nc = 3\nd = 4\ne = 5\nf = 60',
    gptoss: {
      ...PENDING,
      change: 'changed',
      original: 'a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6'
    }
  },
  { id: 'third', source: 'third = 4', gptoss: PENDING }
];

test('two people review one notebook', async ({
  page,
  browser,
  baseURL,
  tmpPath
}) => {
  const path = `${tmpPath}/shared.ipynb`;
  await putNotebook(page, path, CELLS);
  const guest = await visitor(browser, baseURL, tmpPath);
  await page.notebook.openByPath(path);
  await guest.notebook.openByPath(path);
  for (const person of [page, guest]) {
    await expect(pendingCells(person)).toHaveCount(3);
  }

  // Neither can run what nobody has accepted.
  await page.menu.clickMenuItem('Run>Run All Cells');
  await expect(
    page.getByText(/3 cells are pending review and did not run/)
  ).toBeVisible();
  await guest.menu.clickMenuItem('Run>Run All Cells');
  await expect(
    guest.getByText(/3 cells are pending review and did not run/)
  ).toBeVisible();
  await expect
    .poll(async () => (await counts(page)).slice(1))
    .toEqual([null, null, null]);

  // What one decides, the other sees.
  await cell(page, 'first')
    .getByRole('button', { name: 'Accept', exact: true })
    .click();
  await expect(pendingCells(guest)).toHaveCount(2);
  await cell(guest, 'third')
    .getByRole('button', { name: 'Reject', exact: true })
    .click();
  await expect(pendingCells(page)).toHaveCount(1);
  expect(await sources(page)).toEqual(CELLS.slice(0, 3).map(one => one.source));

  // One hunk each, of the same cell.
  await expect(hunks(guest)).toHaveCount(2);
  await hunks(page).first().getByRole('button', { name: 'Accept' }).click();
  await expect(hunks(guest)).toHaveCount(1);
  await hunks(guest).first().getByRole('button', { name: 'Reject' }).click();
  for (const person of [page, guest]) {
    await expect(pendingCells(person)).toHaveCount(0);
    expect((await sources(person))[2]).toBe(
      'a = 1\nb = 20\nc = 3\nd = 4\ne = 5\nf = 6'
    );
  }
  await guest.menu.clickMenuItem('Run>Run All Cells');
  await expect.poll(async () => (await counts(page)).every(Boolean)).toBe(true);
  await guest.context().close();
});

test('one generates, the other watches and decides', async ({
  page,
  browser,
  baseURL,
  tmpPath
}) => {
  const path = `${tmpPath}/watched.ipynb`;
  await putNotebook(page, path, CELLS.slice(0, 1));
  const guest = await visitor(browser, baseURL, tmpPath);
  await page.notebook.openByPath(path);
  await guest.notebook.openByPath(path);
  const panel = await openPanel(page);
  await addSource(panel, 'pandas');
  await panel
    .getByRole('textbox', { name: 'Task' })
    .fill('mean of one column grouped by another');
  await panel.getByRole('button', { name: 'Generate', exact: true }).click();
  await untilReviewable(panel);
  const written = await sources(page);
  expect(written.length).toBeGreaterThan(1);
  expect(written[0]).toBe('own = 1');
  await expect.poll(() => sources(guest)).toEqual(written);
  await expect(pendingCells(guest)).toHaveCount(written.length - 1);

  await guest.menu.clickMenuItem('Edit>Accept All Pending Cells');
  await expect(pendingCells(page)).toHaveCount(0);
  await expect(panel.getByText(/^\d+ accepted$/)).toBeVisible();
  expect(await sources(page)).toEqual(written);
  await guest.context().close();
});

/**
 * The same JupyterLab in a browser of another person.
 */
async function visitor(
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

function cell(page: IJupyterLabPageFixture, id: string) {
  const index = CELLS.findIndex(one => one.id === id);
  return page.locator(
    `.jp-NotebookPanel:visible .jp-Cell[data-windowed-list-index="${index}"]`
  );
}

function hunks(page: IJupyterLabPageFixture) {
  return page.locator('.jp-NotebookPanel:visible .cm-chunkButtons');
}
