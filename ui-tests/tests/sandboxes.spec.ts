import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { addSource, openPanel, shoot, untilReviewable } from './helpers';

test.use({ viewport: { width: 1280, height: 800 } });

const SLOW = { timeout: 60_000 };

test('a sandbox is seen and steered from the panel', async ({
  page,
  tmpPath
}) => {
  await page.notebook.createNew('mean.ipynb', { kernel: 'gptoss-python' });
  const status = page.locator('#gptoss-lab-sandbox-status');
  const panel = page.locator('#gptoss-lab-panel');
  const row = panel.getByRole('listitem', { name: 'mean.ipynb' });
  const meter = row.getByRole('meter', { name: 'Memory of mean.ipynb' });

  await test.step('the status bar says what keeps the notebook apart', async () => {
    await expect(status).toContainText(/^Sandbox · \d+ MB · no network$/, SLOW);
    await expect(status.getByRole('button')).toHaveAttribute(
      'title',
      /Isolation: .*\n.*Limits: 2 GB memory, 1 CPU/s
    );
    await status.getByRole('button').press('Enter');
    await expect(
      panel.getByRole('button', { name: 'Sandboxes (1)' })
    ).toBeFocused();
    await expect(panel.getByText('Not protected: ')).toBeVisible();
  });

  await test.step('its row follows the memory', async () => {
    await expect(row).toContainText('Idle', SLOW);
    const before = Number(await meter.getAttribute('aria-valuenow'));
    await write(page, 'import time; block = b"x" * (600 << 20)');
    await expect
      .poll(async () => Number(await meter.getAttribute('aria-valuenow')), SLOW)
      .toBeGreaterThan(before + 20);
  });

  await test.step('what never ends is interrupted', async () => {
    await write(page, 'while True: time.sleep(0.01)');
    await expect(row).toContainText('Busy', SLOW);
    await shoot(page, 'sandboxes');
    await expectAccessible(page, '#gptoss-lab-panel');
    await row.getByRole('button', { name: 'Interrupt' }).click();
    await expect(output(page, 1)).toContainText('KeyboardInterrupt', SLOW);
    await expect(row).toContainText('Idle', SLOW);
  });

  await test.step('a file that it wrote is saved, and replaced only on demand', async () => {
    await write(page, 'open("result.csv", "w").write("a,b\\n1,2\\n")');
    await expect(output(page, 2)).toContainText('8', SLOW);
    await row.getByRole('button', { name: 'Files' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Save result.csv' }).click();
    const target = dialog.getByRole('textbox', { name: 'Save as' });
    await expect(target).toHaveValue(`${tmpPath}/result.csv`);
    await shoot(page, 'sandbox-files');
    await expectAccessible(page, '.jp-Dialog');
    await target.press('Enter');
    await expect(dialog.getByText('Saved as')).toBeVisible();
    expect(await page.contents.fileExists(`${tmpPath}/result.csv`)).toBe(true);
    await dialog.getByRole('button', { name: 'Save result.csv' }).click();
    await target.press('Enter');
    await expect(dialog.getByText('There is a file')).toBeVisible();
    await dialog.getByRole('button', { name: 'Replace' }).click();
    await expect(dialog.getByText('Saved as')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
  });

  await test.step('the form of packages takes the keyboard and says what it costs', async () => {
    await row.getByRole('button', { name: 'Packages' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('textbox')).toBeFocused();
    await page.keyboard.type('networkx\npolars');
    await expect(dialog.getByRole('textbox')).toHaveValue('networkx\npolars');
    await expect(dialog).toContainText('The sandbox starts anew');
    await shoot(page, 'sandbox-packages');
    await expectAccessible(page, '.jp-Dialog');
    await dialog.getByRole('textbox').fill('os');
    await page.keyboard.press('Control+Enter');
    await expect(dialog.getByRole('alert').first()).toContainText(
      'os is a part of Python'
    );
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await expect(row.getByRole('alert')).toContainText('os is a part of');
    await row.getByRole('button', { name: 'Close the message' }).click();
  });

  await test.step('a restart asks, and loses the variables', async () => {
    await row.getByRole('button', { name: 'Restart' }).click();
    await confirm(page, 'Restart');
    await expect(row).toContainText('Idle', SLOW);
    await write(page, 'len(block)');
    await expect(output(page, 3)).toContainText('NameError', SLOW);
  });

  await test.step('it sees the folder once the person says so', async () => {
    await row.getByRole('button', { name: 'Restart' }).click();
    await page.getByRole('dialog').getByRole('checkbox').check();
    await shoot(page, 'sandbox-restart');
    await confirm(page, 'Restart');
    await expect(row).toContainText(/\/data: .*, read-only/, SLOW);
    await expect(row).toContainText('Idle', SLOW);
    await write(page, 'print(open("/data/result.csv").read())');
    await expect(output(page, 4)).toContainText('1,2', SLOW);
    await shoot(page, 'sandbox-data');
  });

  await test.step('a stop asks, and ends it', async () => {
    await row.getByRole('button', { name: 'Stop' }).click();
    await confirm(page, 'Stop');
    await expect(row).toHaveCount(0, SLOW);
    await expect(
      panel.getByRole('button', { name: 'Sandboxes' })
    ).toBeFocused();
    await expect(status).toBeHidden();
  });
});

test('verification sees the folder only where the person agreed', async ({
  page,
  tmpPath
}) => {
  await page.notebook.createNew('agreed.ipynb', { kernel: 'gptoss-python' });
  const panel = await openPanel(page);
  await addSource(panel, 'pandas');
  await panel.getByRole('textbox', { name: 'Task' }).fill('mean of a column');
  const asked = async (): Promise<unknown> => {
    const sent = page.waitForRequest('**/api/v1/code/generate*');
    await panel.getByRole('button', { name: 'Generate' }).click();
    return (await sent).postDataJSON();
  };
  expect(await asked()).toMatchObject({ data: [] });
  await untilReviewable(panel);
  await panel
    .getByRole('checkbox', { name: 'Show the sandbox this notebook’s folder' })
    .check();
  expect(await asked()).toMatchObject({ data: [tmpPath] });
  await untilReviewable(panel);
  await page.notebook.createNew('other.ipynb', { kernel: 'gptoss-python' });
  await expect(panel.getByRole('checkbox')).not.toBeChecked();
});

test('other kernels say nothing of a sandbox', async ({ page }) => {
  await page.notebook.createNew('own.ipynb', { kernel: 'python3' });
  const panel = await openPanel(page);
  await expect(panel.getByText('Not protected: ')).toBeVisible();
  await expect(
    panel.getByText('None is running.', { exact: false })
  ).toBeVisible();
  await expect(
    panel.getByRole('checkbox', {
      name: 'Show the sandbox this notebook’s folder'
    })
  ).not.toBeChecked();
  await expect(page.locator('#gptoss-lab-sandbox-status')).toBeHidden();
});

test('it can be read in a narrow panel at 200 %', async ({ page }) => {
  await page.setViewportSize({ width: 640, height: 400 });
  await page.notebook.createNew('narrow.ipynb', { kernel: 'gptoss-python' });
  const panel = await openPanel(page);
  const row = panel.getByRole('listitem', { name: 'narrow.ipynb' });
  await expect(row).toContainText('Idle', SLOW);
  await row.scrollIntoViewIfNeeded();
  const overflow = await panel.evaluate(
    node => node.scrollWidth - node.clientWidth
  );
  expect(overflow).toBeLessThanOrEqual(0);
  await shoot(page, 'sandboxes-narrow');
});

/**
 * Write into the last cell and run it, without waiting for its end.
 */
async function write(
  page: IJupyterLabPageFixture,
  source: string
): Promise<void> {
  await page.evaluate(text => {
    const { shell, commands } = window.jupyterapp;
    const panel = shell.currentWidget as unknown as {
      content: {
        activeCellIndex: number;
        widgets: { model: { sharedModel: { setSource(to: string): void } } }[];
      };
    };
    const { content } = panel;
    content.activeCellIndex = content.widgets.length - 1;
    content.widgets[content.activeCellIndex]?.model.sharedModel.setSource(text);
    void commands.execute('notebook:run-cell-and-insert-below');
  }, source);
}

/**
 * The output of a cell, counted from 0.
 */
function output(page: IJupyterLabPageFixture, index: number): Locator {
  return page
    .locator('.jp-NotebookPanel:visible .jp-Cell')
    .nth(index)
    .locator('.jp-Cell-outputArea');
}

/**
 * Say yes to the question that is asked.
 */
async function confirm(
  page: IJupyterLabPageFixture,
  label: string
): Promise<void> {
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('all variables and all files');
  await dialog.getByRole('button', { name: label, exact: true }).click();
  await expect(dialog).toHaveCount(0);
}

async function expectAccessible(
  page: IJupyterLabPageFixture,
  selector: string
): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .include(selector)
    .analyze();
  expect(violations).toEqual([]);
}
