import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import type { Monitor, Quality } from '../../src/wire/schema';

const GIB = 1024 ** 3;
const DAY_MS = 86_400_000;

/**
 * Counts that are all 0 but for the given ones.
 */
function quality(fields: Partial<Quality> = {}): Quality {
  return {
    generations: 0,
    good: 0,
    partial: 0,
    empty: 0,
    failed: 0,
    cells: 0,
    unparsed: 0,
    failed_check: 0,
    failed_run: 0,
    checked: 0,
    ran: 0,
    repair_rounds: 0,
    executions: 0,
    executions_ok: 0,
    accepted: 0,
    edited: 0,
    rejected: 0,
    first_text_s: null,
    tokens_per_s: null,
    duration_s: null,
    ...fields
  };
}

/**
 * A server that is well and that nobody has asked for anything.
 */
export function quietServer(now = Date.now()): Monitor {
  return {
    at: new Date(now).toISOString(),
    since: new Date(now - DAY_MS).toISOString(),
    step_s: 3600,
    total: quality(),
    groups: [],
    timeline: timeline(now, () => 0),
    stages: [],
    responses: [],
    errors: [],
    resources: {
      cpu_percent: 34.2,
      cpu_count: 8,
      memory_used_bytes: 21 * GIB,
      memory_bytes: 64 * GIB,
      server_bytes: 0.4 * GIB,
      disk_free_bytes: 31 * GIB,
      disk_bytes: 480 * GIB,
      loop_lag_s: 0.008,
      gpus: []
    },
    services: [
      { name: 'model', status: 'ok', detail: 'gpt-oss-20b answers.', fix: '' },
      { name: 'sandbox', status: 'ok', detail: 'docker, no network', fix: '' },
      { name: 'jobs', status: 'ok', detail: '1 running', fix: '' },
      { name: 'documents', status: 'ok', detail: '14 indexed', fix: '' }
    ]
  };
}

/**
 * A server that a group of people has used for a day, with some trouble.
 */
export function busyServer(now = Date.now(), groups = 4): Monitor {
  const quiet = quietServer(now);
  const steps = timeline(now, hour => [0, 3, 7, 14, 26, 12][hour % 6] ?? 0);
  const total = steps.reduce(
    (sum, { quality: one }) => ({
      ...sum,
      generations: sum.generations + one.generations,
      good: sum.good + one.good,
      partial: sum.partial + one.partial,
      empty: sum.empty + one.empty,
      failed: sum.failed + one.failed
    }),
    quality()
  );
  return {
    ...quiet,
    total: {
      ...total,
      cells: 760,
      unparsed: 9,
      failed_check: 31,
      failed_run: 58,
      checked: 112,
      ran: 550,
      repair_rounds: 96,
      executions: 41,
      executions_ok: 38,
      accepted: 402,
      edited: 61,
      rejected: 44,
      first_text_s: 0.84,
      tokens_per_s: 81.3,
      duration_s: 14.2
    },
    timeline: steps,
    groups: Array.from({ length: groups }, (_, at) => ({
      generator: at % 4 === 3 ? ('examples' as const) : ('model' as const),
      model: at % 4 === 3 ? '' : 'gpt-oss-20b',
      templates: at % 4 === 3 ? '' : `9f3c1a7e${at}b2d4`,
      docs: [
        'pandas 2.3.3',
        'scikit-learn 1.8.0, numpy 2.3.4',
        '',
        'dplyr 1.1.4'
      ][at % 4] as string,
      quality: quality({
        generations: 300 - at,
        good: 260 - at,
        ran: 300,
        failed_run: 20 + at,
        accepted: 100,
        rejected: 8 + at,
        duration_s: 11 + at
      })
    })),
    stages: [
      ['collect', 0.02, 0.09],
      ['retrieve', 0.06, 0.31],
      ['prompt', 0.01, 0.02],
      ['stream', 8.2, 21.4],
      ['check', 0.7, 1.9],
      ['verify', 2.1, 9.8],
      ['repair', 6.4, 18.3]
    ].map(([name, p50, p95]) => ({
      name: String(name),
      count: 318,
      p50_s: Number(p50),
      p95_s: Number(p95)
    })),
    responses: [
      ['GET /api/v1/health', 0.002, 0.009],
      ['GET /api/v1/code/jobs', 0.006, 0.032],
      ['POST /api/v1/code/generate', 0.011, 0.048],
      ['GET /api/v1/code/jobs/{id}/request', 0.004, 0.012],
      ['POST /api/v1/feedback', 0.005, 0.021]
    ].map(([name, p50, p95]) => ({
      name: String(name),
      count: 812,
      p50_s: Number(p50),
      p95_s: Number(p95)
    })),
    errors: [
      { code: 'AttributeError', kind: 'cell', count: 24 },
      { code: 'KeyError', kind: 'cell', count: 17 },
      { code: 'engine_not_ready', kind: 'job', count: 6 },
      { code: 'prompt_too_long', kind: 'http', count: 2 }
    ],
    resources: {
      ...quiet.resources,
      gpus: [
        {
          name: 'NVIDIA L4',
          used_percent: 71,
          memory_used_bytes: 17 * GIB,
          memory_bytes: 24 * GIB
        }
      ]
    },
    services: quiet.services.map(one =>
      one.name === 'sandbox'
        ? {
            ...one,
            status: 'warn',
            detail: 'The image for R is not built.',
            fix: 'Run: jupyter gptoss sandbox build r'
          }
        : one
    )
  };
}

/**
 * Serve these figures in place of the server's; a number is the status of a
 * refusal.
 */
export async function serveMonitor(
  page: IJupyterLabPageFixture,
  figures: () => Monitor | number
): Promise<void> {
  await page.route(/\/api\/v1\/monitor/, route => {
    const what = figures();
    return typeof what === 'number'
      ? route.fulfill({
          status: what,
          contentType: 'application/problem+json',
          body: JSON.stringify({ title: 'No', status: what, detail: 'No.' })
        })
      : route.fulfill({ json: what });
  });
}

function timeline(
  now: number,
  count: (hour: number) => number
): Monitor['timeline'] {
  const begin = Math.floor(now / 3_600_000) * 3_600_000 - 23 * 3_600_000;
  return Array.from({ length: 24 }, (_, hour) => {
    const generations = count(hour);
    const failed = Math.floor(generations / 9);
    const empty = generations > 20 ? 1 : 0;
    const partial = Math.floor(generations / 6);
    return {
      at: new Date(begin + hour * 3_600_000).toISOString(),
      quality: quality({
        generations,
        failed,
        empty,
        partial,
        good: generations - failed - empty - partial
      })
    };
  });
}
