import { expect, test } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import { counts } from './helpers';
import { putNotebook } from './pending_notebook';

// Galata would answer a restart with 201, which JupyterLab takes for a failure.
test.use({ viewport: { width: 1280, height: 800 }, kernels: null });

const SLOW = { timeout: 60_000 };
const REFUSED = /pending review/;

interface ILanguage {
  begin: string;
  more: string;
  show: string;
}

const PYTHON: ILanguage = {
  begin: 'ran = 0',
  more: 'ran = ran + 1',
  show: 'print(ran)'
};
const KERNELS: Record<string, ILanguage> = {
  python3: PYTHON,
  'gptoss-python': PYTHON,
  ir: { begin: 'ran <- 0', more: 'ran <- ran + 1', show: 'cat(ran)' }
};

/**
 * Ways to run a cell that the person has selected, or the whole notebook.
 */
const COMMANDS = [
  'notebook:run-cell',
  'notebook:run-cell-and-select-next',
  'notebook:run-cell-and-insert-below',
  'notebook:run-all-above',
  'notebook:run-all-below',
  'runmenu:run',
  'runmenu:run-all'
];
const KEYS = ['Shift+Enter', 'Control+Enter', 'Alt+Enter'];

for (const [kernel, language] of Object.entries(KERNELS)) {
  test(`what waits for review runs in no way on ${kernel}`, async ({
    page,
    tmpPath
  }) => {
    const specs = await page.evaluate(async () => {
      const { kernelspecs } = window.jupyterapp.serviceManager;
      await kernelspecs.ready;
      return Object.keys(kernelspecs.specs?.kernelspecs ?? {});
    });
    test.skip(!specs.includes(kernel), `there is no kernel ${kernel}`);
    const path = `${tmpPath}/${kernel}.ipynb`;
    const review = 'pending';
    await putNotebook(
      page,
      path,
      [
        { id: 'begin', source: language.begin },
        { id: 'new', source: language.more, gptoss: { review } },
        {
          id: 'changed',
          source: language.more,
          gptoss: { review, change: 'changed', original: '1' }
        },
        {
          id: 'deleted',
          source: language.more,
          gptoss: { review, change: 'deleted', original: language.more }
        },
        { id: 'damaged', source: language.more, gptoss: { review: ['?'] } },
        { id: 'last', source: language.show }
      ],
      kernel
    );
    await page.notebook.openByPath(path);
    await page.notebook.activate(`${kernel}.ipynb`);
    const toast = page.locator('.Toastify__toast', { hasText: REFUSED });
    const ran = () => kernelSays(page, language.show);
    const spoke = async (way: string) => {
      await expect(toast.first(), way).toBeVisible(SLOW);
      await dismiss(page);
      expect(await ran(), way).toBe('0');
    };

    await page.evaluate(ready);
    await kernelSays(page, language.begin);
    await test.step('commands and menus', async () => {
      // The way through the page is the same for every kernel.
      const some = kernel === 'python3' ? COMMANDS : COMMANDS.slice(-1);
      for (const command of some) {
        await select(page, 2);
        await page.evaluate(
          id => void window.jupyterapp.commands.execute(id),
          command
        );
        await spoke(command);
      }
    });

    await test.step('keys', async () => {
      for (const key of kernel === 'python3' ? KEYS : KEYS.slice(0, 1)) {
        await page.notebook.activate(`${kernel}.ipynb`);
        await select(page, 2);
        await page.locator('.jp-Notebook:visible').focus();
        await page.keyboard.press(key);
        await spoke(key);
      }
    });

    await test.step('restart and run all', async () => {
      await expect(toast).toHaveCount(0);
      await page.evaluate(() => {
        void window.jupyterapp.commands.execute('notebook:restart-run-all');
      });
      await page
        .locator('.jp-Dialog')
        .getByRole('button', { name: 'Confirm Kernel Restart' })
        .click();
      await expect.poll(async () => (await counts(page))[0], SLOW).toBe(1);
      await spoke('restart and run all');
    });

    await test.step('selected text in a console', async () => {
      if (kernel !== 'python3') {
        return;
      }
      await expect(async () => {
        await select(page, 1);
        await selectText(page, language.more);
        // JupyterLab puts nothing into a console that it has just opened.
        await page.evaluate(() =>
          window.jupyterapp.commands.execute('notebook:run-in-console')
        );
        await expect(toast.first()).toBeVisible({ timeout: 2000 });
      }).toPass(SLOW);
      await expect(
        page.locator('.jp-CodeConsole-content .jp-CodeCell').last()
      ).toContainText(language.more);
      await select(page, 1);
      await spoke('selected text in a console');
    });

    const [begin, ...others] = await counts(page);
    expect(begin).not.toBeNull();
    expect(others.slice(0, 4)).toEqual([null, null, null, null]);
  });
}

/**
 * Wait until the notebook's kernel answers.
 */
async function ready(): Promise<void> {
  const panel = window.jupyterapp.shell.currentWidget as unknown as {
    sessionContext: {
      ready: Promise<void>;
      session: { kernel: { info: Promise<unknown> } };
    };
  };
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
}

/**
 * Make a cell the active one, in command mode.
 */
function select(page: IJupyterLabPageFixture, index: number): Promise<void> {
  return page.evaluate(at => {
    const { shell } = window.jupyterapp;
    // A console of the notebook has its name, too.
    const panel = [...shell.widgets('main')].find(widget =>
      widget.hasClass('jp-NotebookPanel')
    ) as unknown as {
      id: string;
      content: {
        activeCellIndex: number;
        mode: string;
        deselectAll(): void;
      };
    };
    shell.activateById(panel.id);
    panel.content.deselectAll();
    panel.content.activeCellIndex = at;
    panel.content.mode = 'command';
  }, index);
}

/**
 * Select the text of the active cell.
 */
function selectText(page: IJupyterLabPageFixture, text: string): Promise<void> {
  return page.evaluate(column => {
    const panel = window.jupyterapp.shell.currentWidget as unknown as {
      content: {
        activeCell: { editor: { setSelection(range: object): void } };
      };
    };
    panel.content.activeCell.editor.setSelection({
      start: { line: 0, column: 0 },
      end: { line: 0, column }
    });
  }, text.length);
}

/**
 * Put the refusals that were shown away, so that the next one is seen.
 */
async function dismiss(page: IJupyterLabPageFixture): Promise<void> {
  const toast = page.locator('.Toastify__toast', { hasText: REFUSED });
  while ((await toast.count()) > 0) {
    await toast.first().hover();
    await toast.first().getByRole('button').last().click();
    await expect(toast).toHaveCount(0);
  }
}

interface IReply {
  ename?: string;
  execution_count: number | null;
  text: string;
}

/**
 * Have the notebook's kernel run code, past everything of the notebook.
 */
function ask(
  page: IJupyterLabPageFixture,
  code: string,
  metadata: Record<string, unknown> = {}
): Promise<IReply> {
  return page.evaluate(
    async ([code, metadata]) => {
      const panel = window.jupyterapp.shell.currentWidget as unknown as {
        sessionContext: {
          session: {
            kernel: {
              requestExecute(
                content: object,
                dispose: boolean,
                metadata: object
              ): {
                onIOPub: (message: { content: { text?: string } }) => void;
                done: Promise<{ content: Record<string, unknown> }>;
              };
            };
          };
        };
      };
      const { kernel } = panel.sessionContext.session;
      const future = kernel.requestExecute({ code }, true, metadata);
      let text = '';
      future.onIOPub = ({ content }) => {
        text += content.text ?? '';
      };
      const { content } = await future.done;
      return { ...content, text } as unknown as IReply;
    },
    [code, metadata] as const
  );
}

/**
 * What code prints in the notebook's kernel.
 */
async function kernelSays(
  page: IJupyterLabPageFixture,
  code: string
): Promise<string> {
  return (await ask(page, code)).text.trim();
}
