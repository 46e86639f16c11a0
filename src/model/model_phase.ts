import type { ModelState } from '../wire/schema';

/**
 * What a phase means to the person.
 *
 * `away` says that nothing runs, `loading` that a start is under way, `serving`
 * that it answers (asleep it wakes for that), `ending` that it goes.
 */
export type ModelStage = 'away' | 'loading' | 'serving' | 'ending' | 'failed';

const STAGES: Record<ModelState['phase'], ModelStage> = {
  unconfigured: 'away',
  stopped: 'away',
  resolving: 'loading',
  downloading: 'loading',
  starting: 'loading',
  loading_weights: 'loading',
  compiling: 'loading',
  allocating_kv: 'loading',
  capturing_graphs: 'loading',
  warming: 'loading',
  ready: 'serving',
  busy: 'serving',
  sleeping: 'serving',
  draining: 'ending',
  restarting: 'loading',
  failed: 'failed'
};

/**
 * Say what the model's phase means; `away` for one of a later version.
 */
export function stageOf(state: Pick<ModelState, 'phase'>): ModelStage {
  return STAGES[state.phase] ?? 'away';
}

/**
 * Whether a server that somebody else runs simply answers.
 */
export function simplyWorks(state: ModelState): boolean {
  return state.engine === 'attached' && stageOf(state) === 'serving';
}

/**
 * How many generations would end with the model.
 */
export function runningNow({ queue, metrics }: ModelState): number {
  return Math.max(queue.running, metrics.running ?? 0);
}
