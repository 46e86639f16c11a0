import path from 'path';

import { expect } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

/**
 * With `GPTOSS_SCREENSHOTS=1` the run renews the pictures of the README; else
 * it leaves the checkout as it was.
 */
const SCREENSHOTS = path.join(
  __dirname,
  '..',
  process.env.GPTOSS_SCREENSHOTS === '1'
    ? path.join('..', 'docs', 'screenshots')
    : path.join('test-results', 'screenshots')
);

/**
 * The sidebar panel, open.
 */
export async function openPanel(
  page: IJupyterLabPageFixture
): Promise<Locator> {
  await page.sidebar.openTab('gptoss-lab-panel');
  const panel = page.locator('#gptoss-lab-panel');
  await expect(panel.getByRole('textbox', { name: 'Task' })).toBeVisible();
  return panel;
}

/**
 * Put a source into the panel.
 */
export async function addSource(panel: Locator, name: string): Promise<void> {
  await panel.getByRole('textbox', { name: 'Add documentation' }).fill(name);
  await panel.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(
    panel.getByRole('button', { name: `Remove ${name}` })
  ).toBeVisible();
}

/**
 * Wait for the end of the job, with cells to decide on.
 */
export async function untilReviewable(panel: Locator): Promise<void> {
  await expect(panel.getByText(/^\d+ pending$/)).toBeVisible({
    timeout: 120_000
  });
}

/**
 * The cells that wait for review.
 */
export function pendingCells(page: IJupyterLabPageFixture): Locator {
  return page.locator('.jp-NotebookPanel:visible .jp-Cell.jp-Gptoss-pending');
}

/**
 * The texts of all cells as the notebook's model has them.
 */
export function sources(page: IJupyterLabPageFixture): Promise<string[]> {
  return page.evaluate(() => {
    const panel = window.jupyterapp.shell.currentWidget as unknown as {
      content: { model: { cells: Iterable<{ toJSON(): { source: string } }> } };
    };
    return [...panel.content.model.cells].map(cell =>
      String(cell.toJSON().source)
    );
  });
}

interface IRecorder {
  lengths?: number[];
}

/**
 * Note, in the page, the length of the notebook's text at each of its changes.
 */
export function recordLengths(page: IJupyterLabPageFixture): Promise<void> {
  return page.evaluate(() => {
    const panel = window.jupyterapp.shell.currentWidget as unknown as {
      content: {
        model: {
          cells: Iterable<{ toJSON(): { source: string } }>;
          contentChanged: { connect(slot: () => void): void };
        };
      };
    };
    const { model } = panel.content;
    const lengths: number[] = [];
    (window as unknown as IRecorder).lengths = lengths;
    model.contentChanged.connect(() => {
      const length = [...model.cells]
        .map(cell => String(cell.toJSON().source))
        .join('').length;
      if (length !== lengths[lengths.length - 1]) {
        lengths.push(length);
      }
    });
  });
}

/**
 * What `recordLengths` has noted.
 */
export function recordedLengths(
  page: IJupyterLabPageFixture
): Promise<number[]> {
  return page.evaluate(() => (window as unknown as IRecorder).lengths ?? []);
}

/**
 * The execution counts of all code cells.
 */
export function counts(
  page: IJupyterLabPageFixture
): Promise<(number | null)[]> {
  return page.evaluate(() => {
    const panel = window.jupyterapp.shell.currentWidget as unknown as {
      content: {
        model: {
          cells: Iterable<{
            toJSON(): { execution_count?: number | null };
          }>;
        };
      };
    };
    return [...panel.content.model.cells].map(
      cell => cell.toJSON().execution_count ?? null
    );
  });
}

/**
 * Take a picture of the page in light and in dark.
 */
export async function shoot(
  page: IJupyterLabPageFixture,
  name: string
): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    if (theme === 'dark') {
      await page.theme.setDarkTheme();
    } else {
      await page.theme.setLightTheme();
    }
    await page.waitForTimeout(400);
    await page.screenshot({
      path: path.join(SCREENSHOTS, `${name}-${theme}.png`),
      animations: 'disabled'
    });
  }
  await page.theme.setLightTheme();
}
