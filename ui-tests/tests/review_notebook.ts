import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

interface IPendingCell {
  type?: 'code' | 'markdown';
  source: string;
  review?: 'pending' | 'accepted' | 'none';
  change?: 'new' | 'changed' | 'deleted';
  original?: string;
  job?: string;
  task?: string;
  checks?: object[];
  sources?: object[];
  verification?: object;
}

const VERIFIED = {
  status: 'ok',
  duration_s: 0.42,
  peak_memory_bytes: 120 * 2 ** 20,
  runtime: 'docker',
  image: 'gptoss-lab/python:3.12',
  error: ''
};

const PAGE = {
  source: 'pandas',
  title: 'Group by: split-apply-combine',
  version: '3.1.1',
  symbol: 'pandas.DataFrame.groupby',
  page: null,
  anchor: 'splitting',
  link: 'https://pandas.pydata.org/docs/user_guide/groupby.html'
};

/**
 * A notebook under review, with a cell of each kind.
 */
export const CELLS: readonly IPendingCell[] = [
  { source: 'import pandas as pd', review: 'none' },
  {
    type: 'markdown',
    source: 'The mean amount of each city.',
    original: 'The sum of each city.\n\nIn euro.',
    change: 'changed'
  },
  {
    source:
      'sales = pd.read_csv("sales.csv")\nsales = sales.dropna()\nmeans = sales.groupby("city")["amount"].mean()\nmeans.sort_values()\nmeans.plot.barh()',
    original:
      'sales = pd.read_csv("sales.csv")\nmeans = sales.groupby("city").sum()\nmeans.sort_values()\nmeans.plot()',
    change: 'changed',
    sources: [PAGE, { ...PAGE, symbol: '', page: 12, link: '' }],
    verification: VERIFIED
  },
  {
    source: 'summary = means.describe_all()\nsummary',
    sources: [PAGE],
    checks: [
      {
        check: 'api',
        severity: 'error',
        cell: 'c3',
        line: 1,
        symbol: 'describe_all',
        message: 'pandas.Series has no attribute describe_all',
        suggestions: ['describe']
      }
    ],
    verification: {
      ...VERIFIED,
      status: 'error',
      error: "Traceback\nAttributeError: 'Series' has no 'describe_all'"
    }
  },
  { source: 'sales.head()', change: 'deleted' },
  {
    source: 'means.to_csv("means.csv")',
    job: 'job-2',
    task: 'Write the result to a file',
    sources: [PAGE],
    verification: VERIFIED
  },
  {
    source: 'means.round(2)',
    review: 'accepted',
    sources: [PAGE],
    verification: VERIFIED
  }
];

/**
 * Many new cells that wait.
 */
export function many(count: number): IPendingCell[] {
  return Array.from({ length: count }, (_, index) => ({
    source: `x_${index} = ${index}\nprint(x_${index})`,
    sources: [PAGE],
    verification: VERIFIED
  }));
}

/**
 * Write a notebook to the server and open it.
 */
export async function openReview(
  page: IJupyterLabPageFixture,
  name: string,
  cells: readonly IPendingCell[] = CELLS
): Promise<void> {
  await page.contents.uploadContent(
    JSON.stringify(notebookOf(cells)),
    'text',
    `${await page.filebrowser.getCurrentDirectory()}/${name}`
  );
  await page.notebook.openByPath(
    `${await page.filebrowser.getCurrentDirectory()}/${name}`
  );
  await page.notebook.activate(name);
}

function notebookOf(cells: readonly IPendingCell[]): object {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      kernelspec: { name: 'python3', display_name: 'Python 3' },
      language_info: { name: 'python' }
    },
    cells: cells.map((cell, index) => ({
      id: `c${index}`,
      cell_type: cell.type ?? 'code',
      source: cell.source,
      metadata:
        cell.review === 'none' ? {} : { gptoss_lab: metadataOf(cell, index) },
      ...(cell.type === 'markdown'
        ? {}
        : { execution_count: null, outputs: [] })
    }))
  };
}

function metadataOf(cell: IPendingCell, index: number): object {
  return {
    review: cell.review ?? 'pending',
    change: cell.change ?? 'new',
    original: cell.original ?? '',
    generated: cell.source,
    job: cell.job ?? 'job-1',
    cell: `c${index}`,
    task: cell.task ?? 'Mean of one column, grouped by another',
    generator: 'model',
    model: 'gpt-oss-20b',
    seed: 7,
    sources: cell.sources ?? [],
    checks: cell.checks ?? [],
    verification: cell.verification ?? { status: 'off' }
  };
}
