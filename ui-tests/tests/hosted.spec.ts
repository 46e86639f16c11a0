import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { ENGINE_PYTHON, MUST_HAVE_ENGINE, NO_ENGINE } from '../engine';
import {
  addSource,
  openPanel,
  pendingCells,
  shoot,
  sources,
  untilReviewable
} from './helpers';

const TASK = 'Compute the mean of one column grouped by another with pandas';

/**
 * Loading takes a minute on two cores, more while they do other things.
 */
const START = { timeout: 240_000 };

test.use({ viewport: { width: 1280, height: 800 } });
test.setTimeout(600_000);
test.skip(!ENGINE_PYTHON && !MUST_HAVE_ENGINE, NO_ENGINE);
test.beforeAll(() => {
  expect(ENGINE_PYTHON, NO_ENGINE).not.toBe('');
});

test('a model is started, asked and stopped from the panel', async ({
  page
}) => {
  await page.notebook.createNew('hosted.ipynb', { kernel: 'python3' });
  const panel = await openPanel(page);
  const section = panel.getByRole('region', { name: 'Model' });
  const live = section.locator('[aria-live=polite]');
  const start = section.getByRole('button', { name: 'Start model' });

  await test.step('nothing is loaded before the person says so', async () => {
    await expect(start).toBeVisible();
    await expect(section).toContainText('tiny-gpt-oss');
    await expect(section).toContainText('Stopped');
  });

  await test.step('a generation waits for the model, and says for what', async () => {
    await addSource(panel, 'pandas');
    await panel.getByRole('textbox', { name: 'Task' }).fill(TASK);
    await record(page);
    await start.click();
    await expect(
      section.getByRole('progressbar', { name: 'Start of the model' })
    ).toBeVisible();
    await expect(panel).toContainText(/Model tiny-gpt-oss is loading/);
    await panel.getByRole('button', { name: 'Generate' }).click();
    await expect(
      panel.getByRole('list', { name: 'Progress' }).getByText(/model/i)
    ).toBeVisible({ timeout: 60_000 });
    await section.scrollIntoViewIfNeeded();
    await shoot(page, 'hosted-loading');
  });

  await test.step('the phases come in their order, in words', async () => {
    await expect(section.getByText('First token')).toBeVisible(START);
    const { phases, heard } = await recorded(page);
    const seen = [...new Set(phases)].filter(one => ORDER.includes(one));
    // A page looks once a second: a short phase can pass between two looks.
    expect(seen).toEqual(ORDER.filter(one => seen.includes(one)));
    expect(seen).toContain('Loading the weights');
    expect(seen.length).toBeGreaterThan(1);
    expect(heard.join(' ')).not.toMatch(/\d/);
    await expect(live).toHaveText('Model: Ready');
  });

  await test.step('it answers in cells, which are accepted and run', async () => {
    await untilReviewable(panel);
    await expect(panel.getByText('Model: tiny-gpt-oss')).toBeVisible();
    expect((await sources(page)).join('\n')).toContain('groupby');
    await section.scrollIntoViewIfNeeded();
    await expect(section).toContainText(/\d tokens\/s/, {
      timeout: 30_000
    });
    await shoot(page, 'hosted-ready');
    await panel.getByRole('button', { name: 'Accept all' }).click();
    await expect(pendingCells(page)).toHaveCount(0);
    await page.evaluate(() =>
      window.jupyterapp.commands.execute('notebook:run-all-cells')
    );
    await expect(
      page.locator('.jp-NotebookPanel:visible .jp-OutputArea-output').last()
    ).toContainText('Oslo', { timeout: 60_000 });
  });

  await test.step('its reasoning is shown on demand, and kept nowhere', async () => {
    const thought = 'then groupby and mean';
    await expect(panel).not.toContainText(thought, { ignoreCase: true });
    await panel.getByRole('button', { name: 'Reasoning' }).click();
    await expect(panel).toContainText(thought, { ignoreCase: true });
    const text = await page.evaluate(() => {
      const notebook = window.jupyterapp.shell.currentWidget as unknown as {
        content: { model: { toJSON(): unknown } };
      };
      return JSON.stringify(notebook.content.model.toJSON());
    });
    expect(text).toContain('groupby');
    expect(text.toLowerCase()).not.toContain(thought);
  });

  await test.step('it stops, and the panel says who answers then', async () => {
    await section.getByRole('button', { name: 'Stop model' }).click();
    await expect(start).toBeVisible({ timeout: 60_000 });
    await expect(panel).toContainText('No model is running');
  });
});

/**
 * What each start goes through, in this order. It compiles in between, once or
 * more often, as far as it must.
 */
const ORDER = [
  'Starting the engine',
  'Loading the weights',
  'Making room for the cache',
  'Warming up'
];

interface IRecorder {
  phases?: string[];
  heard?: string[];
}

/**
 * Note, in the page, each phase that is shown and each that is announced.
 */
function record(page: IJupyterLabPageFixture): Promise<void> {
  return page.evaluate(() => {
    const recorder = window as unknown as IRecorder;
    const phases: string[] = [];
    const heard: string[] = [];
    Object.assign(recorder, { phases, heard });
    const section = document.querySelector('.jp-Gptoss-model');
    const note = (list: string[], selector: string): void => {
      const text = section?.querySelector(selector)?.textContent ?? '';
      if (text !== '' && text !== list[list.length - 1]) {
        list.push(text);
      }
    };
    new MutationObserver(() => {
      note(phases, '.jp-Gptoss-start-phase');
      note(heard, '[aria-live=polite]');
    }).observe(section ?? document.body, {
      subtree: true,
      childList: true,
      characterData: true
    });
  });
}

function recorded(
  page: IJupyterLabPageFixture
): Promise<{ phases: string[]; heard: string[] }> {
  return page.evaluate(() => {
    const { phases = [], heard = [] } = window as unknown as IRecorder;
    return { phases, heard };
  });
}
