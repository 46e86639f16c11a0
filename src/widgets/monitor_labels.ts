import type { TranslationBundle } from '@jupyterlab/translation';

import { timeUnitFor } from '../model/chart_scale';
import type { ITimeUnit } from '../model/chart_scale';
import type { WindowHours } from '../model/monitor';
import type { IRate } from '../model/monitor_rates';
import type {
  ErrorCount,
  Problem,
  QualityGroup,
  ServiceState,
  Stage
} from '../wire/schema';
import { problemText, stageLabel } from './labels';

/**
 * Name a window, as short as a button is.
 */
export function windowLabel(
  hours: WindowHours,
  trans: TranslationBundle
): string {
  switch (hours) {
    case 1:
      return trans.__('1 h');
    case 24:
      return trans.__('24 h');
    case 168:
      return trans.__('7 d');
    default:
      return trans.__('30 d');
  }
}

/**
 * Name a window in a sentence.
 */
export function windowText(
  hours: WindowHours,
  trans: TranslationBundle
): string {
  switch (hours) {
    case 1:
      return trans.__('the last hour');
    case 24:
      return trans.__('the last 24 hours');
    case 168:
      return trans.__('the last 7 days');
    default:
      return trans.__('the last 30 days');
  }
}

/**
 * Say a rate as a percentage; where there are too few to say one, say that.
 */
export function percentText(
  { of, percent }: IRate,
  trans: TranslationBundle
): string {
  if (of === 0) {
    return trans.__('None yet');
  }
  return percent === null
    ? trans.__('Too few to say')
    : trans.__('%1 %', percent);
}

/**
 * Say the counts of a rate.
 */
export function ofText({ ok, of }: IRate, trans: TranslationBundle): string {
  return trans.__('%1 of %2', countText(ok), countText(of));
}

/**
 * A count with the separators of this place.
 */
export function countText(count: number): string {
  return count.toLocaleString();
}

/**
 * A count on an axis, where there is little room.
 */
export function shortCount(count: number): string {
  return count.toLocaleString(undefined, {
    notation: 'compact',
    maximumFractionDigits: 1
  });
}

/**
 * A length of time in the unit that fits; a dash where it was not measured.
 */
export function secondsText(
  seconds: number | null,
  trans: TranslationBundle
): string {
  if (seconds === null) {
    return trans.__('–');
  }
  const unit = timeUnitFor(seconds);
  const amount = seconds / unit.seconds;
  const digits = unit.name !== 'ms' && amount < 10 ? 1 : 0;
  return trans.__(
    '%1 %2',
    amount.toLocaleString(undefined, { maximumFractionDigits: digits }),
    unitText(unit, trans)
  );
}

/**
 * Name a unit of time.
 */
export function unitText(
  { name }: Pick<ITimeUnit, 'name'>,
  trans: TranslationBundle
): string {
  switch (name) {
    case 'ms':
      return trans.__('ms');
    case 's':
      return trans.__('s');
    case 'min':
      return trans.__('min');
    default:
      return trans.__('h');
  }
}

/**
 * Name a part of the server.
 */
export function serviceName(name: string, trans: TranslationBundle): string {
  switch (name) {
    case 'model':
      return trans.__('Model');
    case 'sandbox':
      return trans.__('Sandbox');
    case 'jobs':
      return trans.__('Jobs');
    case 'documents':
      return trans.__('Documents');
    case 'disk':
      return trans.__('Disk');
    case 'monitor':
      return trans.__('Figures');
    case 'event loop':
      return trans.__('Event loop');
    default:
      return name;
  }
}

/**
 * Say how a part of the server stands.
 */
export function statusText(
  status: ServiceState['status'],
  trans: TranslationBundle
): string {
  switch (status) {
    case 'ok':
      return trans.__('Well');
    case 'warn':
      return trans.__('Warning');
    case 'fail':
      return trans.__('Failing');
    default:
      return trans.__('Off');
  }
}

/**
 * Say where an error was met.
 */
export function errorKind(
  kind: ErrorCount['kind'],
  trans: TranslationBundle
): string {
  switch (kind) {
    case 'job':
      return trans.__('Job');
    case 'cell':
      return trans.__('Cell');
    default:
      return trans.__('Request');
  }
}

/**
 * Name an error: requests are counted by class alone.
 */
export function errorName(
  { code, kind }: Pick<ErrorCount, 'code' | 'kind'>,
  trans: TranslationBundle
): string {
  switch (kind === 'http' ? code : '') {
    case '4xx':
      return trans.__('Refused (4xx)');
    case '5xx':
      return trans.__('Failed (5xx)');
    default:
      return code;
  }
}

/**
 * Name a stage; a server may have one that this page does not know.
 */
export function stageName(name: string, trans: TranslationBundle): string {
  return stageLabel(name as Stage['stage'], trans);
}

/**
 * Say who answered in a group.
 */
export function groupName(
  { generator, model }: Pick<QualityGroup, 'generator' | 'model'>,
  trans: TranslationBundle
): string {
  return generator === 'examples'
    ? trans.__('Examples')
    : model || trans.__('Model');
}

/**
 * A time of this place, to the minute; with its day where that is not today.
 */
export function momentText(at: Date, now = new Date()): string {
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  if (Number.isNaN(at.getTime())) {
    return '';
  }
  return at.toDateString() === now.toDateString()
    ? at.toLocaleTimeString(undefined, time)
    : at.toLocaleString(undefined, { day: 'numeric', month: 'short', ...time });
}

/**
 * A step of a timeline: its day, and from when until when.
 */
export function stepText(from: number, to: number): string {
  const day = { day: 'numeric', month: 'short' } as const;
  const time = { hour: '2-digit', minute: '2-digit' } as const;
  const begin = new Date(from);
  const end = new Date(to);
  const last = new Date(Math.max(from, to - 1));
  if (to - from >= DAY_MS / 2 && begin.toDateString() !== last.toDateString()) {
    return `${begin.toLocaleDateString(undefined, day)} – ${last.toLocaleDateString(undefined, day)}`;
  }
  if (to - from >= DAY_MS) {
    return begin.toLocaleDateString(undefined, day);
  }
  return `${begin.toLocaleString(undefined, { ...day, ...time })} – ${end.toLocaleTimeString(undefined, time)}`;
}

/**
 * Say why there are no fresh figures.
 */
export function monitorProblem(
  problem: Problem,
  trans: TranslationBundle
): { detail: string; hint: string } {
  switch (problem.status) {
    case 401:
      return {
        detail: trans.__('You are not logged in any more.'),
        hint: trans.__('Load the page again to log in.')
      };
    case 403:
      return {
        detail: trans.__('The figures of this server are not for you to see.'),
        hint: trans.__(
          'Whoever runs it keeps them to some people. Ask them, or see your own jobs in the history.'
        )
      };
    case 404:
      return {
        detail: trans.__('This server has no figures to show.'),
        hint: trans.__(
          'Its extension gptoss_lab is older than this page, or not running. Restart the server, then load the page again.'
        )
      };
    case 429:
      return {
        detail: trans.__('The server is asked too often just now.'),
        hint: trans.__('It is asked again by itself, a little later.')
      };
    default:
      return problemText(problem, trans);
  }
}

/**
 * Say how far the server's clock is off; empty where that is too little to matter.
 */
export function skewText(skewS: number, trans: TranslationBundle): string {
  if (skewS === 0) {
    return '';
  }
  const off = secondsText(Math.abs(skewS), trans);
  return skewS > 0
    ? trans.__(
        'The server’s clock is %1 ahead of this computer’s. Times are by the server’s.',
        off
      )
    : trans.__(
        'The server’s clock is %1 behind this computer’s. Times are by the server’s.',
        off
      );
}

const DAY_MS = 86_400_000;
