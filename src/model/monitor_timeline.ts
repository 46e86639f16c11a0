import type { Monitor, Quality } from '../wire/schema';

/**
 * What is counted of a step. Medians cannot be added up: they are left out.
 */
export type StepCounts = Pick<
  Quality,
  'generations' | 'good' | 'partial' | 'empty' | 'failed'
>;

/**
 * One step of a timeline, between two times in milliseconds since 1970.
 */
export interface IStep {
  readonly from: number;
  readonly to: number;
  readonly counts: StepCounts;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Lengths of time that a clock's face is divided by, in minutes.
 */
const ROUND_MIN = [
  1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080
] as const;

/**
 * The steps of a timeline, put together until there are at most `most`, so that
 * each begins at a round time of this place.
 */
export function timelineOf(
  { timeline, step_s: stepS, at }: Pick<Monitor, 'timeline' | 'step_s' | 'at'>,
  most: number
): readonly IStep[] {
  const end = Date.parse(at);
  const stepMs = stepS * 1000;
  const points = timeline
    .map(({ at: begin, quality }) => ({ from: Date.parse(begin), quality }))
    .filter(({ from }) => Number.isFinite(from));
  if (points.length === 0 || !(stepMs > 0)) {
    return [];
  }
  const width = widthFor(points.length * stepMs, stepMs, most);
  const steps: IStep[] = [];
  let key = NaN;
  for (const { from, quality } of points) {
    const to = Number.isFinite(end)
      ? Math.max(from, Math.min(from + stepMs, end))
      : from + stepMs;
    const last = steps[steps.length - 1];
    const place = Math.floor(localMs(from) / width);
    if (last && place === key) {
      steps[steps.length - 1] = {
        from: last.from,
        to,
        counts: sum(last.counts, quality)
      };
    } else {
      steps.push({ from, to, counts: sum(NONE, quality) });
      key = place;
    }
  }
  return steps;
}

/**
 * The round times of this place between two times, at most `most` of them, and
 * whether each is a day's beginning.
 */
export function timeTicks(
  from: number,
  to: number,
  most: number
): readonly { readonly at: number; readonly day: boolean }[] {
  const every = widthFor(to - from, 0, Math.max(1, most));
  const ticks: { at: number; day: boolean }[] = [];
  // From midnight on, by the wall clock: an hour is lost or won at some.
  const at = new Date(from);
  at.setHours(0, 0, 0, 0);
  const days = every >= DAY_MS ? every / DAY_MS : 0;
  while (at.getTime() <= to) {
    if (at.getTime() >= from) {
      ticks.push({ at: at.getTime(), day: isMidnight(at) });
    }
    if (days > 0) {
      at.setDate(at.getDate() + days);
    } else {
      at.setMinutes(at.getMinutes() + every / MINUTE_MS);
    }
  }
  return ticks;
}

/**
 * The shortest round width of which at most `most` fill a span.
 */
function widthFor(spanMs: number, leastMs: number, most: number): number {
  const round = ROUND_MIN.map(minutes => minutes * MINUTE_MS);
  const width = round.find(one => one >= leastMs && spanMs / one <= most);
  return width ?? Math.max(leastMs, Math.ceil(spanMs / most / DAY_MS) * DAY_MS);
}

function localMs(at: number): number {
  return at - new Date(at).getTimezoneOffset() * MINUTE_MS;
}

function isMidnight(at: Date): boolean {
  return at.getHours() === 0 && at.getMinutes() === 0;
}

const NONE: StepCounts = {
  generations: 0,
  good: 0,
  partial: 0,
  empty: 0,
  failed: 0
};

function sum(a: StepCounts, b: StepCounts): StepCounts {
  return {
    generations: a.generations + b.generations,
    good: a.good + b.good,
    partial: a.partial + b.partial,
    empty: a.empty + b.empty,
    failed: a.failed + b.failed
  };
}
