import type { ISharedCell, YNotebook } from '@jupyter/ydoc';
import type { INotebookModel } from '@jupyterlab/notebook';
import { JSONExt } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { IDraft, IJob } from '../tokens';
import type { CellProvenance } from '../wire/schema';
import { languageOf } from './language';
import { KEY, asMetadata, provenanceOf, unproven } from './provenance';
import { standIn } from './raw';
import { GenerationStep } from './writer_step';
import { carried, isCode, isWaitingNew } from './writer_target';
import { replaceTail, showOutputs } from './writer_text';
import { beforeOf, setOwn } from './written';
import type { IBefore, IWritten } from './written';

/**
 * Writes into the cells of a notebook, all of it in one undo step.
 */
export class CellPen {
  constructor(private readonly _model: INotebookModel) {
    this._step = new GenerationStep(_model.sharedModel as YNotebook);
  }

  /**
   * Emitted after all that was written was undone, or redone.
   */
  get turned(): ISignal<GenerationStep, 'undone' | 'redone'> {
    return this._step.turned;
  }

  /**
   * Put a new cell at an index.
   */
  insert(job: IJob, draft: IDraft, index: number): IWritten {
    const { cell_type, raw } = standIn(draft.kind);
    const same = draft.language === languageOf(this._model);
    const provenance: CellProvenance = {
      ...provenanceOf(job, draft),
      raw,
      language: draft.kind === 'code' && !same ? draft.language : ''
    };
    let id = '';
    this._step.write(() => {
      const cell = this._model.sharedModel.insertCell(index, {
        cell_type,
        source: draft.source,
        metadata: { [KEY]: asMetadata(provenance) }
      });
      id = cell.getId();
      if (draft.verification && isCode(cell)) {
        showOutputs(cell, draft);
      }
    });
    return written(id, draft, draft.source, null, provenance);
  }

  /**
   * Give a cell of the person's another text.
   */
  change(job: IJob, draft: IDraft, cell: ISharedCell): IWritten {
    const before = beforeOf(cell);
    const provenance = { ...provenanceOf(job, draft), ...carried(cell) };
    this._step.write(() => {
      cell.setMetadata(KEY, asMetadata(provenance));
      replaceTail(cell, before.text, draft.source);
    });
    return written(cell.getId(), draft, draft.source, before, provenance);
  }

  /**
   * Mark a cell as going.
   *
   * #### Notes
   * A new cell that waits itself goes at once, and a changed one gets its old
   * text back: to keep the cell would let code in that nobody has accepted.
   *
   * @returns Null where nothing is left to decide on.
   */
  mark(job: IJob, draft: IDraft, cell: ISharedCell): IWritten | null {
    if (isWaitingNew(cell)) {
      this.remove(cell);
      return null;
    }
    const before = beforeOf(cell);
    const provenance: CellProvenance = {
      ...provenanceOf(job, draft),
      ...carried(cell),
      change: 'deleted',
      generated: ''
    };
    this._step.write(() => {
      cell.setMetadata(KEY, asMetadata(provenance));
      replaceTail(cell, before.text, provenance.original);
    });
    const text = provenance.original;
    return written(cell.getId(), draft, text, before, provenance);
  }

  /**
   * Bring a cell's text to that of the draft, as far as it is ours.
   */
  type(known: IWritten, cell: ISharedCell, source: string): void {
    if (known.owner === 'theirs' || source === known.source) {
      return;
    }
    if (known.owner === 'both' && !source.startsWith(known.source)) {
      known.owner = 'theirs';
      return;
    }
    const after =
      known.owner === 'ours'
        ? source
        : known.text + source.slice(known.source.length);
    this._step.write(() => replaceTail(cell, known.text, after));
    known.text = after;
    known.source = source;
  }

  /**
   * Say of a complete draft's cell all that is known of it.
   *
   * #### Notes
   * What was checked and run is the draft's text: of another text, nothing is
   * said. A changed cell keeps its outputs, so that they are there when the
   * change is rejected.
   */
  close(
    job: IJob,
    draft: IDraft,
    known: IWritten,
    cell: ISharedCell,
    current: CellProvenance
  ): void {
    const { change, original, raw, language, decisions, record } = current;
    const going = change === 'deleted';
    const fresh = provenanceOf(job, draft);
    const proven = known.owner === 'ours' && !going;
    const provenance: CellProvenance = {
      ...(proven ? fresh : unproven(fresh)),
      ...{ change, original, raw, language, decisions, record },
      generated: going ? '' : draft.source
    };
    const outputs = proven && change === 'new' && isCode(cell);
    known.provenance = provenance;
    if (
      !JSONExt.deepEqual(asMetadata(current), asMetadata(provenance)) ||
      (outputs && draft.verification)
    ) {
      this._step.write(() => {
        cell.setMetadata(KEY, asMetadata(provenance));
        if (outputs) {
          showOutputs(cell, draft);
        }
      });
    }
  }

  /**
   * Make a cell of the person's what it was.
   */
  restore({ before, text }: IWritten, cell: ISharedCell): void {
    if (before) {
      this._step.write(() => {
        replaceTail(cell, text, before.text);
        setOwn(cell, before.metadata);
      });
    }
  }

  /**
   * Take a cell out. A notebook has at least one.
   */
  remove(cell: ISharedCell): void {
    const { sharedModel } = this._model;
    const last = sharedModel.cells.length === 1;
    this._step.write(() => {
      sharedModel.deleteCell(sharedModel.cells.indexOf(cell));
      if (last) {
        sharedModel.insertCell(0, { cell_type: 'code', source: '' });
      }
    });
  }

  private readonly _step: GenerationStep;
}

function written(
  id: string,
  draft: IDraft,
  text: string,
  before: IBefore | null,
  provenance: CellProvenance
): IWritten {
  return { id, text, source: draft.source, before, owner: 'ours', provenance };
}
