import type { IMadeCell } from './pending_notebook';

const VERIFIED = {
  status: 'ok',
  duration_s: 0.42,
  peak_memory_bytes: 96 * 1024 ** 2,
  runtime: 'docker',
  image: 'python-1',
  error: ''
};

const GROUPBY = {
  source: 'pandas',
  title: 'pandas.DataFrame.groupby',
  version: '2.3.3',
  symbol: 'pandas.DataFrame.groupby',
  page: null,
  anchor: '',
  link: 'https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.groupby.html'
};

const MEANS = {
  review: 'pending',
  change: 'new',
  original: '',
  job: 'means',
  task: 'Mean of one column, grouped by another',
  generator: 'model',
  model: 'gpt-oss-20b',
  seed: 7,
  sources: [GROUPBY],
  checks: [],
  verification: VERIFIED
};

const PLOT = {
  ...MEANS,
  job: 'plot',
  task: 'Draw a bar chart of the means, with the regions in the order of their size'
};

/**
 * A notebook in which two generations wait, with a cell of every kind.
 */
export const SALES: readonly IMadeCell[] = [
  { id: 'own', source: 'import pandas as pd' },
  {
    id: 'means-0',
    type: 'markdown',
    source: '## Means by region',
    gptoss: { ...MEANS, verification: { ...VERIFIED, status: 'off' } }
  },
  {
    id: 'means-1',
    source:
      "sales = pd.DataFrame(\n    {'region': ['north', 'south', 'north'], 'amount': [3, 4, 5]}\n)",
    gptoss: MEANS
  },
  {
    id: 'means-2',
    source: "means = sales.groupby('region')['amount'].mean()\nmeans",
    gptoss: {
      ...MEANS,
      change: 'changed',
      original: "means = sales['amount'].mean()\nmeans"
    }
  },
  {
    id: 'plot-0',
    source: "means.sort_values().plot.bar(title='Mean amount')",
    gptoss: {
      ...PLOT,
      verification: {
        ...VERIFIED,
        status: 'error',
        error: 'ImportError: matplotlib is required for plotting'
      },
      checks: [
        {
          check: 'packages',
          severity: 'warning',
          cell: 'plot-0',
          line: 1,
          symbol: 'matplotlib',
          message: 'matplotlib is not installed in the sandbox',
          suggestions: []
        }
      ]
    }
  },
  {
    id: 'plot-1',
    source: 'sales.describe()',
    gptoss: { ...PLOT, change: 'deleted', original: 'sales.describe()' }
  }
];

/**
 * Another notebook, in which one cell waits.
 */
export const PRICES: readonly IMadeCell[] = [
  { id: 'own', source: '1 + 1' },
  {
    id: 'prices-0',
    source: 'prices = [2, 3, 5]',
    gptoss: { ...MEANS, job: 'prices', task: 'Some prices' }
  }
];

/**
 * The jobs of a server that has worked for a while.
 */
export const JOBS = [
  job('means', MEANS.task, { cells: 3, verified: 2 }),
  job('plot', PLOT.task, {
    edit: 'edit',
    cells: 2,
    verified: 0,
    created_at: '2026-11-26T16:20:00+00:00'
  }),
  job('port', 'The same in R', {
    edit: 'port',
    language: 'r',
    state: 'error',
    cells: 1,
    verified: 0,
    created_at: '2026-11-26T15:58:00+00:00'
  }),
  job('forest', 'Fit a random forest and show the importance of the columns', {
    generator: 'examples',
    model: '',
    state: 'cancelled',
    created_at: '2026-11-25T09:12:00+00:00'
  })
];

function job(
  id: string,
  task: string,
  fields: Record<string, unknown>
): Record<string, unknown> {
  return {
    kind: 'generate',
    edit: null,
    job: id,
    state: 'done',
    task,
    language: 'python',
    generator: 'model',
    model: 'gpt-oss-20b',
    created_at: '2026-11-27T09:30:00+00:00',
    finished_at: '2026-11-27T09:30:12+00:00',
    stage: 'done',
    cells: 4,
    verified: 4,
    ...fields
  };
}
