import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { pendingCells, shoot } from './helpers';
import { putNotebook } from './pending_notebook';

test.use({ viewport: { width: 1280, height: 800 } });

interface IRecords {
  cells: {
    source: string;
    review?: string;
    generated?: string;
    record?: { verdict: string; edit_distance: number | null } | null;
  }[];
  removed: { cell: string; record: { verdict: string } }[];
}

/**
 * What the notebook's metadata hold of the reviews.
 */
function records(page: IJupyterLabPageFixture): Promise<IRecords> {
  return page.evaluate(() => {
    const panel = window.jupyterapp.shell.currentWidget as unknown as {
      content: {
        model: {
          toJSON(): {
            metadata: { gptoss_lab?: { removed?: never[] } };
            cells: { source: string; metadata: { gptoss_lab?: object } }[];
          };
        };
      };
    };
    const { metadata, cells } = panel.content.model.toJSON();
    return {
      cells: cells.map(cell => ({
        source: String(cell.source),
        ...cell.metadata.gptoss_lab
      })),
      removed: metadata.gptoss_lab?.removed ?? []
    };
  });
}

/**
 * The verdicts of all cells; empty where there is none.
 */
async function verdicts(page: IJupyterLabPageFixture): Promise<string[]> {
  const { cells } = await records(page);
  return cells.map(({ record }) => record?.verdict ?? '');
}

/**
 * How the server counts the cells of a model.
 */
async function counted(
  page: IJupyterLabPageFixture,
  model: string
): Promise<object | undefined> {
  return page.evaluate(async name => {
    const { serverSettings } = window.jupyterapp.serviceManager;
    const response = await fetch(`${serverSettings.baseUrl}api/v1/feedback`);
    const { counts } = (await response.json()) as {
      counts: {
        model: string;
        accepted: number;
        edited: number;
        rejected: number;
      }[];
    };
    const found = counts.find(one => one.model === name);
    return (
      found && {
        accepted: found.accepted,
        edited: found.edited,
        rejected: found.rejected
      }
    );
  }, model);
}

function generated(id: string, source: string, model: string) {
  const task = 'Mean of <b>sales</b> by shop';
  return {
    id,
    source,
    gptoss: { review: 'pending', generated: source, model, task, seed: 7 }
  };
}

test('decisions are recorded, told to the server, undone and reported', async ({
  page,
  tmpPath
}) => {
  const model = `test-${Date.now()}`;
  await putNotebook(page, `${tmpPath}/sales.ipynb`, [
    generated('a', 'sales = 1', model),
    generated('b', 'means = sales', model),
    generated('c', 'plot(means)', model),
    { id: 'd', source: 'mine = 1\nmore = 2' }
  ]);
  await page.notebook.openByPath(`${tmpPath}/sales.ipynb`);
  await expect(pendingCells(page)).toHaveCount(3);

  await test.step('accept, edit and accept, reject: by the keyboard', async () => {
    await page.notebook.selectCells(0);
    await page.keyboard.press('Alt+Y');
    await expect(pendingCells(page)).toHaveCount(2);
    await page.notebook.setCell(1, 'code', 'means = sales / 2');
    await page.notebook.selectCells(1);
    await page.keyboard.press('Alt+Y');
    await expect(pendingCells(page)).toHaveCount(1);
    await page.notebook.selectCells(2);
    await page.keyboard.press('Alt+N');
    await expect(pendingCells(page)).toHaveCount(0);
    const { cells, removed } = await records(page);
    expect(cells.map(({ record }) => record?.verdict)).toEqual([
      'accepted',
      'edited',
      undefined
    ]);
    expect(cells[1]?.record?.edit_distance).toBe(4);
    expect(cells.map(one => one.generated ?? '')).toEqual(['', '', '']);
    expect(removed).toMatchObject([
      { cell: 'c', record: { verdict: 'rejected' } }
    ]);
    expect(JSON.stringify(removed)).not.toContain('plot(means)');
  });

  await test.step('the server counts them, without a word', async () => {
    await expect
      .poll(() => counted(page, model), { timeout: 15_000 })
      .toEqual({ accepted: 1, edited: 1, rejected: 1 });
  });

  await test.step('undo takes a decision back, redo brings it', async () => {
    await page.evaluate(() =>
      window.jupyterapp.commands.execute('notebook:undo-cell-action')
    );
    await expect(pendingCells(page)).toHaveCount(1);
    await expect
      .poll(() => counted(page, model), { timeout: 15_000 })
      .toEqual({ accepted: 1, edited: 1, rejected: 0 });
    await page.evaluate(() =>
      window.jupyterapp.commands.execute('notebook:redo-cell-action')
    );
    await expect(pendingCells(page)).toHaveCount(0);
    expect(await verdicts(page)).toEqual(['accepted', 'edited', '']);
  });

  await test.step('a later edit is seen in the report', async () => {
    await page.notebook.setCell(0, 'code', 'sales = 2');
    await page.menu.clickMenuItem('File>Report of Generated Cells');
    const report = page
      .frameLocator('.jp-Gptoss-report iframe')
      .getByRole('main');
    await expect(report).toContainText('2 of 4 lines (50 %)');
    await expect(report).toContainText('accepted; edited since');
    await expect(report).toContainText('Mean of <b>sales</b> by shop');
    await expect(report).toContainText('not in the notebook');
    await expect(report.locator('b')).toHaveCount(0);
    await shoot(page, 'report');
  });

  await test.step('it is kept beside the notebook on request', async () => {
    await page.getByRole('button', { name: 'Save as Markdown' }).click();
    const tab = page.getByRole('tab', { name: 'sales.report.md' });
    await expect(tab).toHaveAttribute('aria-selected', 'true', {
      timeout: 20_000
    });
    expect(await page.contents.fileExists(`${tmpPath}/sales.report.md`)).toBe(
      true
    );
  });

  await test.step('its page bars nobody, in light and in dark', async () => {
    for (const theme of ['light', 'dark']) {
      const html = await page.evaluate(
        async ([path, name]) => {
          const { serverSettings } = window.jupyterapp.serviceManager;
          const query = new URLSearchParams({
            path,
            format: 'html',
            theme: name
          });
          const url = `${serverSettings.baseUrl}api/v1/report?${query}`;
          return (await fetch(url)).text();
        },
        [`${tmpPath}/sales.ipynb`, theme] as [string, string]
      );
      const alone = await page.context().newPage();
      await alone.setContent(html);
      const { violations } = await new AxeBuilder({ page: alone }).analyze();
      expect(violations.map(({ id }) => id)).toEqual([]);
      await alone.close();
    }
  });
});
