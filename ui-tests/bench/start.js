/**
 * How long JupyterLab takes to start with our extension and without it, and
 * how much JavaScript of ours the browser has fetched by then.
 *
 *     node start.js URL ROUNDS
 *
 * The extension is left out of what the page is told of, for JupyterLab fetches
 * even one that is disabled.
 */
const { gzipSync } = require('zlib');

const { launch, restored } = require('./browser');

const CONFIG = /(<script id="jupyter-config-data"[^>]*>)([^<]*)(<\/script>)/;

/** What we disable of others', see package.json. */
const REPLACED = /:(notebook-)?cell-executor$/;

/**
 * The page as the server sends it, with our extension or without.
 */
function retold(html, withOurs) {
  return html.replace(CONFIG, (_, head, text, tail) => {
    const config = JSON.parse(text);
    if (!withOurs) {
      config.federated_extensions = config.federated_extensions.filter(
        ({ name }) => name !== 'gptoss-lab'
      );
      config.disabledExtensions = (config.disabledExtensions ?? []).filter(
        name => !REPLACED.test(name)
      );
    }
    return head + JSON.stringify(config) + tail;
  });
}

async function start(browser, url, withOurs) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route(
    ({ pathname }) => pathname.endsWith('/lab'),
    async route => {
      const response = await route.fetch();
      const body = retold(await response.text(), withOurs);
      await route.fulfill({ response, body });
    }
  );
  const bodies = [];
  page.on('response', response => {
    const path = new URL(response.url()).pathname;
    if (path.includes('/lab/extensions/gptoss-lab/') && path.endsWith('.js')) {
      bodies.push(response.body());
    }
  });
  await page.goto(url);
  const ms = await restored(page);
  await page.waitForLoadState('networkidle');
  const scripts = await Promise.all(bodies);
  const bytes = scripts.map(body => gzipSync(body, { level: 6 }).length);
  await context.close();
  return { ms, scripts: scripts.length, bytes: bytes.reduce(add, 0) };
}

const add = (sum, value) => sum + value;

async function main([url, rounds]) {
  const browser = await launch();
  try {
    // The first start fills the caches of the disk, for both.
    await start(browser, url, false);
    await start(browser, url, true);
    const pairs = [];
    for (let round = 0; round < Number(rounds); round += 1) {
      // Who goes first changes, for what grows slower or faster with time.
      const first = round % 2 === 0;
      const one = await start(browser, url, first);
      const other = await start(browser, url, !first);
      const [ours, bare] = first ? [one, other] : [other, one];
      pairs.push({ ours, bare });
    }
    console.log(JSON.stringify(pairs));
  } finally {
    await browser.close();
  }
}

main(process.argv.slice(2));
