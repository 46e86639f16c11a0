import type { Claim, PaperReport, PaperSummary, Unit } from './wire/schema';

/**
 * What the events of a job have told of a paper so far.
 */
export interface IPaperState {
  /**
   * Null before it was told, though units or claims may come first.
   */
  readonly paper: PaperSummary | null;
  readonly scope: PaperReport['scope'];
  readonly units: readonly Unit[];
  readonly claims: readonly Claim[];
  readonly config: PaperReport['config'];
  readonly assumptions: readonly string[];
  readonly missing: readonly string[];
}
