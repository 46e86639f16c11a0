import type { TranslationBundle } from '@jupyterlab/translation';

import type { Citation, VerificationNote } from '../wire/schema';

/**
 * The outcome of a verification in a few words.
 */
export interface IBadge {
  text: string;
  tone: 'ok' | 'error' | 'warning' | 'quiet';
}

/**
 * Say how a cell did in the sandbox; null where there is nothing to say.
 */
export function badgeOf(
  note: VerificationNote,
  trans: TranslationBundle
): IBadge | null {
  switch (note.status) {
    case 'ok':
      return {
        tone: 'ok',
        text: [
          trans.__('Verified in sandbox (%1)', note.runtime),
          seconds(note.duration_s, trans),
          ...(note.peak_memory_bytes
            ? [memory(note.peak_memory_bytes, trans)]
            : [])
        ].join(' · ')
      };
    case 'off':
      return null;
    case 'pending':
      return { tone: 'quiet', text: trans.__('Waiting for the sandbox') };
    case 'skipped':
      return { tone: 'warning', text: trans.__('Not run in the sandbox') };
    case 'canceled':
    case 'interrupted':
      return { tone: 'warning', text: trans.__('Stopped in the sandbox') };
    default:
      return { tone: 'error', text: failureText(note, trans) };
  }
}

function failureText(note: VerificationNote, trans: TranslationBundle): string {
  switch (note.status) {
    case 'timeout':
      return trans.__(
        'Stopped in the sandbox after %1',
        seconds(note.duration_s, trans)
      );
    case 'oom':
      return trans.__('Out of memory in the sandbox');
    case 'output_limit':
      return trans.__('Too much output in the sandbox');
    case 'sandbox_lost':
    case 'died':
      return trans.__('The sandbox ended while this cell ran');
    default: {
      const line = note.error.trim().split('\n').pop() ?? '';
      return line
        ? trans.__('Failed in sandbox: %1', shorten(line))
        : trans.__('Failed in sandbox');
    }
  }
}

/**
 * Say where a citation points: its title with the symbol or the page.
 */
export function placeOf(citation: Citation, trans: TranslationBundle): string {
  const name = citation.symbol || citation.title || citation.source;
  const version =
    citation.version && !name.includes(citation.version)
      ? ` (${citation.version})`
      : '';
  const page =
    citation.page === null ? '' : `, ${trans.__('page %1', citation.page)}`;
  return `${shorten(name)}${version}${page}`;
}

/**
 * Write a duration with one digit after the point, as it is read best.
 */
export function seconds(value: number, trans: TranslationBundle): string {
  return trans.__('%1 s', value < 10 ? value.toFixed(1) : value.toFixed(0));
}

/**
 * Write an amount of memory.
 */
export function memory(bytes: number, trans: TranslationBundle): string {
  return trans.__('%1 MB', Math.max(1, Math.round(bytes / 2 ** 20)));
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
