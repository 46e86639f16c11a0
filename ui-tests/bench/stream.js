/* global window, document, requestAnimationFrame, ResizeObserver */
/**
 * A stream of tokens into a cell of an open notebook: by the extension, and
 * as it would be done without it, one change of the source for each token.
 *
 *     node stream.js URL
 *
 * Each token ends with a semicolon, so that their number can be read off the
 * page. Prints the age of each token when it was painted, and the long tasks.
 */
const { launch, restored } = require('./browser');

/** High enough that the end of the cell is always in view, and so painted. */
const VIEWPORT = { width: 1200, height: 1600 };

/**
 * Note, in the page, when tokens arrive, when they are painted, and what
 * blocks the page.
 */
function instrument() {
  const tokens = text => text.split(';').length - 1;
  const bench = { arrived: [], painted: [], longTasks: [], shown: () => '' };
  window.bench = bench;
  new PerformanceObserver(list => {
    for (const { startTime, duration } of list.getEntries()) {
      bench.longTasks.push({ startTime, duration });
    }
  }).observe({ type: 'longtask' });

  const { read } = ReadableStreamDefaultReader.prototype;
  const decoder = new TextDecoder();
  ReadableStreamDefaultReader.prototype.read = async function () {
    const result = await read.call(this);
    const now = performance.now();
    if (bench.on && result.value) {
      const text = decoder.decode(result.value);
      const deltas = text.match(/"type":\s*"cell_delta".*/g) || [];
      for (let count = tokens(deltas.join('')); count > 0; count -= 1) {
        bench.arrived.push(now);
      }
    }
    return result;
  };

  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data }) => {
    // The frame in which the text was there has been painted.
    const now = performance.now();
    while (bench.painted.length < data) {
      bench.painted.push(now);
    }
  };
  // Its observer is called in each frame after all that writes in it, and
  // before the frame is painted.
  const probe = document.createElement('div');
  probe.style.cssText = 'position: fixed; contain: strict; height: 1px';
  new ResizeObserver(() => {
    if (bench.on) {
      channel.port2.postMessage(tokens(bench.shown()));
    }
  }).observe(probe);
  let wide = false;
  const look = () => {
    if (!probe.isConnected) {
      document.body?.append(probe);
    }
    wide = !wide;
    probe.style.width = wide ? '2px' : '1px';
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);

  bench.begin = shown => {
    Object.assign(bench, { arrived: [], painted: [], longTasks: [], shown });
    bench.on = true;
  };
  bench.end = () => {
    bench.on = false;
    const { arrived, painted, longTasks } = bench;
    const ages = painted.map((at, index) => at - arrived[index]);
    return { tokens: arrived.length, ages, longTasks };
  };
}

async function ours(page) {
  await page.evaluate(() => {
    window.bench.begin(
      () =>
        document.querySelector('.jp-Cell.jp-Gptoss-pending .cm-content')
          ?.textContent ?? ''
    );
  });
  await page.getByRole('textbox', { name: 'Task' }).fill('Count');
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  await settled(page);
  const steps = await undoSteps(page);
  const run = await page.evaluate(() => window.bench.end());
  return { ...run, steps };
}

/**
 * The same job from the same server, read in the page, and the most obvious
 * way to write it.
 */
async function naive(page) {
  await page.evaluate(async () => {
    const { model, widgets } = window.jupyterapp.shell.currentWidget.content;
    const shared = model.sharedModel;
    const cell = shared.insertCell(5, { cell_type: 'code', source: '' });
    window.bench.begin(
      () => widgets[5].node.querySelector('.cm-content')?.textContent ?? ''
    );
    const root = window.jupyterapp.serviceManager.serverSettings.baseUrl;
    const token = window.jupyterapp.serviceManager.serverSettings.token;
    const headers = {
      Authorization: `token ${token}`,
      'Content-Type': 'application/json',
      Accept: 'text/event-stream'
    };
    const response = await fetch(`${root}api/v1/code/generate`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ task: 'Count', verify: false })
    });
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let rest = '';
    void (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) {
          return;
        }
        const lines = (rest + decoder.decode(value, { stream: true })).split(
          '\n'
        );
        rest = lines.pop();
        for (const line of lines.filter(one => one.startsWith('data: '))) {
          const event = JSON.parse(line.slice(6));
          if (event.type === 'cell_delta') {
            const { length } = cell.getSource();
            cell.undoManager.stopCapturing();
            cell.updateSource(length, length, event.text);
          }
        }
      }
    })();
  });
  await settled(page);
  const steps = await page.evaluate(
    () =>
      window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells[5]
        .undoManager.undoStack.length
  );
  const run = await page.evaluate(() => window.bench.end());
  return { ...run, steps };
}

/**
 * Wait until tokens have come, and no more come.
 */
async function settled(page) {
  let before = 0;
  for (;;) {
    await page.waitForTimeout(1000);
    const now = await page.evaluate(() => window.bench.painted.length);
    if (now > 0 && now === before) {
      return;
    }
    before = now;
  }
}

function undoSteps(page) {
  return page.evaluate(
    () =>
      window.jupyterapp.shell.currentWidget.content.model.sharedModel
        .undoManager.undoStack.length
  );
}

async function main([url]) {
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: VIEWPORT });
    page.setDefaultTimeout(60000);
    await page.addInitScript(instrument);
    await page.goto(url);
    await restored(page);
    await page.locator('.jp-Notebook .jp-Cell').nth(3).waitFor();
    await page.evaluate(() =>
      window.jupyterapp.commands.execute('gptoss-lab:open-panel')
    );
    // JupyterLab makes the editors of a long notebook while it idles.
    await page.waitForFunction(() => {
      const { widgets } = window.jupyterapp.shell.currentWidget.content;
      return widgets.length > 100 && !widgets.some(one => one.isPlaceholder());
    });
    await page.waitForTimeout(2000);
    // The active cell is the first: both write near the top, in view.
    const first = await naive(page);
    await page.evaluate(() => {
      const { model } = window.jupyterapp.shell.currentWidget.content;
      model.sharedModel.deleteCell(5);
      model.sharedModel.clearUndoHistory();
    });
    await page.waitForTimeout(1000);
    console.log(JSON.stringify({ naive: first, ours: await ours(page) }));
  } finally {
    await browser.close();
  }
}

main(process.argv.slice(2));
