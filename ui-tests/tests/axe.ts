import AxeBuilder from '@axe-core/playwright';
import { expect } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

/**
 * The parts of the page that are ours, wherever they stand.
 */
const OURS = [
  '#gptoss-lab-panel',
  '.jp-Gptoss-header',
  '.jp-Gptoss-bar',
  '.jp-Gptoss-edit',
  '.jp-Gptoss-preview',
  '.jp-Gptoss-magic',
  '.jp-Dialog-content'
];

/**
 * Expect nothing that bars people, in light and in dark, in the parts that are
 * ours; a part that is named must be there.
 */
export async function expectAccessible(
  page: IJupyterLabPageFixture,
  ...named: string[]
): Promise<void> {
  for (const selector of named) {
    await expect(page.locator(selector).first()).toBeVisible();
  }
  for (const theme of ['dark', 'light'] as const) {
    await (theme === 'dark'
      ? page.theme.setDarkTheme()
      : page.theme.setLightTheme());
    const shown: string[] = [];
    for (const selector of new Set([...OURS, ...named])) {
      if (await page.locator(`${selector}:visible`).count()) {
        shown.push(selector);
      }
    }
    const builder = shown.reduce(
      (axe, selector) => axe.include(selector),
      new AxeBuilder({ page })
    );
    if (theme === 'dark') {
      // All but the colours is the same in both.
      builder.withRules(['color-contrast']);
    }
    const { violations } = await builder.analyze();
    expect(
      violations.map(({ id, nodes }) => [
        theme,
        id,
        nodes.map(node => node.html)
      ])
    ).toEqual([]);
  }
}
