import type { TranslationBundle } from '@jupyterlab/translation';

import type { PaperRefused } from '../model/paper_upload';
import type { PaperDesk } from '../model/paper_desk';
import type { Candidate, Claim, PaperSummary, Unit } from '../wire/schema';
import { stageLabel } from './labels';

/**
 * A state in a word, with a sign that stands for it without colour.
 */
export interface IMarked {
  readonly mark: string;
  readonly word: string;
  readonly tone: 'ok' | 'error' | 'warning' | 'quiet';
}

/**
 * Say what became of a number that a paper prints.
 */
export function claimState(
  { state }: Pick<Claim, 'state'>,
  trans: TranslationBundle
): IMarked {
  switch (state) {
    case 'verified':
      return { mark: '✓', word: trans.__('Verified'), tone: 'ok' };
    case 'differs':
      return { mark: '≠', word: trans.__('Differs'), tone: 'error' };
    case 'not_run':
      return { mark: '–', word: trans.__('Not run'), tone: 'warning' };
    case 'not_checkable':
      return { mark: '?', word: trans.__('Not checkable'), tone: 'quiet' };
    default:
      return { mark: '…', word: trans.__('Waiting'), tone: 'quiet' };
  }
}

/**
 * Say how sure a requirement is, or what became of it.
 */
export function unitState(
  { status, verdict }: Pick<Unit, 'status' | 'verdict'>,
  trans: TranslationBundle
): IMarked {
  switch (verdict) {
    case 'pass':
      return { mark: '✓', word: trans.__('Implemented'), tone: 'ok' };
    case 'missing':
      return { mark: '✗', word: trans.__('Missing'), tone: 'error' };
    case 'wrong_surface':
      return {
        mark: '≠',
        word: trans.__('Implemented otherwise'),
        tone: 'error'
      };
    case 'inconsistent':
      return {
        mark: '≠',
        word: trans.__('Contradicts another'),
        tone: 'error'
      };
    case 'not_implemented':
      return { mark: '–', word: trans.__('Not implemented'), tone: 'warning' };
    default:
      break;
  }
  switch (status) {
    case 'supported':
      return { mark: '“', word: trans.__('Stated'), tone: 'quiet' };
    case 'inferred':
      return { mark: '∴', word: trans.__('Inferred'), tone: 'quiet' };
    default:
      return { mark: '?', word: trans.__('Open'), tone: 'warning' };
  }
}

/**
 * Count the requirements of a paper by how sure they are.
 */
export function unitCounts(
  units: readonly Unit[],
  trans: TranslationBundle
): string {
  const count = (status: Unit['status']) =>
    units.filter(unit => unit.status === status).length;
  const [stated, inferred, open] = [
    count('supported'),
    count('inferred'),
    count('unresolved')
  ];
  const parts = [
    stated > 0 ? trans.__('%1 stated', stated) : '',
    inferred > 0 ? trans.__('%1 inferred', inferred) : '',
    open > 0 ? trans.__('%1 open', open) : ''
  ].filter(Boolean);
  const all = trans._n('%1 requirement', '%1 requirements', units.length);
  return parts.length === 0 ? all : `${all}: ${parts.join(', ')}`;
}

/**
 * Count the claims by what became of them.
 */
export function claimCounts(
  claims: readonly Claim[],
  trans: TranslationBundle
): string {
  const order: Claim['state'][] = [
    'verified',
    'differs',
    'not_run',
    'not_checkable',
    'open'
  ];
  return order
    .flatMap(state => {
      const count = claims.filter(claim => claim.state === state).length;
      const { word } = claimState({ state }, trans);
      return count > 0 ? [`${count} ${word.toLowerCase()}`] : [];
    })
    .join(' · ');
}

/**
 * Write a number that was computed with one digit more than the paper prints,
 * so that one sees how near it is.
 */
export function numberText(value: number, printed: string): string {
  const [, decimals = ''] = /\d\.(\d+)$/.exec(printed.trim()) ?? [];
  const text = value.toFixed(decimals.length + 1);
  const small = value !== 0 && Math.abs(value) < 10 ** -decimals.length;
  const plain = /\d$/.test(printed.trim()) && !/e/i.test(printed);
  return plain && !small && Math.abs(value) < 1e12
    ? text
    : String(Number(value.toPrecision(6)));
}

/**
 * Say which form of a paper was read, and how much is in it.
 */
export function extentText(
  { form, pages, sections, blocks }: PaperSummary,
  trans: TranslationBundle
): string {
  const count = (kind: string) => blocks[kind] ?? 0;
  const [equations, tables, algorithms, code] = [
    count('equation'),
    count('table'),
    count('algorithm'),
    count('code')
  ];
  return [
    formName(form, trans),
    pages > 0 ? trans._n('%1 page', '%1 pages', pages) : '',
    sections.length > 0
      ? trans._n('%1 section', '%1 sections', sections.length)
      : '',
    equations > 0 ? trans._n('%1 equation', '%1 equations', equations) : '',
    tables > 0 ? trans._n('%1 table', '%1 tables', tables) : '',
    algorithms > 0 ? trans._n('%1 algorithm', '%1 algorithms', algorithms) : '',
    code > 0 ? trans._n('%1 listing', '%1 listings', code) : ''
  ]
    .filter(Boolean)
    .join(' · ');
}

/**
 * Name those who wrote a paper, the first of them where there are many.
 */
export function authorsText(
  authors: readonly string[],
  trans: TranslationBundle
): string {
  const shown = authors.slice(0, MAX_AUTHORS).join(', ');
  const more = authors.length - MAX_AUTHORS;
  return more > 0 ? trans.__('%1 and %2 more', shown, more) : shown;
}

/**
 * Say what something of a paper is that could be implemented.
 */
export function kindText(
  { kind }: Pick<Candidate, 'kind'>,
  trans: TranslationBundle
): string {
  switch (kind) {
    case 'algorithm':
      return trans.__('Algorithm');
    case 'model':
      return trans.__('Model');
    case 'experiment':
      return trans.__('Experiment');
    default:
      return trans.__('Printed code');
  }
}

/**
 * What a screen reader hears of a paper that is read.
 */
export function readingText(
  desk: Pick<PaperDesk, 'job' | 'reading' | 'ready' | 'told'>,
  trans: TranslationBundle
): string {
  const { job, told } = desk;
  if (desk.reading) {
    const step = job?.steps.find(({ running }) => running);
    return step ? stageLabel(step.stage, trans) : trans.__('Reading the paper');
  }
  if (job?.outcome === 'cancelled') {
    return trans.__('Reading was stopped.');
  }
  const count = told?.paper?.candidates.length ?? 0;
  return desk.ready
    ? trans._n(
        'The paper was read. There is %1 thing to choose from.',
        'The paper was read. There are %1 things to choose from.',
        count
      )
    : '';
}

/**
 * Say why a file was not taken, and what to do.
 */
export function refusalText(
  { why, file, reason }: PaperRefused,
  maxBytes: number,
  trans: TranslationBundle
): string {
  switch (why) {
    case 'name':
      return trans.__(
        '%1 is no paper that can be read: drop a PDF, a LaTeX file, an HTML page, or a zip or tar.gz of LaTeX.',
        file
      );
    case 'empty':
      return trans.__('%1 is empty. Fetch it again, then drop it here.', file);
    case 'size':
      return trans.__(
        '%1 is larger than %2 MB. Leave its figures out, or name an arXiv id.',
        file,
        Math.round(maxBytes / 2 ** 20)
      );
    default:
      return trans.__(
        '%1 could not be saved on the server: %2. Check that the folder may be written to.',
        file,
        reason
      );
  }
}

const MAX_AUTHORS = 6;

function formName(
  form: PaperSummary['form'],
  trans: TranslationBundle
): string {
  switch (form) {
    case 'latex':
      return trans.__('LaTeX');
    case 'html':
      return trans.__('HTML');
    default:
      return trans.__('PDF');
  }
}
