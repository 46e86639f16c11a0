import { readFileSync } from 'fs';

import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import type { Monitor } from '../../src/wire/schema';
import { expectAccessible } from './axe';
import { openPanel, shoot } from './helpers';
import { busyServer, serveMonitor } from './monitor_states';
import { putNotebook } from './pending_notebook';
import { counter, figures, plan, plant } from './planted';

test.use({ viewport: { width: 1280, height: 800 } });

/**
 * The tab, with the keyboard on its button.
 */
async function openMonitor(page: IJupyterLabPageFixture): Promise<Locator> {
  const panel = await openPanel(page);
  await page.evaluate(() =>
    window.jupyterapp.commands.execute('gptoss-lab:show-monitor')
  );
  await expect(panel.getByRole('tab', { name: 'Monitor' })).toBeFocused();
  return panel;
}

/**
 * What the panel says below the name of a rate.
 */
function rate(panel: Locator, name: string): Locator {
  return panel
    .locator('.jp-Gptoss-rates > div')
    .filter({ has: panel.page().getByText(name, { exact: true }) });
}

test('fifty generations with planted failures are told as they went', async ({
  page
}) => {
  const planned = plan();
  const panel = await openMonitor(page);
  await expect(panel).toContainText(
    'Nothing was generated in the last 24 hours.'
  );
  const counts = await plant(page, planned);
  const told = await figures(page);

  await test.step('the tab, the figures and the metrics agree with what was planted', async () => {
    expect(told.total).toMatchObject(counts);
    for (const result of ['good', 'partial', 'empty', 'failed'] as const) {
      const label = `result="${result}"`;
      expect(await counter(page, 'generations_total', label)).toBe(
        counts[result]
      );
    }
    for (const outcome of ['checked', 'unparsed'] as const) {
      const label = `outcome="${outcome}"`;
      expect(await counter(page, 'cells_total', label)).toBe(counts[outcome]);
    }
    await panel.getByRole('button', { name: 'Refresh' }).click();
    await expect(rate(panel, 'Success')).toContainText(
      `56 %${counts.good} of ${counts.generations} generations`
    );
    await expect(rate(panel, 'Cells that parse')).toContainText(
      `88 %${counts.checked} of ${counts.cells} cells`
    );
    await expect(rate(panel, 'Run well')).toContainText('None yet');
    await expect(rate(panel, 'Kept by people')).toContainText(
      '75 %12 of 16 decided on'
    );
    await expect(
      panel.getByRole('img', { name: /^How generations ended/ })
    ).toHaveAccessibleName(
      'How generations ended: All cells good 28, Some good 8, No cells 5, Failed 9'
    );
    const errors = panel.getByRole('region', { name: 'Errors' });
    await expect(errors.getByRole('row', { name: /^engine / })).toContainText(
      'Job5'
    );
    await expect(
      errors.getByRole('row', { name: 'engine_protocol' })
    ).toContainText('Job4');
  });

  await test.step('what is exported is what the server said', async () => {
    const waiting = page.waitForEvent('download');
    await panel.getByRole('button', { name: 'Export JSON' }).click();
    const file = await (await waiting).path();
    const saved = JSON.parse(readFileSync(file, 'utf8')) as Monitor;
    expect(saved.total).toEqual(told.total);
    expect(saved.groups).toEqual(told.groups);
  });

  await test.step('the keyboard alone is enough', async () => {
    await panel.getByRole('tab', { name: 'Monitor' }).focus();
    await page.keyboard.press('Tab');
    await expect(
      panel.getByRole('radio', { name: 'the last 24 hours' })
    ).toBeFocused();
    await page.keyboard.press('ArrowLeft');
    await expect(panel).toContainText('Generations in the last hour');
    await page.keyboard.press('Tab');
    await expect(
      panel.getByRole('button', {
        name: 'Show as table: How generations ended'
      })
    ).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(
      panel.getByRole('row', { name: 'All cells good 28 56 %' })
    ).toBeVisible();
    await page.keyboard.press('Enter');
    const cursor = panel.getByRole('slider', { name: 'Step of the timeline' });
    for (let stops = 0; stops < 12; stops += 1) {
      if (await cursor.evaluate(node => node === document.activeElement)) {
        break;
      }
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('End');
    await expect(cursor).toHaveAttribute('aria-valuetext', /generation/);
    await expect(panel.locator('.jp-Gptoss-tip')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(panel.locator('.jp-Gptoss-tip')).toHaveCount(0);
  });
});

test('a busy server can be read by everybody, in any width', async ({
  page,
  tmpPath
}) => {
  await putNotebook(page, `${tmpPath}/sales.ipynb`, [
    { id: 'a', source: 'import pandas as pd' }
  ]);
  await page.notebook.openByPath(`${tmpPath}/sales.ipynb`);
  let answer: Monitor | number = busyServer();
  await serveMonitor(page, () => answer);
  const panel = await openMonitor(page);
  await expect(panel).toContainText('Needs a look: Sandbox');
  await page.sidebar.setWidth(640, 'left');
  await shoot(page, 'monitor');

  await test.step('nothing bars people, in light and in dark', async () => {
    await panel
      .getByRole('button', { name: 'Show as table: How long the stages take' })
      .click();
    await expectAccessible(page, '.jp-Gptoss-monitor');
  });

  await test.step('nothing is cut off in a narrow panel, nor in a wide one', async () => {
    for (const width of [240, 900]) {
      await page.sidebar.setWidth(width, 'left');
      await expect
        .poll(() =>
          panel.evaluate(node => {
            const room = node.querySelector('.jp-Gptoss-chart-place > svg');
            return [
              node.scrollWidth - node.clientWidth,
              Math.round(
                (room?.getBoundingClientRect().right ?? 0) -
                  node.getBoundingClientRect().right
              )
            ].every(over => over <= 0);
          })
        )
        .toBe(true);
    }
  });

  await test.step('colours of the system are enough', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    await shoot(page, 'monitor-contrast');
    await page.emulateMedia({ forcedColors: 'none' });
  });

  await test.step('200 groups are sorted by what a person wants to know', async () => {
    answer = busyServer(Date.now(), 200);
    await panel.getByRole('button', { name: 'Refresh' }).click();
    await panel.getByRole('button', { name: 'Show all 200' }).click();
    const groups = panel.getByRole('region', { name: 'By model' });
    await groups.getByRole('button', { name: 'Median time' }).click();
    await expect(groups.getByRole('row').nth(1)).toContainText('3.5 min');
    await expect(
      groups.getByRole('columnheader', { name: 'Median time' })
    ).toHaveAttribute('aria-sort', 'descending');
  });

  await test.step('what is known stays while the server is gone, and goes with the permission', async () => {
    answer = 500;
    await panel.getByRole('button', { name: 'Refresh' }).click();
    await expect(panel.getByRole('alert').first()).toContainText(
      'These are the figures of'
    );
    answer = 403;
    await panel.getByRole('button', { name: 'Try again' }).click();
    await expect(panel).toContainText('not for you to see');
    await expect(panel).not.toContainText('Needs a look');
    await panel.getByRole('button', { name: 'Show the history' }).click();
    await expect(panel.getByRole('tab', { name: 'History' })).toHaveAttribute(
      'aria-selected',
      'true'
    );
  });
});
