import { axisTo, timeUnitFor } from '../../model/chart_scale';

describe('axisTo', () => {
  it.each([
    [17, 3, true, [0, 10, 20]],
    [3, 3, true, [0, 1, 2, 3]],
    [1, 3, true, [0, 1]],
    [0, 3, true, [0, 1]],
    [0.7, 4, false, [0, 0.2, 0.4, 0.6, 0.8]],
    [21.4, 5, false, [0, 5, 10, 15, 20, 25]],
    [3e9, 3, true, [0, 1e9, 2e9, 3e9]],
    [NaN, 3, true, [0, 1]]
  ])('divides %s by about %s round steps', (value, steps, whole, ticks) => {
    const axis = axisTo(value, steps, whole);
    expect(axis.ticks).toEqual(ticks);
    expect(axis.max).toBe(ticks[ticks.length - 1]);
  });

  it('always holds the value', () => {
    for (let value = 0.01; value < 1e6; value *= 1.37) {
      const { max, ticks } = axisTo(value, 4);
      expect(max).toBeGreaterThanOrEqual(value);
      expect(ticks.length).toBeLessThanOrEqual(6);
    }
  });
});

describe('timeUnitFor', () => {
  it.each([
    [0.02, 'ms'],
    [1, 's'],
    [119, 's'],
    [120, 'min'],
    [7200, 'h']
  ])('reads %s seconds in %s', (seconds, name) => {
    expect(timeUnitFor(seconds).name).toBe(name);
  });
});
