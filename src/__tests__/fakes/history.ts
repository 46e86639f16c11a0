import type { JobSummary } from '../../wire/schema';

/**
 * A generation that has ended, but for the given fields.
 */
export function summary(fields: Partial<JobSummary> = {}): JobSummary {
  return {
    kind: 'generate',
    edit: null,
    job: 'j1',
    state: 'done',
    task: 'Mean of one column, grouped by another',
    language: 'python',
    generator: 'model',
    model: 'gpt-oss-20b',
    created_at: '2026-11-27T09:30:00+00:00',
    finished_at: '2026-11-27T09:30:12+00:00',
    stage: 'done',
    cells: 4,
    verified: 3,
    ...fields
  };
}
