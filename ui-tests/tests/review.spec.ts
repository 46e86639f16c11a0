import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { pendingCells, shoot, sources } from './helpers';
import { openReview } from './review_notebook';

test.use({ viewport: { width: 1280, height: 800 } });

const bar = (page: IJupyterLabPageFixture) =>
  page.getByRole('region', { name: 'Review', exact: true });
const said = (page: IJupyterLabPageFixture) =>
  page.locator('.jp-NotebookPanel > .jp-Gptoss-live');
const cell = (page: IJupyterLabPageFixture, index: number) =>
  page.locator('.jp-NotebookPanel .jp-Cell').nth(index);

/**
 * Whether the notebook has the keyboard: nothing was decided into the void.
 */
function hasFocus(page: IJupyterLabPageFixture): Promise<boolean> {
  return page.evaluate(
    () => document.activeElement?.closest('.jp-Notebook') !== null
  );
}

test('a change is reviewed hunk by hunk, with the mouse', async ({ page }) => {
  await openReview(page, 'hunks.ipynb');
  const pending = pendingCells(page);
  await expect(pending).toHaveCount(5);
  const changed = cell(page, 2);
  const text = async () => (await sources(page))[2];

  await test.step('each kind of change looks its own way', async () => {
    await page.notebook.selectCells(2);
    await expect(cell(page, 4).locator('.jp-Gptoss-goingText')).toBeVisible();
    await expect(cell(page, 4).locator('.cm-content')).toHaveAttribute(
      'aria-readonly',
      'true'
    );
    await shoot(page, 'review-kinds');
  });

  await test.step('a hunk is rejected and accepted, and undone', async () => {
    await changed
      .getByRole('button', { name: /^Reject this change \(Alt M\)/ })
      .first()
      .click();
    await expect(said(page)).toHaveText(
      'Change rejected. 1 change left in this cell.'
    );
    expect(await text()).not.toContain('dropna');
    expect(await hasFocus(page)).toBe(true);
    await page.keyboard.press('Escape');
    await page.keyboard.press('z');
    expect(await text()).toContain('dropna');
    await expect(changed.locator('.cm-chunkButtons')).toHaveCount(2);
    await changed
      .getByRole('button', { name: /^Accept this change/ })
      .first()
      .click();
    await expect(changed.locator('.cm-chunkButtons')).toHaveCount(1);
  });

  await test.step('the person edits in it, and the difference follows', async () => {
    await changed.locator('.cm-line').last().click();
    await page.keyboard.press('End');
    await page.keyboard.type('  # bars');
    expect(await text()).toContain('plot.barh()  # bars');
    await expect(changed.locator('.cm-deletedLine')).toHaveText('means.plot()');
    await expect(pending).toHaveCount(5);
  });

  await test.step('findings go when their line is edited', async () => {
    const found = cell(page, 3);
    await expect(found.locator('.jp-Gptoss-finding')).toHaveCount(1);
    await found.getByRole('button', { name: '1 finding' }).click();
    await found.locator('.jp-Gptoss-finding').hover();
    await expect(page.locator('.jp-Gptoss-findingTooltip')).toHaveText(
      /^Error in line 1: pandas.Series has no attribute describe_all/
    );
    await shoot(page, 'review-evidence');
    await found.locator('.cm-line').first().click();
    await page.keyboard.press('Home');
    await page.keyboard.press('Delete');
    await expect(found.locator('.jp-Gptoss-finding')).toHaveCount(0);
  });

  await test.step('nothing of it bars anyone', async () => {
    for (const theme of ['light', 'dark']) {
      await (theme === 'dark'
        ? page.theme.setDarkTheme()
        : page.theme.setLightTheme());
      const results = await new AxeBuilder({ page })
        .include('.jp-Gptoss-review')
        .include('.jp-Gptoss-bar')
        .include('.cm-deletedChunk')
        .include('.jp-Gptoss-goingText .cm-content')
        .analyze();
      expect(
        results.violations.map(({ id, nodes }) => [
          theme,
          id,
          nodes.map(node => node.html)
        ])
      ).toEqual([]);
    }
    await page.theme.setLightTheme();
  });
});

test('the keyboard alone reviews a notebook, in both modes', async ({
  page
}) => {
  await openReview(page, 'keys.ipynb');
  const pending = pendingCells(page);
  await expect(pending).toHaveCount(5);
  await page.notebook.selectCells(0);
  await page.keyboard.press('Escape');

  await test.step('the evidence of an accepted cell is at hand', async () => {
    await page.notebook.selectCells(6);
    const mark = cell(page, 6).getByRole('button', { name: /^Generated cell/ });
    await mark.focus();
    await page.keyboard.press('Enter');
    await expect(cell(page, 6).locator('.jp-Gptoss-evidence')).toContainText(
      'gpt-oss-20b'
    );
    await shoot(page, 'review-accepted');
    await page.keyboard.press('Enter');
    await page.notebook.selectCells(0);
  });

  await test.step('from hunk to hunk, in command mode', async () => {
    await page.keyboard.press('Alt+Shift+J');
    await page.keyboard.press('Alt+Shift+J');
    const changed = cell(page, 2);
    await expect(changed).toHaveClass(/jp-mod-active/);
    await expect(changed.locator('.jp-Gptoss-currentHunk').first()).toHaveText(
      'sales = sales.dropna()'
    );
    await page.keyboard.press('Alt+U');
    await expect(said(page)).toHaveText(
      'Change accepted. 1 change left in this cell.'
    );
    await page.keyboard.press('Alt+M');
    await expect(said(page)).toHaveText(
      '1 cell accepted. 4 cells left to review.'
    );
    expect((await sources(page))[2]).toMatch(/dropna[\s\S]*means.plot\(\)$/);
    expect(await hasFocus(page)).toBe(true);
  });

  await test.step('a cell is decided on while it is edited', async () => {
    await expect(cell(page, 3)).toHaveClass(/jp-mod-active/);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Alt+N');
    await expect(pending).toHaveCount(3);
    expect(await hasFocus(page)).toBe(true);
    await page.keyboard.press('Escape');
    await expect(cell(page, 3)).toHaveClass(/jp-mod-active/);
    await page.keyboard.press('Alt+Y');
    await expect(pending).toHaveCount(2);
    expect((await sources(page)).join('\n')).not.toContain('sales.head()');
  });

  await test.step('the bar narrows to a generation', async () => {
    const scope = bar(page).getByRole('combobox', { name: 'What to review' });
    await scope.selectOption('job-2');
    await bar(page)
      .getByRole('button', { name: 'Undo this generation' })
      .click();
    await expect(pending).toHaveCount(1);
    await expect(bar(page)).toContainText('1 cell to review');
    expect(await hasFocus(page)).toBe(true);
  });

  await test.step('the rest at once; the bar goes, the words stay', async () => {
    await page.keyboard.press('Alt+Shift+Y');
    await expect(pending).toHaveCount(0);
    await expect(bar(page)).toBeHidden();
    await expect(said(page)).toHaveText(
      '1 cell accepted. Nothing is left to review.'
    );
    expect(await hasFocus(page)).toBe(true);
  });
});

test('a narrow notebook keeps its review in sight', async ({ page }) => {
  // As wide as a page at 200 %, with the sidebar open.
  await page.setViewportSize({ width: 640, height: 600 });
  await openReview(page, 'narrow.ipynb');
  await expect(pendingCells(page)).toHaveCount(5);
  const box = await bar(page).boundingBox();
  for (const name of ['Accept all', 'Reject all', 'Next pending cell']) {
    const button = await bar(page).getByRole('button', { name }).boundingBox();
    expect(button?.x).toBeGreaterThanOrEqual(box?.x ?? Infinity);
    expect((button?.x ?? Infinity) + (button?.width ?? 0)).toBeLessThanOrEqual(
      (box?.x ?? 0) + (box?.width ?? 0)
    );
  }
});
