/**
 * The axis of a quantity: from 0 to a round number, with ticks between.
 */
export interface IAxis {
  readonly max: number;
  readonly ticks: readonly number[];
}

/**
 * An axis that holds a value and has about as many steps as fit.
 *
 * #### Notes
 * Steps are 1, 2 or 5 times a power of ten. Of things that are counted, no step
 * is less than one.
 */
export function axisTo(value: number, steps: number, whole = false): IAxis {
  const least = whole ? 1 : 1e-6;
  const wanted = Math.max(
    Number.isFinite(value) && value > 0 ? value / Math.max(1, steps) : least,
    least
  );
  const power = 10 ** Math.floor(Math.log10(wanted) + 1e-9);
  const step =
    [1, 2, 5, 10].map(one => one * power).find(one => one >= wanted - 1e-12) ??
    10 * power;
  const count = Math.max(1, Math.ceil(value / step - 1e-9) || 1);
  const ticks = Array.from({ length: count + 1 }, (_, at) => round(at * step));
  return { max: round(count * step), ticks };
}

/**
 * A unit of time, and how many seconds it has.
 */
export interface ITimeUnit {
  readonly name: 'ms' | 's' | 'min' | 'h';
  readonly seconds: number;
}

/**
 * The unit in which a length of time reads best.
 */
export function timeUnitFor(seconds: number): ITimeUnit {
  if (seconds < 1) {
    return { name: 'ms', seconds: 0.001 };
  }
  if (seconds < 120) {
    return { name: 's', seconds: 1 };
  }
  return seconds < 7200
    ? { name: 'min', seconds: 60 }
    : { name: 'h', seconds: 3600 };
}

/**
 * Take the error of binary fractions away.
 */
function round(value: number): number {
  return Number(value.toPrecision(12));
}
