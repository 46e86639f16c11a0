import type { ISharedNotebook } from '@jupyter/ydoc';
import type { PartialJSONObject } from '@lumino/coreutils';
import { JSONExt } from '@lumino/coreutils';

import type { IPaperState } from '../paper_tokens';
import type {
  CellProvenance,
  Citation,
  Claim,
  PaperSummary,
  Unit
} from '../wire/schema';
import { entries, readClaim, readUnit, text, texts } from './paper_read';
import { KEY, isObject } from './provenance';

/**
 * What a notebook tells of the paper that its cells implement, without the
 * server.
 */
export interface INotedPaper {
  readonly paper: Pick<
    PaperSummary,
    'uri' | 'form' | 'title' | 'authors' | 'files'
  >;
  readonly units: readonly Unit[];
  readonly claims: readonly Claim[];
  readonly assumptions: readonly string[];
  readonly missing: readonly string[];
}

/**
 * What was noted last in a notebook: to note it again takes no look.
 */
const NOTED = new WeakMap<object, IPaperState>();

/**
 * Note in a notebook the paper of its cells, what it requires and its claims.
 *
 * #### Notes
 * The note is no undo step of the person's.
 */
export function notePaper(
  shared: Pick<ISharedNotebook, 'getMetadata' | 'setMetadata' | 'transact'>,
  state: IPaperState
): void {
  const { paper } = state;
  if (!paper || NOTED.get(shared) === state) {
    return;
  }
  NOTED.set(shared, state);
  const { id, uri, form, title, authors, files, lost, pages } = paper;
  const { scope, config, assumptions, missing, units, claims } = state;
  const about = { id, uri, form, title, authors, files, lost, pages };
  const notes = {
    paper: { ...about, scope, config, assumptions, missing },
    units,
    claims
  } as unknown as PartialJSONObject;
  const ours = shared.getMetadata(KEY);
  const before = (isObject(ours) ? ours : {}) as PartialJSONObject;
  const after = { ...before, ...notes };
  if (!JSONExt.deepEqual(before, after)) {
    shared.transact(() => {
      shared.setMetadata(KEY, after as never);
    }, false);
  }
}

/**
 * The paper of a cell, and the requirements that it implements; null where its
 * notebook notes none, or the cell is of something else.
 */
export function paperOfCell(
  shared: { getMetadata(key: string): unknown } | null,
  {
    units,
    sources,
    generator
  }: Pick<CellProvenance, 'units' | 'sources' | 'generator'>
): Pick<INotedPaper, 'paper' | 'units'> | null {
  const local = sources.filter(({ link }) => link === '');
  // Examples of documentation always say where they are from.
  const own = generator === 'examples' && sources.length === 0;
  const noted =
    own || units.length + local.length > 0 ? readPaper(shared) : null;
  if (!noted) {
    return null;
  }
  const { paper } = noted;
  return own || units.length > 0 || local.some(one => isOf(paper, one))
    ? { paper, units: noted.units.filter(({ id }) => units.includes(id)) }
    : null;
}

/**
 * Whether a citation is of a paper.
 */
export function isOf(
  { title, uri }: Pick<PaperSummary, 'title' | 'uri'>,
  { source }: Pick<Citation, 'source'>
): boolean {
  return source !== '' && (source === title || source === uri);
}

/**
 * Read what a notebook notes of a paper; null where it notes none.
 *
 * #### Notes
 * It comes from files and other people, so every member is checked.
 */
export function readPaper(
  shared: { getMetadata(key: string): unknown } | null
): INotedPaper | null {
  const ours = shared?.getMetadata(KEY);
  if (!isObject(ours)) {
    return null;
  }
  const claims = entries(ours.claims).map(readClaim);
  if (!isObject(ours.paper) && claims.length === 0) {
    return null;
  }
  const paper = isObject(ours.paper) ? ours.paper : {};
  const form = paper.form;
  return {
    paper: {
      uri: text(paper.uri),
      form: form === 'latex' || form === 'html' ? form : 'pdf',
      title: text(paper.title),
      authors: texts(paper.authors),
      files: texts(paper.files)
    },
    units: entries(ours.units).map(readUnit),
    claims,
    assumptions: texts(paper.assumptions),
    missing: texts(paper.missing)
  };
}
