/* global window, document, requestAnimationFrame */
/**
 * The review of changed cells in an open notebook: how long it takes until all
 * of them are shown as changes, and until all are accepted.
 *
 *     node review.js URL CELLS ROUNDS
 *
 * The peer is jupyterlab-diff on the same cells, where it is installed.
 */
const { launch, restored } = require('./browser');

/**
 * Code that runs in the page.
 */
function instrument() {
  const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
  const until = async done => {
    const deadline = performance.now() + 60000;
    while (!done()) {
      if (performance.now() > deadline) {
        throw new Error(`In vain: ${done}`);
      }
      await frame();
    }
    await frame();
  };
  const count = selector => document.querySelectorAll(selector).length;
  const isPending = cell => cell.hasClass('jp-Gptoss-pending');
  // Cells far from the screen may not be drawn: those get their header there.
  const isReviewed = ({ content }) =>
    content.widgets.every(
      cell =>
        isPending(cell) &&
        (!cell.isAttached || cell.node.querySelector('.jp-Gptoss-review'))
    );
  const texts = index => ({
    original: `a_${index} = ${index}\nprint(a_${index})\nb = 1`,
    source: `a_${index} = ${index + 1}\nprint(a_${index})\nb = 2`
  });
  const timed = async (run, done) => {
    const start = performance.now();
    await run();
    await until(done);
    return performance.now() - start;
  };

  const open = async cells => {
    const { commands, serviceManager } = window.jupyterapp;
    const path = `review-${Math.random().toString(36).slice(2)}.ipynb`;
    await serviceManager.contents.save(path, {
      type: 'notebook',
      format: 'json',
      content: {
        nbformat: 4,
        nbformat_minor: 5,
        metadata: {},
        cells: Array.from({ length: cells }, (_, index) => ({
          id: `c${index}`,
          cell_type: 'code',
          source: texts(index).source,
          metadata: {},
          execution_count: null,
          outputs: []
        }))
      }
    });
    const panel = await commands.execute('docmanager:open', {
      path,
      kernelPreference: { shouldStart: false }
    });
    await panel.context.ready;
    await panel.revealed;
    await until(() => panel.content.widgets.length === cells);
    await new Promise(resolve => setTimeout(resolve, 1500));
    return panel;
  };

  const close = async panel => {
    await panel.context.save();
    panel.dispose();
  };

  window.benchOurs = async cells => {
    const panel = await open(cells);
    const { sharedModel } = panel.content.model;
    const opened = await timed(
      () =>
        sharedModel.transact(() => {
          sharedModel.cells.forEach((cell, index) =>
            cell.setMetadata('gptoss_lab', {
              review: 'pending',
              change: 'changed',
              original: texts(index).original,
              generated: texts(index).source,
              job: 'bench',
              cell: `c${index}`,
              generator: 'model'
            })
          );
        }),
      () => isReviewed(panel)
    );
    const accepted = await timed(
      () => window.jupyterapp.commands.execute('gptoss-lab:accept-all'),
      () => !panel.content.widgets.some(isPending)
    );
    await close(panel);
    return { shown: cells, opened, accepted };
  };

  window.benchPeer = async cells => {
    const { commands } = window.jupyterapp;
    if (!commands.hasCommand('jupyterlab-diff:unified-cell-diff')) {
      return null;
    }
    const panel = await open(cells);
    const able = panel.content.widgets.filter(({ editor }) => editor);
    const shown = () => count('.jp-NotebookPanel .cm-merge-b');
    const opened = await timed(
      async () => {
        for (const { model } of able) {
          const index = Number(model.id.slice(1));
          const { original, source } = texts(index);
          await commands.execute('jupyterlab-diff:unified-cell-diff', {
            cellId: model.id,
            originalSource: original,
            newSource: source
          });
        }
      },
      () => shown() > 0
    );
    const before = shown();
    const all = [...document.querySelectorAll('button')].find(
      ({ textContent }) => /^accept all$/i.test(textContent.trim())
    );
    const accepted = all
      ? await timed(
          () => all.click(),
          () => shown() === 0
        )
      : null;
    await close(panel);
    return { shown: before, opened, accepted };
  };
}

async function main([url, cells, rounds]) {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await restored(page);
    await page.evaluate(instrument);
    const results = [];
    for (let round = 0; round < Number(rounds); round += 1) {
      const ours = await page.evaluate(n => window.benchOurs(n), Number(cells));
      const peer = await page.evaluate(n => window.benchPeer(n), Number(cells));
      results.push({ ours, peer });
    }
    console.log(JSON.stringify(results));
  } finally {
    await browser.close();
  }
}

main(process.argv.slice(2));
