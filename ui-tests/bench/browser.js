/* global window */
/**
 * Chromium for the benchmarks, as the tests start it.
 */
const { chromium } = require('@playwright/test');

exports.launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage']
  });

/**
 * Wait until JupyterLab has restored its layout; return the time since the
 * navigation began, in milliseconds.
 */
exports.restored = page =>
  page.evaluate(async () => {
    while (!window.jupyterapp) {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    await window.jupyterapp.restored;
    return performance.now();
  });
