const path = require('path');

const baseConfig = require('@jupyterlab/galata/lib/playwright-config');

const { ENGINE_PYTHON } = require('./engine');
const { CROWDS, beside } = require('./neighbours');
const { portOf } = require('./ports');

const root = path.dirname(__dirname);
const python = process.env.GALATA_PYTHON || path.join(root, '.venv/bin/python');
const lab = name => `http://127.0.0.1:${portOf(name)}`;
const modelPort = portOf('CHAT');
const quickPort = portOf('QUICK_CHAT');

/**
 * A JupyterLab of its own for each generator.
 */
const server = (name, env) => ({
  command: `${python} -m jupyterlab --allow-root --config jupyter_server_test_config.py --ServerApp.port=${portOf(name)} --ServerApp.port_retries=0`,
  url: `${lab(name)}/lab`,
  timeout: 120_000,
  reuseExistingServer: false,
  stdout: 'pipe',
  gracefulShutdown: { signal: 'SIGTERM', timeout: 15_000 },
  env: {
    ...process.env,
    PATH: `${path.dirname(python)}${path.delimiter}${process.env.PATH}`,
    GPTOSS_LAB_DATA_DIR:
      process.env.GPTOSS_LAB_TEST_DATA_DIR ||
      path.join(root, '.local/test-data'),
    ...env
  }
});

/**
 * A model that answers from recordings, with so many milliseconds between words.
 */
const chat = (port, delay) => ({
  command: `${python} -m tests.fakes.chat_server --script groupby --delay-ms ${delay} --port ${port}`,
  cwd: root,
  url: `http://127.0.0.1:${port}/v1/models`,
  reuseExistingServer: false
});

const project = (name, spec) => ({
  name,
  testMatch: spec,
  use: { baseURL: lab(name.toUpperCase()) }
});

module.exports = {
  ...baseConfig,
  testDir: 'tests',
  reporter: [['list']],
  timeout: 180_000,
  workers: 1,
  retries: 0,
  use: {
    ...baseConfig.use,
    video: 'off',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage']
    }
  },
  projects: [
    project(
      'model',
      /(model|magic_r|pending|stream|review|edit|guard|records|panel|axe|paper)\.spec\.ts/
    ),
    project('hosted', /hosted\.spec\.ts/),
    project('monitor', /monitor\.spec\.ts/),
    project(
      'examples',
      /(examples|outputs|packages|sandboxes|model_section|magic|paper_printed)\.spec\.ts/
    ),
    ...CROWDS.map(name => project(name, new RegExp(`${name}\\.spec\\.ts`)))
  ],
  webServer: [
    chat(modelPort, 20),
    chat(quickPort, 0),
    server('MODEL', { GALATA_MODEL_URL: `http://127.0.0.1:${modelPort}/v1` }),
    server('EXAMPLES', { GALATA_MODEL_URL: '' }),
    server('MONITOR', {
      GALATA_MODEL_URL: `http://127.0.0.1:${quickPort}/v1`,
      GALATA_SANDBOX: 'none'
    }),
    ...(ENGINE_PYTHON
      ? [
          server('HOSTED', {
            GALATA_MODEL_URL: '',
            GALATA_ENGINE_PYTHON: ENGINE_PYTHON
          })
        ]
      : []),
    ...CROWDS.map(name =>
      server(name.toUpperCase(), {
        GALATA_MODEL_URL: `http://127.0.0.1:${modelPort}/v1`,
        ...beside(name)
      })
    )
  ]
};
