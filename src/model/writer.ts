import type { ISharedCell } from '@jupyter/ydoc';
import type { INotebookModel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { IDraft, IJob } from '../tokens';
import type { CellProvenance } from '../wire/schema';
import { noteEnvironment } from './environments';
import { notePaper } from './paper_notes';
import { readProvenance } from './provenance';
import { CellPen } from './writer_pen';
import { placeOf } from './writer_place';
import { cellOf, firstLine, refusal } from './writer_target';
import type { INotice, Reason, SentCells } from './writer_target';
import { secure, settle, share } from './written';
import type { IWritten } from './written';

/**
 * Where the first cell goes, and what may be written.
 */
export interface IWriterOptions {
  model: INotebookModel;

  /**
   * Id of the cell below which the first cell goes; null for the top.
   */
  after: string | null;

  /**
   * Cells of the job that the person removed; they are not put back.
   */
  gone?: readonly string[];

  /**
   * The person's cells that may be changed; none by default.
   */
  sent?: SentCells;
}

/**
 * Projects the drafts of a job onto a notebook.
 *
 * #### Notes
 * All that a generation does is one undo step, however long it takes. Text
 * that is not what the writer left there is the person's: it is never written
 * over.
 */
export class CellWriter {
  constructor(options: IWriterOptions) {
    this._model = options.model;
    this._after = options.after;
    this._gone = new Set(options.gone ?? []);
    this._sent = options.sent ?? new Map();
    this._pen = new CellPen(options.model);
    this._pen.turned.connect(this._onTurned, this);
  }

  /**
   * Ids of the drafts that the person removed from the notebook.
   */
  get gone(): string[] {
    return [...this._gone];
  }

  /**
   * How many cells were written.
   */
  get inserted(): number {
    return this._written.size;
  }

  /**
   * What the person should know, in the order in which it happened.
   */
  get notices(): readonly INotice[] {
    return this._notices;
  }

  /**
   * Emitted when the person has undone the generation.
   */
  get undone(): ISignal<this, void> {
    return this._undone;
  }

  /**
   * Bring the notebook to the state of the job.
   */
  apply(job: IJob): void {
    if (this._model.isDisposed || this._model.readOnly) {
      return;
    }
    for (const draft of job.drafts) {
      if (this._halted) {
        this._gone.add(draft.id);
      } else if (!this._gone.has(draft.id)) {
        this._write(job, draft);
      }
    }
    if (job.environment && this._written.size && !this._halted) {
      noteEnvironment(this._model, job.environment);
    }
    if (job.paper && this._written.size && !this._halted) {
      notePaper(this._model.sharedModel, job.paper);
    }
  }

  private _write(job: IJob, draft: IDraft): void {
    const written = this._written.get(draft.id) ?? this._adopt(job, draft);
    if (written === 'behind') {
      return;
    }
    if (!written) {
      if (draft.state !== 'removed') {
        this._begin(job, draft);
      }
      return;
    }
    const cell = cellOf(this._model, written.id);
    if (!cell) {
      this._forget(draft);
      return;
    }
    const current = readProvenance(cell);
    if (!current || !isOpen(current, job, draft)) {
      written.owner = 'theirs';
      return;
    }
    if (share(written, cell, asText(draft))) {
      const line = firstLine(cell.getSource());
      this._notices.push({ what: 'cut', why: 'edited', line });
    }
    if (draft.state === 'removed') {
      this._withdraw(draft, written, cell);
    } else {
      this._update(job, draft, written, cell, current);
    }
  }

  /**
   * Start with a draft: in a cell of its own, or in the one that it is about.
   */
  private _begin(job: IJob, draft: IDraft): void {
    const { change, source, state } = draft;
    if (change === 'new') {
      this._insert(job, draft);
      return;
    }
    if (change === 'changed' && source === '' && state === 'open') {
      // The person's text stays until there is another.
      return;
    }
    const cell = cellOf(this._model, draft.target);
    const why = refusal(draft, cell, this._sent);
    if (!cell || why) {
      this._refuse(job, draft, why ?? 'gone');
    } else if (change === 'deleted') {
      this._keep(draft, this._pen.mark(job, draft, cell));
    } else if (state === 'open' || source !== cell.getSource()) {
      this._keep(draft, this._pen.change(job, draft, cell));
    }
  }

  /**
   * Leave the target alone: another text goes below it, a deletion is dropped.
   */
  private _refuse(job: IJob, draft: IDraft, why: Reason): void {
    const line = firstLine(draft.source);
    if (draft.change === 'changed') {
      this._notices.push({ what: 'changed', why, line });
      this._insert(job, { ...draft, change: 'new' });
      return;
    }
    this._gone.add(draft.id);
    if (why !== 'gone') {
      this._notices.push({ what: 'deleted', why, line });
    }
  }

  private _insert(job: IJob, draft: IDraft): void {
    const idOf = ({ id }: IDraft) => this._written.get(id)?.id;
    const place = placeOf(this._model, job, draft, idOf, this._after);
    this._keep(draft, this._pen.insert(job, draft, place));
  }

  private _update(
    job: IJob,
    draft: IDraft,
    written: IWritten,
    cell: ISharedCell,
    current: CellProvenance
  ): void {
    if (current.change !== 'deleted') {
      this._pen.type(written, cell, draft.source);
    }
    if (draft.state === 'open') {
      return;
    }
    if (isUnchanged(written, current)) {
      this._pen.restore(written, cell);
      this._written.delete(draft.id);
    } else {
      this._pen.close(job, draft, written, cell, current);
    }
  }

  /**
   * Take a draft back that fell away, unless the person has edited it.
   */
  private _withdraw(draft: IDraft, written: IWritten, cell: ISharedCell): void {
    if (written.owner !== 'ours') {
      return;
    }
    if (written.before) {
      this._pen.restore(written, cell);
    } else if (draft.change === 'new') {
      this._pen.remove(cell);
    }
    this._forget(draft);
  }

  /**
   * Find the draft's cell in a notebook that was opened again.
   */
  private _adopt(job: IJob, draft: IDraft): IWritten | 'behind' | null {
    for (const cell of this._model.sharedModel.cells) {
      const provenance = readProvenance(cell);
      if (provenance?.job !== job.id || provenance.cell !== draft.id) {
        continue;
      }
      const text = cell.getSource();
      const going = provenance.change === 'deleted';
      if (!going && draft.state === 'open' && text.startsWith(draft.source)) {
        // The events are being read again and have not come this far.
        return 'behind';
      }
      const ours = going || draft.source.startsWith(text);
      const written: IWritten = {
        id: cell.getId(),
        before: null,
        text,
        source: going ? draft.source : text,
        // Less than the draft holds is our own, cut off; anything else is not.
        owner: ours ? 'ours' : 'theirs',
        provenance
      };
      this._written.set(draft.id, written);
      return written;
    }
    return null;
  }

  private _keep(draft: IDraft, written: IWritten | null): void {
    if (written) {
      this._written.set(draft.id, written);
    } else {
      this._gone.add(draft.id);
    }
  }

  private _forget(draft: IDraft): void {
    this._gone.add(draft.id);
    this._written.delete(draft.id);
  }

  private _onTurned(_: unknown, turn: 'undone' | 'redone'): void {
    this._halted = true;
    for (const [draft, written] of this._written) {
      this._gone.add(draft);
      const cell = cellOf(this._model, written.id);
      if (cell) {
        (turn === 'undone' ? settle : secure)(cell, written);
      }
    }
    if (turn === 'undone') {
      this._undone.emit();
    }
  }

  private readonly _model: INotebookModel;
  private readonly _after: string | null;
  private readonly _gone: Set<string>;
  private readonly _sent: SentCells;
  private readonly _pen: CellPen;
  private readonly _written = new Map<string, IWritten>();
  private readonly _notices: INotice[] = [];
  private readonly _undone = new Signal<this, void>(this);
  private _halted = false;
}

/**
 * Whether a cell still waits as a part of this draft.
 */
function isOpen(current: CellProvenance, job: IJob, draft: IDraft): boolean {
  const { review, job: by, cell } = current;
  return review === 'pending' && by === job.id && cell === draft.id;
}

function asText({ source, state }: IDraft): { source: string; open: boolean } {
  return { source, open: state === 'open' };
}

/**
 * Whether a cell of the person's ended up as it was.
 */
function isUnchanged(written: IWritten, current: CellProvenance): boolean {
  return (
    written.owner === 'ours' &&
    current.change === 'changed' &&
    written.text === written.before?.text &&
    written.text === current.original
  );
}
