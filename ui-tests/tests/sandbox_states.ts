import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import type { SandboxState } from '../../src/wire/schema';

const MIB = 1024 ** 2;

const SANDBOX: SandboxState = {
  id: 'k1',
  language: 'python',
  kernel: 'gptoss-python',
  profile: '',
  purpose: 'notebook',
  phase: 'busy',
  runtime: 'docker',
  isolation: 'Docker container, runc, shared kernel, no network',
  image: 'gptoss-lab/python:1',
  notebook: 'sales.ipynb',
  started_at: '2026-11-27T09:20:00+00:00',
  uptime_s: 720,
  idle_s: 0,
  expires_in_s: 1790,
  limits: {
    memory_bytes: 2048 * MIB,
    cpus: 1,
    pids: 256,
    disk_bytes: 512 * MIB,
    wall_clock_s: 120,
    cell_timeout_s: 60,
    output_bytes: 4 * MIB,
    output_messages: 2000,
    idle_s: 1800,
    ttl_s: 43200
  },
  usage: {
    memory_bytes: 312 * MIB,
    peak_memory_bytes: null,
    cpu_s: 1,
    cpu_percent: 45.2,
    throttled_s: null,
    pids: 9,
    oom_kills: 0,
    bytes_in: 0,
    bytes_out: 0,
    executions: 3
  },
  data: [],
  last_error: ''
};

/**
 * Answer the list of sandboxes as of a server on which two are used.
 */
export async function serveSandboxes(
  page: IJupyterLabPageFixture
): Promise<void> {
  await page.route(/\/api\/v1\/sandboxes(\?|$)/, route =>
    route.fulfill({
      json: {
        sandboxes: [
          SANDBOX,
          {
            ...SANDBOX,
            id: 'k2',
            language: 'r',
            kernel: 'gptoss-r',
            phase: 'idle',
            image: 'gptoss-lab/r:1',
            notebook: 'survey.ipynb',
            idle_s: 240,
            usage: {
              ...SANDBOX.usage,
              memory_bytes: 188 * MIB,
              cpu_percent: 0,
              pids: 5
            }
          }
        ]
      }
    })
  );
}
