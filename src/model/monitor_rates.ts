import type { Quality, ServiceState } from '../wire/schema';

/**
 * A percentage of fewer than this is not said: one more or less would move it by
 * more than ten points.
 */
export const FEW = 10;

/**
 * How many of how many.
 */
export interface IRate {
  readonly ok: number;
  readonly of: number;

  /**
   * Null where there are too few to say.
   */
  readonly percent: number | null;
}

/**
 * Make a rate of two counts. 100 % is said of all alone, 0 % of none alone.
 */
export function rateOf(ok: number, of: number): IRate {
  if (of < FEW || ok > of) {
    return { ok, of, percent: null };
  }
  const percent = Math.round((100 * ok) / of);
  const most = ok < of ? 99 : 100;
  return { ok, of, percent: Math.min(most, Math.max(ok > 0 ? 1 : 0, percent)) };
}

/**
 * The rates by which a person sees where generations fail: each is of those that
 * came as far as that.
 */
export interface IRates {
  readonly success: IRate;
  readonly parse: IRate;
  readonly check: IRate;
  readonly run: IRate;
  readonly executions: IRate;

  /**
   * Cells that a person kept, changed or not.
   */
  readonly kept: IRate;
}

/**
 * Work the rates of some generations out.
 */
export function ratesOf(quality: Quality): IRates {
  const { cells, unparsed, failed_check: refused, ran } = quality;
  const { failed_run: broken, accepted, edited, rejected } = quality;
  const parsed = Math.max(0, cells - unparsed);
  const kept = accepted + edited;
  return {
    success: rateOf(quality.good, quality.generations),
    parse: rateOf(parsed, cells),
    check: rateOf(Math.max(0, parsed - refused), parsed),
    run: rateOf(ran, ran + broken),
    executions: rateOf(quality.executions_ok, quality.executions),
    kept: rateOf(kept, kept + rejected)
  };
}

/**
 * Whether nothing happened that could be counted.
 */
export function isEmpty(quality: Quality): boolean {
  const { generations, executions, accepted, edited, rejected } = quality;
  return generations + executions + accepted + edited + rejected === 0;
}

/**
 * How the server stands as a whole: as its worst part; what is off is off on
 * purpose.
 */
export function worst(
  services: readonly ServiceState[]
): ServiceState['status'] | null {
  const found = new Set(services.map(({ status }) => status));
  return (
    (['fail', 'warn', 'ok', 'off'] as const).find(one => found.has(one)) ?? null
  );
}
