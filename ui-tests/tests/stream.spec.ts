import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { openPanel, pendingCells, sources } from './helpers';
import { putNotebook } from './pending_notebook';
import { DONE, FakeJobs, close, delta, open } from './stream_server';

test.use({ viewport: { width: 1280, height: 800 } });

const LINES = 'first = 1\nsecond = 2\nthird = 3\nfourth = 4';

/**
 * Open a notebook of such cells and ask for more below its cell `active`.
 */
async function begin(
  page: IJupyterLabPageFixture,
  path: string,
  count = 3,
  active = 0
): Promise<{ jobs: FakeJobs; panel: Locator }> {
  const cells = Array.from({ length: count }, (_, index) => ({
    id: `cell-${index}`,
    source: `${LINES}\nnumber = ${index}`
  }));
  await putNotebook(page, path, cells);
  await show(page, path);
  const jobs = new FakeJobs(page);
  await jobs.install();
  await page.notebook.selectCells(active);
  const panel = await openPanel(page);
  await panel.getByRole('textbox', { name: 'Task' }).fill('Count');
  await panel.getByRole('button', { name: 'Generate', exact: true }).click();
  await expect(
    panel.getByRole('button', { name: 'Stop', exact: true })
  ).toBeVisible();
  return { jobs, panel };
}

/**
 * Open a notebook, and wait for its cells.
 */
async function show(page: IJupyterLabPageFixture, path: string): Promise<void> {
  await page.notebook.openByPath(path);
  await page.notebook.activate(path.split('/').at(-1) ?? '');
  await page.locator('.jp-NotebookPanel:visible .jp-Cell').first().waitFor();
}

function cell(page: IJupyterLabPageFixture, text: string): Locator {
  return page
    .locator('.jp-NotebookPanel:visible .jp-Cell')
    .filter({ hasText: text });
}

async function topOf(locator: Locator): Promise<number> {
  const box = await locator.boundingBox();
  return box ? box.y : Number.NaN;
}

/**
 * Press a key of the notebook's command mode.
 */
async function command(
  page: IJupyterLabPageFixture,
  key: string
): Promise<void> {
  await page.keyboard.press('Escape');
  await page.keyboard.press(key);
}

test('text that arrives leaves the view, the cursor and edits alone', async ({
  page,
  tmpPath
}) => {
  const { jobs, panel } = await begin(page, `${tmpPath}/long.ipynb`, 40, 2);
  const mine = cell(page, 'number = 30');
  await mine.scrollIntoViewIfNeeded();
  await mine.locator('.cm-line').nth(1).click();
  await page.keyboard.press('End');
  await page.keyboard.type(' + my');
  await jobs.push(open('a', 0), delta('a', 'row = 0\n'));
  const before = await topOf(mine);

  await test.step('above the view', async () => {
    const rows = Array.from({ length: 40 }, (_, row) =>
      delta('a', `row = ${row}\n`)
    );
    await jobs.push(...rows);
    expect(Math.abs((await topOf(mine)) - before)).toBeLessThanOrEqual(2);
    await page.keyboard.type(' edit');
    await expect(mine).toContainText('second = 2 + my edit');
    await page.keyboard.press('Control+z');
    await expect(mine).not.toContainText('edit');
    expect((await sources(page))[3]).toContain('row = 39');
  });

  await test.step('in the cell itself', async () => {
    const streamed = pendingCells(page).first();
    await streamed.scrollIntoViewIfNeeded();
    await streamed.locator('.cm-line').first().click();
    await page.keyboard.press('Home');
    await page.keyboard.type('my_');
    await jobs.push(delta('a', 'last = '), delta('a', '9'));
    await page.keyboard.type('own_');
    await jobs.push(delta('a', '0'));
    const text = (await sources(page))[3] ?? '';
    expect(text.startsWith('my_own_row = 0\n')).toBe(true);
    expect(text.endsWith('last = 90')).toBe(true);
  });

  await jobs.push(close('a', 'row = 0\nlast = 90'), DONE);
  await expect(panel.getByText('1 pending', { exact: true })).toBeVisible();
  // What was generated is not written over what the person made of it.
  expect((await sources(page))[3]).toContain('my_own_row');
});

test('one undo takes a generation back and stops it, one redo brings it', async ({
  page,
  tmpPath
}) => {
  const { jobs, panel } = await begin(page, `${tmpPath}/undo.ipynb`);
  const before = await sources(page);
  await jobs.push(
    open('a', 0),
    delta('a', 'x = '),
    delta('a', '1'),
    close('a', 'x = 1'),
    open('b', 1),
    delta('b', 'print(')
  );
  expect(await sources(page)).toEqual([
    before[0],
    'x = 1',
    'print(',
    ...before.slice(1)
  ]);
  await page.notebook.selectCells(4);
  await command(page, 'z');
  await expect(pendingCells(page)).toHaveCount(0);
  expect(await sources(page)).toEqual(before);
  await expect.poll(async () => (await jobs.asked()).cancelled).toBe(1);
  await jobs.push(delta('b', 'x)'), {
    type: 'done',
    state: 'cancelled',
    cells: 1,
    verified: 0,
    message: ''
  });
  expect(await sources(page)).toEqual(before);
  await expect(
    panel.getByRole('button', { name: 'Generate', exact: true })
  ).toBeVisible();
  await command(page, 'Shift+Z');
  await expect(pendingCells(page)).toHaveCount(2);
  expect((await sources(page)).slice(1, 3)).toEqual(['x = 1', 'print(']);
});

test('a lost connection is found again', async ({ page, tmpPath }) => {
  const { jobs, panel } = await begin(page, `${tmpPath}/lost.ipynb`);
  await jobs.push(open('a', 0), delta('a', 'x = '));
  await jobs.cut();
  await expect(panel.getByText('The connection was lost.')).toBeVisible();
  await expect
    .poll(async () => (await jobs.asked()).resumedAfter)
    .toEqual(['0', '2']);
  await jobs.push(delta('a', '1'), close('a', 'x = 1'));
  expect((await sources(page))[1]).toBe('x = 1');
  await expect(panel.getByText('The connection was lost.')).toHaveCount(0);
});
