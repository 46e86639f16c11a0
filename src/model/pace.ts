import type { ModelState, SandboxState } from '../wire/schema';
import { stageOf } from './model_phase';

/**
 * How often the server is asked, in milliseconds.
 */
export const LOADING_INTERVAL_MS = 1_000;
export const BUSY_INTERVAL_MS = 2_000;
export const IDLE_INTERVAL_MS = 5_000;
export const QUIET_INTERVAL_MS = 15_000;
export const MAX_INTERVAL_MS = 60_000;

/**
 * Nobody has used any sandbox for as long as this, in seconds.
 */
const QUIET_AFTER_S = 120;

/**
 * How long to wait before these sandboxes are looked at again.
 */
export function paceOf(list: readonly SandboxState[]): number {
  if (list.some(({ phase }) => phase === 'busy' || phase === 'starting')) {
    return BUSY_INTERVAL_MS;
  }
  const quiet = list.every(
    ({ phase, idle_s: idle }) => phase === 'ended' || idle > QUIET_AFTER_S
  );
  return quiet && list.length > 0 ? QUIET_INTERVAL_MS : IDLE_INTERVAL_MS;
}

/**
 * How long to wait before the model is looked at again. Another page, or the
 * command line, may start what is stopped.
 */
export function modelPaceOf(state: ModelState | null): number {
  const stage = state && stageOf(state);
  if (stage === 'loading' || stage === 'ending') {
    return LOADING_INTERVAL_MS;
  }
  return state?.phase === 'busy' ? BUSY_INTERVAL_MS : IDLE_INTERVAL_MS;
}
