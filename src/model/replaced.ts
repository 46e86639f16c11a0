import type { IJob } from '../tokens';

/**
 * Id of the draft that takes a replaced cell away.
 */
const DRAFT = 'replaced';

/**
 * Let a cell go beside those that take its place, once they are all there.
 *
 * #### Notes
 * A generation that was stopped, failed or made nothing replaces nothing.
 */
export function withReplaced(job: IJob): IJob {
  const { replaces, drafts, outcome } = job;
  const made = drafts.filter(({ state }) => state === 'closed');
  const [first] = made;
  if (!replaces || outcome !== 'done' || !first) {
    return job;
  }
  return {
    ...job,
    drafts: [
      ...drafts,
      {
        id: DRAFT,
        index: drafts.length,
        kind: 'code',
        language: first.language,
        change: 'deleted',
        target: replaces.cell,
        source: replaces.source,
        state: 'closed',
        sources: [],
        units: [],
        findings: [],
        verification: null
      }
    ]
  };
}
