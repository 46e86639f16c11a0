import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { expectAccessible } from './axe';
import { openPanel, shoot } from './helpers';
import { busyServer, quietServer, serveMonitor } from './monitor_states';

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

test('what a busy server shows can be read in any width', async ({ page }) => {
  await serveMonitor(page, () => busyServer());
  const panel = await openMonitor(page);
  await expect(panel).toContainText('Needs a look: Sandbox');
  await shoot(page, 'monitor-try');
  for (const width of [240, 420, 900]) {
    await page.setViewportSize({ width: 1280, height: 2600 });
    await page.evaluate(w => {
      const split = document.querySelector(
        '#jp-main-split-panel'
      ) as HTMLElement;
      (document.querySelector('#jp-left-stack') as HTMLElement).style.minWidth =
        `${w}px`;
      split.dispatchEvent(new Event('x'));
    }, width);
    await page.sidebar.setWidth(width, 'left');
    await page.waitForTimeout(500);
    await shoot(page, `monitor-w${width}`);
  }
});
