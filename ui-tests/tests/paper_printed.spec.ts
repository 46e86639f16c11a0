import { expect, test } from '@jupyterlab/galata';

import { expectAccessible } from './axe';
import { openPanel, pendingCells, shoot, sources } from './helpers';

test.use({ viewport: { width: 1280, height: 800 } });

/**
 * A paper with code, what it prints, and one number that is not so.
 */
const PAPER = String.raw`\documentclass{article}
\title{The Mean of a Few Numbers}
\author{A. Author}
\begin{document}
\maketitle
\begin{abstract}
We report the mean of a few numbers, and their largest.
\end{abstract}
\section{Mean}
We take three numbers and report their mean.
\begin{verbatim}
>>> values = [1.0, 2.0, 4.5]
>>> print("mean:", round(sum(values) / len(values), 3))
mean: 2.5
\end{verbatim}
\section{Largest}
Twice the largest number is a little more than nine.
\begin{verbatim}
>>> print("twice:", max(values) * 2)
twice: 9.7
\end{verbatim}
\end{document}
`;

test('the code that a paper prints is run, and its numbers compared', async ({
  page,
  tmpPath
}) => {
  const path = `${tmpPath}/mean.tex`;
  await page.contents.uploadContent(PAPER, 'text', path);
  await page.notebook.createNew('study.ipynb', { kernel: 'python3' });
  const panel = await openPanel(page);
  await panel.getByRole('radio', { name: 'A paper' }).click();
  const name = panel.getByRole('textbox', { name: 'Paper' });

  await test.step('a paper that is not there says what to do', async () => {
    await name.fill(`${tmpPath}/none.tex`);
    await name.press('Enter');
    await expect(
      panel.locator('.jp-Gptoss-paper').getByRole('alert')
    ).toContainText('none.tex', {
      timeout: 60_000
    });
  });

  await test.step('it is read, and what was read outlives the page', async () => {
    const kept = page.waitForResponse(response =>
      /"gptoss-lab:paper":.*"job":"\w/.test(response.request().postData() ?? '')
    );
    await name.fill(path);
    await name.press('Enter');
    const scope = panel.locator('.jp-Gptoss-scope');
    await expect(scope).toBeVisible({ timeout: 120_000 });
    await expect(panel).toContainText('The Mean of a Few Numbers');
    // What the page remembers is on its way for a moment.
    await kept;
    await page.reload({ waitForIsReady: false });
    await expect(scope).toBeVisible({ timeout: 60_000 });
    await expect(name).toHaveValue(path);
    const boxes = scope.getByRole('checkbox');
    for (let at = 0; at < (await boxes.count()); at += 1) {
      await boxes.nth(at).check();
    }
  });

  await test.step('its code becomes cells, its numbers a table', async () => {
    await page.locator('.jp-NotebookPanel:visible .jp-Cell').first().waitFor();
    await panel.getByRole('button', { name: 'Make the notebook' }).click();
    const table = panel.getByRole('table', { name: 'Numbers of the paper' });
    await expect(panel.getByText(/^\d+ pending$/)).toBeVisible({
      timeout: 150_000
    });
    await expect(table.getByRole('row', { name: /2\.5/ })).toContainText(
      'Verified'
    );
    await expect(table.getByRole('row', { name: /9\.7/ })).toContainText(
      'Differs'
    );
    expect((await sources(page)).join('\n')).toContain('values = [1.0');
    await expect(
      pendingCells(page).getByText('From the paper').first()
    ).toBeVisible();
    await table.scrollIntoViewIfNeeded();
    await shoot(page, 'paper-printed');
    await expectAccessible(page, '#gptoss-lab-panel', '.jp-Gptoss-header');
  });

  await test.step('a cell leads to its place', async () => {
    await pendingCells(page)
      .getByRole('button', { name: /^Open the paper/ })
      .first()
      .click();
    await expect(
      page.locator('.jp-FileEditor:visible').getByText('maketitle')
    ).toBeVisible();
  });
});
