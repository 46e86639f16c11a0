import type { IPaperState } from '../paper_tokens';
import type {
  ClaimEvent,
  PaperEvent,
  PaperReport,
  UnitEvent
} from '../wire/schema';

/**
 * A paper of which nothing was told.
 */
export const UNTOLD: IPaperState = {
  paper: null,
  scope: [],
  units: [],
  claims: [],
  config: [],
  assumptions: [],
  missing: []
};

/**
 * Return what is known of a paper after an event. Pure.
 */
export function toldOf(
  before: IPaperState | null,
  event: PaperEvent | UnitEvent | ClaimEvent
): IPaperState {
  const state = before ?? UNTOLD;
  switch (event.type) {
    case 'unit':
      return { ...state, units: replaced(state.units, event.unit) };
    case 'claim':
      return { ...state, claims: replaced(state.claims, event.claim) };
    default: {
      const { paper, scope, config, assumptions, missing } = event;
      return { ...state, paper, scope, config, assumptions, missing };
    }
  }
}

/**
 * Return what the server's summary says of a paper.
 */
export function reportedOf(report: PaperReport | null): IPaperState | null {
  return report && { ...report };
}

/**
 * Put one in the place of what had its id, or at the end.
 */
function replaced<T extends { id: string }>(
  all: readonly T[],
  one: T
): readonly T[] {
  const at = all.findIndex(({ id }) => id === one.id);
  return at < 0
    ? [...all, one]
    : [...all.slice(0, at), one, ...all.slice(at + 1)];
}
