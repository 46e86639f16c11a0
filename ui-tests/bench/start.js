/**
 * How long JupyterLab takes to start with our extension and without it, and
 * how much JavaScript of ours the browser has fetched by then.
 *
 *     node start.js WITH_URL WITHOUT_URL ROUNDS
 */
const { gzipSync } = require('zlib');

const { launch, restored } = require('./browser');

async function start(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
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

async function main([withUrl, withoutUrl, rounds]) {
  const browser = await launch();
  try {
    // The first start fills the caches of the disk, for both.
    await start(browser, withoutUrl);
    await start(browser, withUrl);
    const pairs = [];
    for (let round = 0; round < Number(rounds); round += 1) {
      // Who goes first changes, for what grows slower or faster with time.
      const first = round % 2 === 0;
      const one = await start(browser, first ? withUrl : withoutUrl);
      const other = await start(browser, first ? withoutUrl : withUrl);
      const [ours, bare] = first ? [one, other] : [other, one];
      pairs.push({ ours, bare });
    }
    console.log(JSON.stringify(pairs));
  } finally {
    await browser.close();
  }
}

main(process.argv.slice(2));
