import type { PartialJSONObject } from '@lumino/coreutils';

import type { IDraft, IJob } from '../tokens';
import type {
  CellProvenance,
  Decision,
  ReviewRecord,
  VerificationNote
} from '../wire/schema';

/**
 * The key of a cell's metadata that holds its provenance.
 */
export const KEY = 'gptoss_lab';

/**
 * How much of a task a cell's metadata keep, in characters.
 */
const MAX_TASK = 500;

/**
 * How many entries of each list are read: as many as a record may have.
 */
const MAX_ENTRIES = 200;

/**
 * A thing with cell metadata: a cell model or a shared cell.
 */
export interface IHasMetadata {
  getMetadata(key: string): unknown;
}

/**
 * Read a cell's provenance, or null where there is none.
 *
 * #### Notes
 * Metadata come from files and other people, so every member is checked.
 * A cell whose review state cannot be read counts as pending: a damaged
 * record must not let code run.
 */
export function readProvenance(cell: IHasMetadata): CellProvenance | null {
  const raw = cell.getMetadata(KEY);
  if (raw === undefined || raw === null) {
    return null;
  }
  return read(isObject(raw) ? raw : {});
}

/**
 * Provenance of a pending cell of which nothing is known.
 */
export function unknownProvenance(): CellProvenance {
  return read({});
}

function read(data: Json): CellProvenance {
  const { review } = data;
  return {
    review: review === 'accepted' || review === 'rejected' ? review : 'pending',
    change: readChange(data),
    original: text(data.original),
    generated: text(data.generated),
    job: text(data.job),
    cell: text(data.cell),
    task: text(data.task),
    generator: data.generator === 'model' ? 'model' : 'examples',
    model: text(data.model),
    seed: typeof data.seed === 'number' ? data.seed : null,
    templates: text(data.templates),
    raw: oneOf(['code', 'markdown'], data.raw) ?? '',
    language: oneOf(['python', 'r'], data.language) ?? '',
    decisions: list(data.decisions).flatMap(readDecision),
    record: readRecord(data.record),
    sources: list(data.sources).map(readCitation),
    units: texts(data.units).slice(-MAX_ENTRIES),
    checks: list(data.checks).map(readFinding),
    verification: readNote(data.verification)
  };
}

/**
 * Whether a cell waits for the person's decision.
 *
 * #### Notes
 * Asked of every cell, often: it reads no more than it needs.
 */
export function isPending(cell: IHasMetadata): boolean {
  const raw = cell.getMetadata(KEY);
  if (raw === undefined || raw === null) {
    return false;
  }
  const review = isObject(raw) ? raw.review : undefined;
  return review !== 'accepted' && review !== 'rejected';
}

/**
 * Say of a drafted cell what its metadata must hold.
 */
export function provenanceOf(job: IJob, draft: IDraft): CellProvenance {
  return {
    review: 'pending',
    change: draft.change,
    original: '',
    generated: draft.source,
    job: job.id,
    cell: draft.id,
    task: job.task.slice(0, MAX_TASK),
    generator: job.generator ?? 'examples',
    model: job.model,
    seed: job.seed,
    templates: job.templates,
    raw: '',
    language: '',
    decisions: [],
    record: null,
    sources: [...draft.sources],
    units: [...draft.units],
    checks: [...draft.findings],
    verification: noteOf(job, draft)
  };
}

/**
 * Turn provenance into the JSON that cell metadata take.
 */
export function asMetadata(provenance: CellProvenance): PartialJSONObject {
  return { ...provenance } as unknown as PartialJSONObject;
}

/**
 * Take out what was found of a text, for a cell that holds another.
 */
export function unproven(provenance: CellProvenance): CellProvenance {
  const off = provenance.verification?.status === 'off';
  return {
    ...provenance,
    checks: [],
    verification: { ...NO_NOTE, status: off ? 'off' : 'skipped' }
  };
}

function noteOf(job: IJob, draft: IDraft): VerificationNote {
  const run = draft.verification;
  if (run) {
    return {
      status: run.status,
      duration_s: run.duration_s,
      peak_memory_bytes: run.peak_memory_bytes,
      runtime: run.runtime,
      image: run.image,
      error: run.error
    };
  }
  return { ...NO_NOTE, status: expectedStatus(job, draft) };
}

function expectedStatus(job: IJob, draft: IDraft): VerificationNote['status'] {
  if (draft.kind === 'markdown' || !job.verify || !job.sandbox?.available) {
    return 'off';
  }
  return job.ended ? 'skipped' : 'pending';
}

const NO_NOTE: VerificationNote = {
  status: 'off',
  duration_s: 0,
  peak_memory_bytes: null,
  runtime: 'none',
  image: '',
  error: ''
};

type Json = Record<string, unknown>;

/**
 * Whether a value of somebody's metadata has members.
 */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function oneOf<T extends string>(
  allowed: readonly T[],
  value: unknown
): T | null {
  return allowed.find(one => one === value) ?? null;
}

/**
 * What kind of change a cell is. Notebooks of before the member was there tell
 * it by the text that is replaced.
 */
function readChange(data: Json): CellProvenance['change'] {
  return (
    oneOf(['new', 'changed', 'deleted'], data.change) ??
    (text(data.original) ? 'changed' : 'new')
  );
}

function readDecision(data: Json): Decision[] {
  const scope = oneOf(['hunk', 'cell', 'generation'], data.scope);
  const verdict = oneOf(['accepted', 'rejected'], data.verdict);
  if (!scope || !verdict) {
    return [];
  }
  const lines = positive(data.lines) ?? 0;
  return [{ scope, verdict, lines, at: text(data.at), by: text(data.by) }];
}

function readRecord(value: unknown): ReviewRecord | null {
  const data = isObject(value) ? value : {};
  const verdict = oneOf(['accepted', 'edited', 'rejected'], data.verdict);
  if (!verdict) {
    return null;
  }
  const distance = data.edit_distance;
  return {
    verdict,
    at: text(data.at),
    by: text(data.by),
    generated_chars: positive(data.generated_chars) ?? 0,
    kept_chars: positive(data.kept_chars) ?? 0,
    edit_distance: typeof distance === 'number' ? Math.max(0, distance) : null,
    kept_sha256: text(data.kept_sha256)
  };
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && value > 0 ? value : null;
}

/**
 * The objects of a list, the latest of them.
 */
function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject).slice(-MAX_ENTRIES) : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(text).filter(Boolean) : [];
}

function readCitation(data: Json): CellProvenance['sources'][number] {
  return {
    source: text(data.source),
    title: text(data.title),
    version: text(data.version),
    symbol: text(data.symbol),
    page: positive(data.page),
    anchor: text(data.anchor),
    link: text(data.link)
  };
}

function readFinding(data: Json): CellProvenance['checks'][number] {
  const { severity } = data;
  return {
    check: (text(data.check) || 'policy') as 'policy',
    severity:
      severity === 'error' || severity === 'warning' ? severity : 'info',
    cell: text(data.cell),
    line: positive(data.line) ?? 0,
    symbol: text(data.symbol),
    message: text(data.message),
    suggestions: texts(data.suggestions),
    evidence: texts(data.evidence),
    need: readNeed(data.need)
  };
}

function readNeed(value: unknown): CellProvenance['checks'][number]['need'] {
  if (!isObject(value) || !text(value.name)) {
    return null;
  }
  return {
    name: text(value.name),
    language: value.language === 'r' ? 'r' : 'python',
    addable: value.addable === true,
    reason: text(value.reason)
  };
}

function readNote(value: unknown): VerificationNote {
  if (!isObject(value)) {
    return NO_NOTE;
  }
  return {
    status: (text(value.status) || 'off') as VerificationNote['status'],
    duration_s: positive(value.duration_s) ?? 0,
    peak_memory_bytes: positive(value.peak_memory_bytes),
    runtime: text(value.runtime) || 'none',
    image: text(value.image),
    error: text(value.error)
  };
}
