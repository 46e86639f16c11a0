import type { ISharedCell, ISharedCodeCell, YNotebook } from '@jupyter/ydoc';
import type { IOutput } from '@jupyterlab/nbformat';
import type { INotebookModel } from '@jupyterlab/notebook';
import { JSONExt } from '@lumino/coreutils';

import type { IDraft, IJob } from '../tokens';
import type { CellProvenance } from '../wire/schema';
import { noteEnvironment } from './environments';
import { KEY, asMetadata, provenanceOf, readProvenance } from './provenance';

/**
 * What the writer knows of a cell that it put into the notebook.
 */
interface IWritten {
  /**
   * The cell's id in the notebook.
   */
  id: string;

  /**
   * The text as we left it; any other text is the person's.
   */
  text: string;

  /**
   * Whether the person changed, moved out or decided on the cell.
   */
  settled: boolean;
}

/**
 * Where the first cell goes, and what must not be written again.
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
}

/**
 * Projects the drafts of a job onto a notebook.
 *
 * #### Notes
 * Text is applied without undo steps; the insertion of all cells is one step.
 * A cell whose text is not what the writer left there belongs to the person,
 * and is never written again.
 */
export class CellWriter {
  constructor(options: IWriterOptions) {
    this._model = options.model;
    this._after = options.after;
    this._gone = new Set(options.gone ?? []);
  }

  /**
   * The model that the cells go to.
   */
  get model(): INotebookModel {
    return this._model;
  }

  /**
   * Ids of the drafts that the person removed from the notebook.
   */
  get gone(): string[] {
    return [...this._gone];
  }

  /**
   * How many cells were put into the notebook.
   */
  get inserted(): number {
    return this._written.size;
  }

  /**
   * Bring the notebook to the state of the job.
   */
  apply(job: IJob): void {
    if (this._model.isDisposed) {
      return;
    }
    for (const draft of job.drafts) {
      this._write(job, draft);
    }
    if (job.environment && this._written.size) {
      noteEnvironment(this._model, job.environment);
    }
  }

  private _write(job: IJob, draft: IDraft): void {
    if (this._gone.has(draft.id)) {
      return;
    }
    const written = this._written.get(draft.id) ?? this._adopt(job, draft);
    if (written === 'behind') {
      return;
    }
    if (!written) {
      if (draft.state !== 'removed') {
        this._insert(job, draft);
      }
      return;
    }
    const cell = this._cell(written.id);
    if (!cell) {
      this._gone.add(draft.id);
      this._written.delete(draft.id);
      return;
    }
    if (written.settled) {
      return;
    }
    const current = readProvenance(cell);
    if (current?.review !== 'pending' || cell.getSource() !== written.text) {
      written.settled = true;
      return;
    }
    if (draft.state === 'removed') {
      this._remove(draft.id, cell);
      return;
    }
    this._update(job, draft, cell, written, current);
  }

  private _update(
    job: IJob,
    draft: IDraft,
    cell: ISharedCell,
    written: IWritten,
    current: CellProvenance
  ): void {
    if (draft.source !== written.text) {
      replaceTail(cell, written.text, draft.source);
      written.text = draft.source;
    }
    if (draft.state === 'open') {
      return;
    }
    const provenance = {
      ...provenanceOf(job, draft),
      original: current.original
    };
    if (!JSONExt.deepEqual(asMetadata(current), asMetadata(provenance))) {
      cell.transact(() => cell.setMetadata(KEY, asMetadata(provenance)), false);
    }
    if (isCode(cell)) {
      showOutputs(cell, draft);
    }
  }

  private _insert(job: IJob, draft: IDraft): void {
    const shared = this._model.sharedModel as YNotebook;
    const { undoManager } = shared;
    const joins =
      this._step !== null && undoManager.undoStack.at(-1) === this._step;
    if (joins) {
      // The manager merges into its last step what follows it closely.
      undoManager.lastChange = Date.now();
    } else {
      undoManager.stopCapturing();
    }
    const cell = shared.insertCell(this._place(job, draft), {
      cell_type: draft.kind,
      source: draft.source,
      metadata: { [KEY]: asMetadata(provenanceOf(job, draft)) }
    });
    undoManager.stopCapturing();
    this._step = undoManager.undoStack.at(-1) ?? null;
    this._written.set(draft.id, {
      id: cell.getId(),
      text: draft.source,
      settled: false
    });
    if (draft.verification && isCode(cell)) {
      showOutputs(cell, draft);
    }
  }

  /**
   * Find the draft's cell in a notebook that was opened again.
   */
  private _adopt(job: IJob, draft: IDraft): IWritten | 'behind' | null {
    for (const cell of this._model.sharedModel.cells) {
      const provenance = readProvenance(cell);
      if (provenance?.job === job.id && provenance.cell === draft.id) {
        const text = cell.getSource();
        if (draft.state === 'open' && text.startsWith(draft.source)) {
          // The events are being read again and have not come this far.
          return 'behind';
        }
        const written = {
          id: cell.getId(),
          text,
          // Less than the draft holds is our own, cut off; anything else is not.
          settled: !draft.source.startsWith(text)
        };
        this._written.set(draft.id, written);
        return written;
      }
    }
    return null;
  }

  private _remove(draft: string, cell: ISharedCell): void {
    const { sharedModel } = this._model;
    this._gone.add(draft);
    this._written.delete(draft);
    sharedModel.transact(() => {
      sharedModel.deleteCell(sharedModel.cells.indexOf(cell));
    }, false);
  }

  /**
   * The index for a draft: after its nearest predecessor that is there.
   */
  private _place(job: IJob, draft: IDraft): number {
    const before = job.drafts.filter(({ index }) => index < draft.index);
    for (const { id } of before.reverse()) {
      const written = this._written.get(id);
      const position = written ? this._position(written.id) : -1;
      if (position >= 0) {
        return position + 1;
      }
    }
    const after = job.drafts
      .filter(({ index }) => index > draft.index)
      .map(({ id }) => this._position(this._written.get(id)?.id))
      .find(position => position >= 0);
    if (after !== undefined) {
      return after;
    }
    if (this._after === null) {
      return 0;
    }
    const anchor = this._position(this._after);
    return anchor < 0 ? this._model.sharedModel.cells.length : anchor + 1;
  }

  private _position(id: string | undefined): number {
    return this._model.sharedModel.cells.findIndex(cell => cell.getId() === id);
  }

  private _cell(id: string): ISharedCell | undefined {
    return this._model.sharedModel.cells.find(cell => cell.getId() === id);
  }

  private readonly _model: INotebookModel;
  private readonly _after: string | null;
  private readonly _gone: Set<string>;
  private readonly _written = new Map<string, IWritten>();
  private _step: YNotebook['undoManager']['undoStack'][number] | null = null;
}

/**
 * Change a cell's text with the smallest edit at its end, without an undo step.
 */
function replaceTail(cell: ISharedCell, from: string, to: string): void {
  let same = 0;
  while (same < from.length && from[same] === to[same]) {
    same += 1;
  }
  cell.transact(
    () => cell.updateSource(same, from.length, to.slice(same)),
    false
  );
}

function isCode(cell: Pick<ISharedCell, 'cell_type'>): cell is ISharedCodeCell {
  return cell.cell_type === 'code';
}

function showOutputs(cell: ISharedCodeCell, draft: IDraft): void {
  const outputs = (draft.verification?.outputs ?? []).map(uncounted);
  const shown = cell.getOutputs();
  if (!JSONExt.deepEqual(shown as never, outputs as never)) {
    cell.transact(() => cell.setOutputs(outputs), false);
  }
}

/**
 * The sandbox's count is not that of the person's kernel: show none.
 */
function uncounted(output: Record<string, unknown>): IOutput {
  return (
    output.output_type === 'execute_result'
      ? { ...output, execution_count: null }
      : output
  ) as IOutput;
}
