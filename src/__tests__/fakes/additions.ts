import { Signal } from '@lumino/signaling';

import type { IAddition, IAdditions } from '../../addition_tokens';
import type { Finding, PackageNeed } from '../../wire/schema';

/**
 * Additions that stand as the test says.
 */
export class FakeAdditions implements IAdditions {
  current: IAddition | null = null;
  running = false;
  readonly changed: Signal<IAdditions, void> = new Signal<IAdditions, void>(
    this
  );
  readonly add = jest.fn(async () => undefined);
  readonly stop = jest.fn(async () => undefined);
}

export function need(
  name: string,
  fields: Partial<PackageNeed> = {}
): PackageNeed {
  return { name, language: 'python', addable: true, reason: '', ...fields };
}

/**
 * What the check says of a cell that lacks a package.
 */
export function lacks(
  cell: string,
  name: string,
  fields: Partial<PackageNeed> = {}
): Finding {
  return {
    check: 'packages',
    severity: 'error',
    cell,
    line: 1,
    symbol: name,
    message: `The package ${name} is not installed.`,
    suggestions: [],
    evidence: [],
    need: need(name, fields)
  };
}
