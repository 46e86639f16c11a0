import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { expectAccessible } from './axe';
import { openPanel, pendingCells, shoot, untilReviewable } from './helpers';

test.use({ viewport: { width: 1280, height: 900 } });

const GUIDE = `# Emoji in text

Turn names into emoji with emojize.

\`\`\`python
import emoji
print(emoji.emojize("Python is :thumbs_up:"))
\`\`\`
`;
const SLOW = { timeout: 60_000 };

test('what cells lack is added by one click, and they are run again', async ({
  page,
  tmpPath
}) => {
  await page.contents.uploadContent(GUIDE, 'text', `${tmpPath}/emoji.md`);
  await page.notebook.createNew('emoji.ipynb', { kernel: 'gptoss-python' });
  const panel = await openPanel(page);
  await panel
    .getByRole('textbox', { name: 'Add documentation' })
    .fill(`${tmpPath}/emoji.md`);
  await panel.getByRole('button', { name: 'Add', exact: true }).click();
  await panel
    .getByRole('textbox', { name: 'Task' })
    .fill('turn names into emoji');
  await panel.getByRole('button', { name: 'Generate' }).click();
  await untilReviewable(panel);
  const needs = panel.getByRole('group', { name: 'Packages that the cells' });
  const add = needs.getByRole('button', { name: 'Add it and run again' });
  const dialog = page.getByRole('dialog');
  const server = await takeOver(page);

  await test.step('the panel and the cell say what is missing', async () => {
    await expect(needs).toContainText(
      'The cells need emoji, which the sandbox lacks.'
    );
    await expect(
      pendingCells(page).getByRole('button', {
        name: 'Add emoji and run again'
      })
    ).toBeVisible();
    await expectAccessible(page, '#gptoss-lab-panel');
  });

  await test.step('nothing is added before the person agrees', async () => {
    await pendingCells(page)
      .getByRole('button', { name: 'Add emoji and run again' })
      .click();
    await expect(dialog).toContainText('from the Python package index');
    await expect(dialog).toContainText('still no network');
    await shoot(page, 'package-needs');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    expect(server.asked).toEqual([]);
    await expect(add).toBeVisible();
  });

  await test.step('it is seen how far that is', async () => {
    await add.click();
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await expect(needs).toContainText('Adding emoji to the sandbox…', SLOW);
    await expect(needs.getByRole('button', { name: 'Stop' })).toBeVisible();
    await expect(add).toHaveCount(0);
    expect(server.asked).toEqual([{ packages: ['emoji'] }]);
  });

  await test.step('the cells are the same, and their runs are the new ones', async () => {
    server.release(await generatedCells(page));
    await expect(needs.getByRole('status')).toHaveText(
      'Added: emoji. 1 of 1 code cell ran well.',
      SLOW
    );
    await expect(needs).not.toContainText('which the sandbox lacks');
    await expect(
      pendingCells(page).locator('.jp-Gptoss-badge.jp-mod-ok')
    ).toHaveCount(1);
    const cells = await generatedCells(page);
    expect(cells.map(({ checks }) => checks.length)).toEqual(
      cells.map(() => 0)
    );
    await shoot(page, 'packages-added');
  });
});

interface IGenerated {
  id: string;
  kind: string;
  source: string;
  checks: unknown[];
}

/**
 * The generated cells of the notebook in front.
 */
function generatedCells(page: IJupyterLabPageFixture): Promise<IGenerated[]> {
  return page.evaluate(() => {
    const panel = window.jupyterapp.shell.currentWidget as unknown as {
      content: {
        model: {
          cells: Iterable<{
            type: string;
            sharedModel: { getSource(): string };
            getMetadata(
              key: string
            ): { cell: string; checks: unknown[] } | null;
          }>;
        };
      };
    };
    return [...panel.content.model.cells].flatMap(cell => {
      const known = cell.getMetadata('gptoss_lab');
      return known
        ? [
            {
              id: known.cell,
              kind: cell.type,
              source: cell.sharedModel.getSource(),
              checks: known.checks
            }
          ]
        : [];
    });
  });
}

/**
 * Answer for the server where packages are added: what is added stays added,
 * and other tests go by the sandbox as it is.
 */
async function takeOver(page: IJupyterLabPageFixture) {
  const asked: unknown[] = [];
  let release: (cells: IGenerated[]) => void = () => undefined;
  const released = new Promise<IGenerated[]>(resolve => {
    release = resolve;
  });
  await page.route('**/api/v1/code/jobs/*/packages*', async route => {
    asked.push(route.request().postDataJSON());
    await route.fulfill({
      status: 202,
      json: { job: 'added', events: '', state: 'queued' }
    });
  });
  await page.route('**/api/v1/code/jobs/added/events*', async route => {
    const body = eventsOf(await released)
      .map((event, index) => {
        const data = JSON.stringify({ ...event, seq: index + 1, job: 'added' });
        return `id: ${index + 1}\ndata: ${data}\n\n`;
      })
      .join('');
    await route.fulfill({ contentType: 'text/event-stream', body });
  });
  return { asked, release: (cells: IGenerated[]) => release(cells) };
}

function eventsOf(cells: IGenerated[]): Record<string, unknown>[] {
  const run = {
    status: 'ok',
    duration_s: 0.4,
    peak_memory_bytes: null,
    execution_count: 1,
    outputs: [
      { output_type: 'stream', name: 'stdout', text: 'Python is 👍\n' }
    ],
    error: '',
    truncated: false,
    isolation: '',
    data: [],
    runtime: 'docker',
    image: 'sha256:2'
  };
  return [
    { type: 'stage', stage: 'packages', detail: 'emoji' },
    ...cells.flatMap(({ id, kind, source }, index) => [
      {
        type: 'cell_open',
        cell: id,
        index,
        kind,
        language: 'python',
        change: 'new',
        target: ''
      },
      { type: 'cell_close', cell: id, source, sources: [], units: [] }
    ]),
    ...cells
      .filter(({ kind }) => kind === 'code')
      .map(({ id }) => ({ type: 'verification', cell: id, verification: run })),
    {
      type: 'done',
      state: 'done',
      cells: cells.length,
      verified: 1,
      message: ''
    }
  ];
}
