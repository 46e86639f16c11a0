import { timeTicks, timelineOf } from '../../model/monitor_timeline';
import type { QualityPoint } from '../../wire/schema';
import { quality } from '../fakes/monitor';

const HOUR_MS = 3_600_000;

/**
 * Steps of the given length from a time on, each with one more generation.
 */
function points(begin: number, count: number, stepS: number): QualityPoint[] {
  return Array.from({ length: count }, (_, at) => ({
    at: new Date(begin + at * stepS * 1000).toISOString(),
    quality: quality({ generations: at, good: at })
  }));
}

function line(begin: number, count: number, stepS: number, most: number) {
  return timelineOf(
    {
      timeline: points(begin, count, stepS),
      step_s: stepS,
      at: new Date(begin + count * stepS * 1000).toISOString()
    },
    most
  );
}

describe('timelineOf', () => {
  const noon = new Date(2026, 10, 27, 12, 0).getTime();

  it('keeps steps that fit', () => {
    const steps = line(noon, 12, 300, 20);
    expect(steps).toHaveLength(12);
    expect(steps[1]).toMatchObject({
      from: noon + 300_000,
      to: noon + 600_000,
      counts: { generations: 1 }
    });
  });

  it('puts steps together at round times of this place, and loses none', () => {
    // 23 hours from 12:25 on: the first and the last are not whole.
    const begin = noon + 25 * 60_000;
    const steps = line(begin, 276, 300, 10);
    expect(steps.length).toBeLessThanOrEqual(10);
    expect(steps[0]?.from).toBe(begin);
    for (const { from } of steps.slice(1)) {
      const at = new Date(from);
      expect([at.getHours() % 3, at.getMinutes()]).toEqual([0, 0]);
    }
    const sum = steps.reduce((all, { counts }) => all + counts.generations, 0);
    expect(sum).toBe((275 * 276) / 2);
    steps.slice(1).forEach(({ from }, at) => expect(from).toBe(steps[at]?.to));
  });

  it('ends where the server asked, not in the future', () => {
    const steps = timelineOf(
      {
        timeline: points(noon, 2, 3600),
        step_s: 3600,
        at: new Date(noon + 1.5 * HOUR_MS).toISOString()
      },
      10
    );
    expect(steps[1]?.to).toBe(noon + 1.5 * HOUR_MS);
  });

  it('has nothing to show of what is no time', () => {
    const bad = { at: 'soon', quality: quality() };
    expect(timelineOf({ timeline: [bad], step_s: 60, at: 'now' }, 10)).toEqual(
      []
    );
    expect(line(noon, 3, 0, 10)).toEqual([]);
    expect(line(noon, 0, 60, 10)).toEqual([]);
  });

  it('holds 30 days in a narrow panel', () => {
    const steps = line(noon - 30 * 24 * HOUR_MS, 720, 3600, 18);
    expect(steps.length).toBeLessThanOrEqual(18);
    expect(steps.length).toBeGreaterThan(10);
  });
});

describe('timeTicks', () => {
  it('are round times of this place, and know midnight', () => {
    const from = new Date(2026, 10, 26, 13, 20).getTime();
    const ticks = timeTicks(from, from + 24 * HOUR_MS, 4);
    expect(ticks.map(({ at, day }) => [new Date(at).getHours(), day])).toEqual([
      [18, false],
      [0, true],
      [6, false],
      [12, false]
    ]);
  });

  it('are days where the time is long, and few', () => {
    const from = new Date(2026, 10, 1, 13, 20).getTime();
    const ticks = timeTicks(from, from + 30 * 24 * HOUR_MS, 5);
    expect(ticks.every(({ day }) => day)).toBe(true);
    expect(ticks.length).toBeGreaterThan(2);
    expect(ticks.length).toBeLessThanOrEqual(6);
  });

  it('are none of what is no time', () => {
    expect(timeTicks(NaN, NaN, 4)).toEqual([]);
  });
});
