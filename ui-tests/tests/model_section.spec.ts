import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { openPanel, shoot } from './helpers';
import {
  DOWNLOADING,
  FAILED,
  FIRST,
  LOADING,
  READY,
  STOPPED,
  StubbedModel
} from './model_states';

test.use({ viewport: { width: 1280, height: 800 } });

/**
 * What is still is looked at every five seconds.
 */
const SEEN = { timeout: 20_000 };

/**
 * The section of the model, with a server that says what the test wants.
 */
async function openModel(
  page: IJupyterLabPageFixture,
  state = STOPPED
): Promise<{ model: StubbedModel; section: Locator; panel: Locator }> {
  const model = new StubbedModel();
  model.state = state;
  await model.serve(page);
  const panel = await openPanel(page);
  const section = panel.getByRole('region', { name: 'Model' });
  await expect(section.getByText('gpt-oss-20b').first()).toBeVisible();
  await section.scrollIntoViewIfNeeded();
  return { model, section, panel };
}

test('a start is followed from the button to the first figures', async ({
  page
}) => {
  const { model, section, panel } = await openModel(page);
  const bar = section.getByRole('progressbar', { name: 'Start of the model' });
  const live = section.locator('[aria-live=polite]');

  await test.step('what fits is said before anything is loaded', async () => {
    await expect(section).toContainText('vLLM on NVIDIA L4');
    await expect(section).not.toContainText('Transformers in bf16');
    await shoot(page, 'model-stopped');
    await section
      .getByRole('button', { name: 'What does not fit (1)' })
      .click();
    await expect(section).toContainText('It needs 42 GB on the GPU');
    await shoot(page, 'model-others');
    await expectAccessible(page);
    await section
      .getByRole('button', { name: 'What does not fit (1)' })
      .click();
  });

  await test.step('a download counts its bytes', async () => {
    model.afterStart = DOWNLOADING;
    await section.getByRole('button', { name: 'Start model' }).click();
    await expect(bar).toHaveAttribute('aria-valuenow', '21');
    await expect(section).toContainText('3.4 GB of 13 GB');
    await shoot(page, 'model-downloading');
  });

  await test.step('nothing moves while the numbers run', async () => {
    model.state = LOADING;
    await expect(bar).toHaveAttribute('aria-valuenow', '43');
    const before = await bar.boundingBox();
    model.state = {
      ...LOADING,
      progress: LOADING.progress && {
        ...LOADING.progress,
        percent: 100,
        remaining_s: 1
      }
    };
    await expect(bar).toHaveAttribute('aria-valuenow', '100');
    expect(await bar.boundingBox()).toEqual(before);
    model.state = LOADING;
    await expect(panel).toContainText('Model gpt-oss-20b is loading, 43 %.');
    await shoot(page, 'model-loading');
    await expectAccessible(page);
  });

  await test.step('a first start shows no percent that nobody knows', async () => {
    model.state = FIRST;
    await expect(section).toContainText('37 s so far');
    await expect(bar).not.toHaveAttribute('aria-valuenow');
    await expect(live).toHaveText('Model: Compiling for this machine');
    await shoot(page, 'model-first');
    await expectAccessible(page);
  });

  await test.step('a model that answers shows its figures', async () => {
    model.state = READY;
    await expect(section).toContainText('86 tokens/s');
    await expect(section).toContainText('1 running, 2 waiting');
    await shoot(page, 'model-ready');
    await expectAccessible(page);
  });

  await test.step('it is not stopped under a generation unasked', async () => {
    await section.getByRole('button', { name: 'Stop model' }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('A generation is running.');
    await shoot(page, 'model-stop');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(model.asked).not.toContain('POST /stop');
    await section.getByRole('button', { name: 'Stop model' }).click();
    await dialog.getByRole('button', { name: 'Stop', exact: true }).click();
    await expect(
      section.getByRole('button', { name: 'Start model' })
    ).toBeVisible();
  });
});

test('a failure says why, what to do, and what the engine said last', async ({
  page
}) => {
  const { section } = await openModel(page, FAILED);
  await expect(section).toContainText('The GPU has too little free memory');
  await section
    .getByRole('button', { name: 'Last lines of the log' })
    .press('Enter');
  await expect(section).toContainText('CUDA out of memory');
  await section.getByRole('button', { name: 'Copy the log' }).click();
  await expect(section).toContainText('Copied');
  await shoot(page, 'model-failed');
  await expectAccessible(page);
});

test('the keyboard alone is enough to start and to stop', async ({ page }) => {
  const { model, section } = await openModel(page);
  await page.evaluate(() =>
    window.jupyterapp.commands.execute('gptoss-lab:show-model')
  );
  const title = section.getByRole('button', { name: 'Model', exact: true });
  await expect(title).toBeFocused();
  const stops: string[] = [];
  for (let step = 0; step < 4; step += 1) {
    await page.keyboard.press('Tab');
    stops.push(await page.evaluate(nameOfFocused));
  }
  expect(stops).toEqual([
    'Start model',
    'Attach Ollama',
    'What does not fit (1)',
    'Sandboxes'
  ]);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  // The focus goes to the title, not to what would undo the start.
  await page.keyboard.press('Enter');
  await expect(title).toBeFocused();
  expect(model.asked.filter(call => call.startsWith('POST'))).toEqual([
    'POST /start'
  ]);
  await page.keyboard.press('Tab');
  expect(await page.evaluate(nameOfFocused)).toBe('Cancel start');
  await page.keyboard.press('Enter');
  await expect(title).toBeFocused();
  await expect(
    section.getByRole('button', { name: 'Start model' })
  ).toBeVisible();
});

test('it can be read in a narrow panel at 200 %, in high contrast and from right to left', async ({
  page
}) => {
  await page.setViewportSize({ width: 640, height: 400 });
  const { model, section, panel } = await openModel(page);
  for (const [name, state] of Object.entries({
    stopped: STOPPED,
    downloading: DOWNLOADING,
    ready: READY,
    failed: FAILED
  })) {
    model.state = state;
    await expect(section).toContainText(WORDS[name] ?? '', SEEN);
    await section.scrollIntoViewIfNeeded();
    const overflow = await panel.evaluate(node => {
      node.style.width = '200px';
      return node.scrollWidth - node.clientWidth;
    });
    expect(overflow).toBeLessThanOrEqual(0);
    await shoot(page, `model-narrow-${name}`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  model.state = LOADING;
  await expect(section).toContainText('Loading the weights', SEEN);
  await page.emulateMedia({ forcedColors: 'active' });
  await shoot(page, 'model-contrast');
  await page.emulateMedia({ forcedColors: 'none' });
  await panel.evaluate(node => node.setAttribute('dir', 'rtl'));
  await shoot(page, 'model-rtl');
});

const WORDS: Record<string, string> = {
  stopped: 'Start model',
  downloading: '3.4 GB of 13 GB',
  ready: '86 tokens/s',
  failed: 'The GPU has too little free memory'
};

function nameOfFocused(): string {
  const node = document.activeElement;
  return node?.getAttribute('aria-label') ?? node?.textContent ?? '';
}

async function expectAccessible(page: IJupyterLabPageFixture): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .include('#gptoss-lab-panel')
    .analyze();
  expect(
    violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])
  ).toEqual([]);
}
