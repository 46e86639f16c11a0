import { PathExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { SandboxVerb } from '../tokens';
import type { SandboxCapabilities, SandboxState } from '../wire/schema';

/**
 * A sandbox that ends sooner than this says so, in seconds.
 */
const NEAR_END_S = 300;

/**
 * Say what a sandbox is for, as its name in the list.
 */
export function sandboxName(
  sandbox: Pick<SandboxState, 'purpose' | 'notebook'>,
  trans: TranslationBundle
): string {
  switch (sandbox.purpose) {
    case 'notebook':
      return PathExt.basename(sandbox.notebook) || trans.__('Notebook kernel');
    case 'execute':
      return trans.__('Execution');
    case 'verify':
      return trans.__('Verification');
    case 'inspect':
      return trans.__('API check');
    default:
      return trans.__('Ready for use');
  }
}

/**
 * Say what a sandbox does now, or what is being done to it.
 */
export function phaseText(
  phase: SandboxState['phase'],
  verb: SandboxVerb | null,
  trans: TranslationBundle
): string {
  switch (verb) {
    case 'interrupt':
      return trans.__('Interrupting…');
    case 'restart':
      return trans.__('Restarting…');
    case 'stop':
      return trans.__('Stopping…');
    case 'packages':
      return trans.__('Adding packages…');
    default:
  }
  switch (phase) {
    case 'starting':
      return trans.__('Starting');
    case 'busy':
      return trans.__('Busy');
    case 'idle':
      return trans.__('Idle');
    default:
      return trans.__('Ended');
  }
}

/**
 * Name a language.
 */
export function languageText(
  language: SandboxState['language'],
  trans: TranslationBundle
): string {
  return language === 'r' ? trans.__('R') : trans.__('Python');
}

/**
 * An amount of memory or a size, in the unit that fits.
 */
export function bytesText(bytes: number, trans: TranslationBundle): string {
  const units = [
    trans.__('B'),
    trans.__('KB'),
    trans.__('MB'),
    trans.__('GB'),
    trans.__('TB')
  ];
  let amount = bytes;
  let unit = 0;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && amount < 10 ? 1 : 0;
  return trans.__(
    '%1 %2',
    String(Number(amount.toFixed(digits))),
    units[unit] ?? ''
  );
}

/**
 * A length of time, as coarse as it may be read.
 */
export function timeText(seconds: number, trans: TranslationBundle): string {
  if (seconds < 60) {
    return trans.__('%1 s', Math.max(0, Math.round(seconds)));
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) {
    return trans.__('%1 min', minutes);
  }
  return minutes % 60 === 0
    ? trans.__('%1 h', minutes / 60)
    : trans.__('%1 h %2 min', Math.floor(minutes / 60), minutes % 60);
}

/**
 * Say memory as used of limit; empty where it cannot be measured.
 */
export function memoryText(
  sandbox: Pick<SandboxState, 'usage' | 'limits'>,
  trans: TranslationBundle
): string {
  const { memory_bytes: used } = sandbox.usage;
  return used === null
    ? ''
    : trans.__(
        '%1 of %2',
        bytesText(used, trans),
        bytesText(sandbox.limits.memory_bytes, trans)
      );
}

/**
 * The part of the memory limit that is used, in percent; null where unknown.
 */
export function memoryPercent(
  sandbox: Pick<SandboxState, 'usage' | 'limits'>
): number | null {
  const { memory_bytes: used } = sandbox.usage;
  const { memory_bytes: limit } = sandbox.limits;
  return used === null || limit <= 0
    ? null
    : Math.min(100, Math.round((100 * used) / limit));
}

/**
 * Say when a sandbox is ended; empty while that is far off.
 */
export function endText(
  sandbox: Pick<SandboxState, 'expires_in_s' | 'idle_s' | 'limits' | 'phase'>,
  trans: TranslationBundle
): string {
  const { expires_in_s: left, idle_s: idle, limits } = sandbox;
  if (left === null || left > NEAR_END_S || sandbox.phase === 'ended') {
    return '';
  }
  const time = timeText(left, trans);
  // What ends it is its idle time, unless that is further off.
  return sandbox.phase !== 'busy' && limits.idle_s - idle <= left + 5
    ? trans.__('Nobody uses it: it ends in %1, with its files.', time)
    : trans.__('Its time is up in %1: it ends then, with its files.', time);
}

/**
 * Say which isolation is in force.
 */
export function isolationText(
  capabilities: SandboxCapabilities,
  trans: TranslationBundle
): string {
  const { runtime, isolation } = capabilities;
  if (runtime === 'none') {
    return trans.__('No sandbox can run here');
  }
  if (runtime === 'bubblewrap') {
    return trans.__('bubblewrap, no network');
  }
  if (GVISOR.test(isolation)) {
    return trans.__('Containers under gVisor, no network');
  }
  return OWN_KERNEL.test(isolation)
    ? trans.__('Containers with a kernel of their own, no network')
    : trans.__('Containers, no network');
}

/**
 * Say what the isolation does not protect from.
 */
export function gapText(
  capabilities: SandboxCapabilities,
  trans: TranslationBundle
): string {
  const { runtime, isolation, gvisor } = capabilities;
  if (runtime === 'none') {
    return [capabilities.reason, capabilities.hint].filter(Boolean).join(' ');
  }
  if (GVISOR.test(isolation) || OWN_KERNEL.test(isolation)) {
    return trans.__(
      'Not protected: what you show a sandbox, and what you save from it.'
    );
  }
  return [
    trans.__(
      'Not protected: sandboxes share the Linux kernel of this machine, so a flaw in it could let code out.'
    ),
    /no system-call filter/.test(isolation)
      ? trans.__('System calls are not filtered here.')
      : '',
    gvisor ? trans.__('gVisor is installed, but not used.') : '',
    // What is not built yet, for example.
    capabilities.reason && `${capabilities.reason}. ${capabilities.hint}`
  ]
    .filter(Boolean)
    .join(' ');
}

/**
 * How the server names isolations in which code does not meet this machine's kernel.
 */
const GVISOR = /gvisor|runsc/i;
const OWN_KERNEL = /its own kernel/i;
