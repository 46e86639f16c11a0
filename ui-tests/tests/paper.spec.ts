import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';

import { expectAccessible } from './axe';
import { openPanel, pendingCells, shoot } from './helpers';
import { READ, claim, told, unit } from './paper_events';
import { tinyPdf } from './paper_files';
import { DONE, FakeJobs, close, delta, open } from './stream_server';
import type { IEvent } from './stream_server';

test.use({ viewport: { width: 1280, height: 800 } });

const PANEL = '#gptoss-lab-panel';

const PDF = tinyPdf(['First page', 'Second page', 'Third page']);

/**
 * Drop a file of this machine on the panel.
 */
async function drop(
  page: IJupyterLabPageFixture,
  panel: Locator,
  name: string,
  content: string
): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([file, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text ?? ''], file ?? ''));
      return data;
    },
    [name, content]
  );
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await panel.dispatchEvent(type, { dataTransfer: transfer });
  }
}

/**
 * The page that the PDF viewer was told to show.
 */
function shownPage(page: IJupyterLabPageFixture): Promise<string> {
  return page.evaluate(() => {
    const frames = document.querySelectorAll<HTMLIFrameElement>(
      '.jp-PDFContainer iframe'
    );
    const shown = [...frames].find(frame => frame.offsetParent !== null);
    const data = shown?.contentDocument?.querySelector('object')?.data ?? '';
    return data.split('#')[1] ?? '';
  });
}

/**
 * Expect the PDF in front, at this page.
 */
async function expectPage(
  page: IJupyterLabPageFixture,
  number: number
): Promise<void> {
  await expect
    .poll(() => shownPage(page), { timeout: 30_000 })
    .toBe(`page=${number}`);
}

function inCell(event: IEvent, units: string[]): IEvent {
  return { ...event, units };
}

/**
 * Have a paper read whose server is the test.
 */
async function read(
  page: IJupyterLabPageFixture,
  path: string,
  jobs: FakeJobs
): Promise<void> {
  await jobs.push(
    told(path),
    unit('u1'),
    unit('u2', {
      status: 'unresolved',
      statement: 'Which optimizer is used',
      question: 'Which optimizer is used?',
      quote: 'the optimizer of our choice'
    }),
    DONE
  );
  await expect(page.locator('.jp-Gptoss-scope')).toBeVisible();
}

test('a paper is dropped, read, chosen from, and becomes cells', async ({
  page,
  tmpPath
}) => {
  const notebook = `${tmpPath}/study.ipynb`;
  const path = `${tmpPath}/lmer.pdf`;
  await page.notebook.createNew('study.ipynb', { kernel: 'python3' });
  const jobs = new FakeJobs(page);
  await jobs.install();
  const panel = await openPanel(page);

  await test.step('it is put beside the notebook, and read', async () => {
    await drop(page, panel, 'lmer.pdf', PDF);
    await expect(panel.getByRole('radio', { name: 'A paper' })).toBeChecked();
    await expect(
      panel.getByRole('button', { name: 'Stop reading' })
    ).toBeVisible();
    expect(await page.contents.fileExists(path)).toBe(true);
    await jobs.push(...READ);
    await expect(panel).toContainText('Page 2 of 3');
    await shoot(page, 'paper-reading');
    await expectAccessible(page, PANEL);
    await read(page, path, jobs);
    await expect(panel).toContainText('Fitting Linear Mixed-Effects Models');
    await shoot(page, 'paper-scope');
    await panel.getByRole('button', { name: /^2 requirements/ }).click();
    await expectAccessible(page, PANEL);
  });

  await test.step('the scope is chosen with the keyboard', async () => {
    const boxes = panel.locator('.jp-Gptoss-scope input');
    await expect(boxes.first()).toBeChecked();
    await boxes.first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await expect(boxes.nth(1)).toBeChecked();
    await panel
      .getByRole('textbox', { name: 'Which optimizer is used?' })
      .fill('Nelder-Mead');
    await panel.getByRole('button', { name: 'Make the notebook' }).click();
    await expect(
      panel.getByRole('button', { name: 'Stop', exact: true })
    ).toBeVisible();
    const [, asked] = (await jobs.bodies()) as [unknown, { paper: unknown }];
    expect(asked.paper).toEqual({
      uri: path,
      scope: ['code', 'lmm'],
      answers: [{ unit: 'u2', text: 'Nelder-Mead' }]
    });
  });

  await test.step('cells come, and the numbers beside them', async () => {
    await jobs.push(
      told(path, { scope: ['code', 'lmm'], missing: ['Figure 2: no data.'] }),
      unit('u1'),
      claim('k1', 'REML criterion', '1743.6'),
      claim('k2', 'Residual variance', '654.9'),
      claim('k3', 'Days slope', '10.47'),
      { ...open('m', 0), kind: 'markdown' },
      close('m', '[Page 3](lmer.pdf#page=3) says how.'),
      open('a', 1),
      delta('a', 'fit = lmer('),
      inCell(close('a', 'fit = lmer(Reaction ~ Days)'), ['u1'])
    );
    const table = panel.getByRole('table', { name: 'Numbers of the paper' });
    await expect(table.getByRole('row')).toHaveCount(4);
    await expect(table).toContainText('Waiting');
    await jobs.push(
      claim('k1', 'REML criterion', '1743.6', {
        state: 'verified',
        computed: 1743.628271959
      }),
      claim('k2', 'Residual variance', '654.9', {
        state: 'differs',
        computed: 660.12,
        reason: 'Off by 5.2.'
      }),
      claim('k3', 'Days slope', '10.47', {
        state: 'not_run',
        reason: 'Its cell failed.'
      }),
      DONE
    );
    await expect(pendingCells(page)).toHaveCount(2);
    await expect(table.getByRole('row', { name: /REML/ })).toContainText(
      'Verified'
    );
    await expect(panel).toContainText('1 verified · 1 differs · 1 not run');
    await table.scrollIntoViewIfNeeded();
    await shoot(page, 'paper-claims');
    await expectAccessible(page, PANEL, '.jp-Gptoss-header');
  });

  await test.step('a claim opens the paper at its page', async () => {
    await panel
      .getByRole('button', { name: 'Open the paper at p. 3: REML criterion' })
      .click();
    await expectPage(page, 3);
  });

  await test.step('so does a cell, in the viewer that is open', async () => {
    await page.notebook.activate('study.ipynb');
    await pendingCells(page)
      .getByRole('button', { name: /^Open the paper at p. 2/ })
      .click();
    await expectPage(page, 2);
  });

  await test.step('and a link in the text', async () => {
    await page.notebook.activate('study.ipynb');
    await pendingCells(page)
      .first()
      .getByRole('button', { name: 'Accept' })
      .click();
    await page
      .locator('.jp-MarkdownCell:visible')
      .getByRole('link', { name: 'Page 3' })
      .click();
    await expectPage(page, 3);
  });

  await test.step('the numbers stay with the notebook', async () => {
    await page.notebook.activate('study.ipynb');
    await page.notebook.save();
    const { content } = await page.evaluate(
      file => window.jupyterapp.serviceManager.contents.get(file),
      notebook
    );
    const { metadata } = content as {
      metadata: { gptoss_lab: { claims: { state: string }[] } };
    };
    expect(metadata.gptoss_lab.claims.map(({ state }) => state)).toEqual([
      'verified',
      'differs',
      'not_run'
    ]);
    await page.reload({ waitForIsReady: false });
    const again = page
      .locator('#gptoss-lab-panel')
      .getByRole('table', { name: 'Numbers of the paper' });
    await expect(again.getByRole('row', { name: /REML/ })).toContainText(
      'Verified',
      { timeout: 60_000 }
    );
  });
});

test('a paper of the file browser is read where it lies', async ({
  page,
  tmpPath
}) => {
  const path = `${tmpPath}/lmer.pdf`;
  await page.contents.uploadContent(PDF, 'text', path);
  await page.contents.uploadContent('a,b', 'text', `${tmpPath}/data.csv`);
  const jobs = new FakeJobs(page);
  await jobs.install();
  const item = (name: string) =>
    page.locator('.jp-DirListing-item').filter({ hasText: name });
  const verb = page.getByRole('menuitem', {
    name: 'Read This Paper with gpt-oss'
  });

  await test.step('by its menu, which no other file has', async () => {
    await page.filebrowser.openDirectory(tmpPath);
    await item('data.csv').click({ button: 'right' });
    await expect(page.getByRole('menuitem', { name: /^Rename/ })).toBeVisible();
    await expect(verb).toHaveCount(0);
    await page.keyboard.press('Escape');
    await item('lmer.pdf').click({ button: 'right' });
    await verb.click();
    await expect(page.locator(PANEL)).toContainText('The paper is being read.');
    const [asked] = (await jobs.bodies()) as [{ paper: unknown }];
    expect(asked.paper).toEqual({ uri: path, read_only: true });
    await read(page, path, jobs);
  });

  const panel = page.locator(PANEL);
  await test.step('what is no paper is refused', async () => {
    await drop(page, panel, 'data.csv', 'a,b');
    await expect(panel).toContainText('data.csv is no paper');
    await expect(panel.locator('.jp-Gptoss-scope')).toBeVisible();
  });

  await test.step('nothing is overwritten unasked', async () => {
    await drop(page, panel, 'lmer.pdf', 'another');
    const dialog = page.locator('.jp-Dialog');
    await expect(dialog).toContainText('A file of that name is there');
    await dialog.getByRole('button', { name: 'Use that file' }).click();
    await expect.poll(async () => (await jobs.bodies()).length).toBe(2);
    const kept = await page.evaluate(
      file => window.jupyterapp.serviceManager.contents.get(file),
      path
    );
    expect(kept.size).toBe(PDF.length);
  });

  await test.step('and reading stops when it is told to', async () => {
    await panel.getByRole('button', { name: 'Stop reading' }).click();
    await expect.poll(async () => (await jobs.asked()).cancelled).toBe(1);
    await jobs.push({ ...DONE, state: 'cancelled' });
    await expect(panel).toContainText('Stopped before the end.');
  });
});
