import { execFileSync } from 'child_process';
import path from 'path';

import { expect } from '@jupyterlab/galata';
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';

import type {
  CodeGenerationResponse,
  FeedbackItem,
  JobAccepted,
  Monitor
} from '../../src/wire/schema';

const ROOT = path.join(__dirname, '..', '..');
const PYTHON =
  process.env.GALATA_PYTHON || path.join(ROOT, '.venv', 'bin', 'python');
const PROGRAM = `
import json
from tests.fakes.planted import planted, truth
plan = planted()
print(json.dumps({"bodies": [dict(one.body) for one in plan], "truth": truth(plan)}))
`;

/**
 * Generations whose ends are known before, and what must be counted of them.
 */
export interface IPlan {
  bodies: object[];
  truth: Record<string, number>;
}

/**
 * What people decide on the first cell of the first generations that have one.
 */
const VERDICTS: readonly FeedbackItem['verdict'][] = [
  ...Array<'accepted'>(9).fill('accepted'),
  ...Array<'edited'>(3).fill('edited'),
  ...Array<'rejected'>(4).fill('rejected')
];

/**
 * The fifty of the tests of the server.
 */
export function plan(): IPlan {
  const text = execFileSync(PYTHON, ['-c', PROGRAM], {
    cwd: ROOT,
    encoding: 'utf8'
  });
  return JSON.parse(text) as IPlan;
}

/**
 * Have all of them generated, and some of their cells decided on; return what
 * must be counted.
 */
export async function plant(
  page: IJupyterLabPageFixture,
  { bodies, truth }: IPlan
): Promise<Record<string, number>> {
  const jobs: string[] = [];
  for (const data of bodies) {
    const answer = await page.request.post('api/v1/code/generate', { data });
    if (answer.status() === 429) {
      // As many wait as may: the next one goes in when one has ended.
      await untilCounted(page, jobs.length);
      const again = await page.request.post('api/v1/code/generate', { data });
      jobs.push(((await again.json()) as JobAccepted).job);
    } else {
      expect(answer.status()).toBe(202);
      jobs.push(((await answer.json()) as JobAccepted).job);
    }
  }
  await untilCounted(page, jobs.length);
  const items: Partial<FeedbackItem>[] = [];
  for (const job of jobs) {
    const answer = await page.request.get(`api/v1/code/jobs/${job}`);
    const { cells, model } = (await answer.json()) as CodeGenerationResponse;
    const [cell] = cells;
    const verdict = VERDICTS[items.length];
    if (cell && verdict) {
      const at = '2026-01-01T00:00:00Z';
      items.push({
        at,
        job,
        cell: cell.id,
        generator: 'model',
        model,
        verdict
      });
    }
  }
  const told = await page.request.post('api/v1/feedback', { data: { items } });
  expect(told.status()).toBe(204);
  return { ...truth, accepted: 9, edited: 3, rejected: 4 };
}

/**
 * What the server says of the last day.
 */
export async function figures(page: IJupyterLabPageFixture): Promise<Monitor> {
  const answer = await page.request.get('api/v1/monitor?hours=24');
  expect(answer.status()).toBe(200);
  return (await answer.json()) as Monitor;
}

/**
 * The sum of a counter of `/api/v1/metrics` over the samples with a label.
 */
export async function counter(
  page: IJupyterLabPageFixture,
  name: string,
  label = ''
): Promise<number> {
  const answer = await page.request.get('api/v1/metrics');
  return (await answer.text())
    .split('\n')
    .filter(line => line.startsWith(`gptoss_lab_${name}{`))
    .filter(line => line.includes(label))
    .reduce((sum, line) => sum + Number(line.split(' ').pop()), 0);
}

async function untilCounted(
  page: IJupyterLabPageFixture,
  count: number
): Promise<void> {
  await expect
    .poll(async () => (await figures(page)).total.generations, {
      timeout: 90_000
    })
    .toBe(count);
}
