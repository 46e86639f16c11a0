import type { Claim, Place, Unit } from '../wire/schema';
import { isObject } from './provenance';

/**
 * The most units, and the most claims, that are read of a notebook.
 */
const MAX_ENTRIES = 1000;

const STATES: readonly Claim['state'][] = [
  'open',
  'verified',
  'differs',
  'not_run',
  'not_checkable'
];

const STATUSES: readonly Unit['status'][] = [
  'supported',
  'inferred',
  'unresolved'
];

const VERDICTS: readonly Unit['verdict'][] = [
  'open',
  'pass',
  'missing',
  'wrong_surface',
  'inconsistent',
  'not_implemented'
];

/**
 * The objects of a list in somebody's metadata, the first of them.
 */
export function entries(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value)
    ? value.filter(isObject).slice(0, MAX_ENTRIES)
    : [];
}

/**
 * Read a claim that somebody's metadata hold.
 *
 * #### Notes
 * A state that cannot be read is open, and so is "verified" for data that
 * stand in for the paper's: a damaged note must not praise a number.
 */
export function readClaim(data: Record<string, unknown>): Claim {
  const stand_in = data.stand_in === true;
  const state = oneOf(STATES, data.state) ?? 'open';
  return {
    id: text(data.id),
    metric: text(data.metric),
    dataset: text(data.dataset),
    printed: text(data.printed),
    value: number(data.value) ?? Number.NaN,
    unit: text(data.unit),
    direction: oneOf(['higher', 'lower'] as const, data.direction) ?? '',
    tolerance: Math.max(0, number(data.tolerance) ?? 0),
    quote: text(data.quote),
    block: text(data.block),
    place: readPlace(data.place),
    cell: text(data.cell),
    computed: number(data.computed),
    stand_in,
    state: stand_in && state === 'verified' ? 'open' : state,
    reason: text(data.reason)
  };
}

/**
 * Read a requirement that somebody's metadata hold.
 */
export function readUnit(data: Record<string, unknown>): Unit {
  return {
    id: text(data.id),
    statement: text(data.statement),
    quote: text(data.quote),
    block: text(data.block),
    place: readPlace(data.place),
    status: oneOf(STATUSES, data.status) ?? 'unresolved',
    question: text(data.question),
    answer: text(data.answer),
    owner: text(data.owner),
    verdict: oneOf(VERDICTS, data.verdict) ?? 'open',
    note: text(data.note)
  };
}

/**
 * The texts of a list in somebody's metadata.
 */
export function texts(value: unknown): string[] {
  return Array.isArray(value)
    ? value.map(text).filter(Boolean).slice(0, MAX_ENTRIES)
    : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function oneOf<T extends string>(
  allowed: readonly T[],
  value: unknown
): T | null {
  return allowed.find(one => one === value) ?? null;
}

function readPlace(value: unknown): Place {
  const data = isObject(value) ? value : {};
  const page = number(data.page);
  return {
    page: page !== null && page >= 1 ? Math.floor(page) : null,
    section: texts(data.section),
    anchor: text(data.anchor)
  };
}
