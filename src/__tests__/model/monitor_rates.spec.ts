import {
  FEW,
  isEmpty,
  rateOf,
  ratesOf,
  worst
} from '../../model/monitor_rates';
import type { ServiceState } from '../../wire/schema';
import { TWENTY, quality } from '../fakes/monitor';

describe('rateOf', () => {
  it.each([
    [17, 20, 85],
    [0, 0, null],
    [FEW - 1, FEW - 1, null],
    [FEW, FEW, 100],
    [0, FEW, 0],
    // Neither all nor none: neither is said.
    [1999, 2000, 99],
    [1, 2000, 1],
    // Counts that do not fit together are no rate.
    [30, 20, null]
  ])('says %s of %s as %s percent', (ok, of, percent) => {
    expect(rateOf(ok, of)).toEqual({ ok, of, percent });
  });
});

describe('ratesOf', () => {
  it('takes each of what came as far as that', () => {
    const { success, parse, check, run, executions, kept } = ratesOf(TWENTY);
    expect([success, parse, check, run, executions, kept]).toEqual([
      { ok: 17, of: 20, percent: 85 },
      { ok: 58, of: 60, percent: 97 },
      { ok: 55, of: 58, percent: 95 },
      { ok: 40, of: 45, percent: 89 },
      { ok: 3, of: 4, percent: null },
      { ok: 36, of: 40, percent: 90 }
    ]);
  });

  it('has none where nothing was counted', () => {
    for (const rate of Object.values(ratesOf(quality()))) {
      expect(rate).toEqual({ ok: 0, of: 0, percent: null });
    }
  });
});

describe('isEmpty', () => {
  it('holds only where nothing happened at all', () => {
    expect(isEmpty(quality())).toBe(true);
    expect(isEmpty(quality({ executions: 1 }))).toBe(false);
    expect(isEmpty(quality({ rejected: 1 }))).toBe(false);
  });
});

describe('worst', () => {
  it.each([
    [[], null],
    [['off'], 'off'],
    [['off', 'ok'], 'ok'],
    [['ok', 'warn'], 'warn'],
    [['warn', 'fail', 'ok'], 'fail']
  ] as const)('of %j is %s', (given, expected) => {
    const services = given.map((status): ServiceState => ({
      name: 'x',
      status,
      detail: '',
      fix: ''
    }));
    expect(worst(services)).toBe(expected);
  });
});
