import type { IJob, Phase } from '../tokens';

/**
 * Where a generation stands that was accepted by the server, or refused.
 */
export function phaseOf(
  job: IJob | null,
  failed: boolean,
  pending: number
): Phase {
  if (failed || job?.outcome === 'error') {
    return 'error';
  }
  if (!job) {
    return 'idle';
  }
  if (!job.ended) {
    return 'streaming';
  }
  return pending > 0 ? 'reviewing' : 'done';
}
