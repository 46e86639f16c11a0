import type { ICellModel } from '@jupyterlab/cells';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { IChoices } from '../choice_tokens';
import { asProblem } from '../request';
import type { IAsk, IGenerationManager, IJob, IPlace } from '../tokens';
import type { CellEdit, Problem, PromptPreview } from '../wire/schema';
import { cellLanguage, editOf, otherLanguage } from './edit_cells';
import type { CellLanguage } from './edit_cells';
import { taskOf } from './edit_verbs';
import type { EditKind } from './edit_verbs';
import { BusyError } from './generation';
import { limitsFor } from './limits';

/**
 * Where an instruction stands: being written, asked of the model, answered
 * with cells to review, answered with none, or refused.
 */
export type EditPhase = 'writing' | 'running' | 'answered' | 'empty' | 'failed';

/**
 * What an edit is about, and through what it is asked.
 */
export interface IEditSessionOptions {
  kind: EditKind;
  model: INotebookModel;

  /**
   * Ids of the cells, in the order of the notebook.
   */
  cells: readonly string[];
  manager: IGenerationManager;
  choices: IChoices;

  /**
   * The path of the notebook, as the server has it.
   */
  path: () => string;
}

/**
 * One instruction about cells of a notebook, from its first word to its answer.
 */
export class EditSession implements IDisposable {
  constructor(private readonly _options: IEditSessionOptions) {
    _options.manager.changed.connect(this._onManager, this);
  }

  get kind(): EditKind {
    return this._options.kind;
  }

  get phase(): EditPhase {
    return this._phase;
  }

  /**
   * Why nothing came of it, where the server or the page says so.
   */
  get problem(): Problem | null {
    return this._problem;
  }

  /**
   * Path of the notebook into which another generation runs; empty where none.
   */
  get busy(): string {
    const { phase, path } = this._options.manager;
    const other = phase === 'starting' || phase === 'streaming';
    return this._phase !== 'running' && other ? path : '';
  }

  /**
   * The job that answers, as far as it has come.
   */
  get job(): IJob | null {
    const { job } = this._options.manager;
    return job && job.id === this._job ? job : null;
  }

  /**
   * The cells that are still there.
   */
  get cells(): ICellModel[] {
    const wanted = new Set(this._options.cells);
    return Array.from(this._options.model.cells).filter(cell =>
      wanted.has(cell.sharedModel.getId())
    );
  }

  /**
   * What would be sent of them now.
   */
  get edit(): CellEdit {
    return editOf(this.kind, this._options.model, this.cells);
  }

  /**
   * The language of the answer.
   */
  get language(): CellLanguage {
    const { model } = this._options;
    const own = this.cells
      .map(cell => cellLanguage(model, cell))
      .find(language => language !== null);
    return this.kind === 'port'
      ? otherLanguage(own ?? 'python')
      : (own ?? 'python');
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
    }
  }

  /**
   * What an instruction becomes.
   */
  askOf(instruction: string): IAsk {
    const { choices } = this._options;
    const { effort, verify, maxRepairs, limits } = choices.preferences;
    const { houseRules, variables, sourceLines } = choices.preferences;
    return {
      task: taskOf(this.kind, instruction, this.cells),
      sources: choices.sources.sources,
      language: this.language,
      effort,
      verify,
      maxRepairs,
      houseRules,
      sourceLines,
      variables,
      limits: limitsFor(limits),
      data: choices.consent.paths(this._options.path()),
      edit: this.edit
    };
  }

  /**
   * Send an instruction; nothing happens while one is under way.
   */
  async send(instruction: string): Promise<void> {
    const place = this._place();
    if (this._phase === 'running' || !place) {
      return;
    }
    const { manager } = this._options;
    this._job = '';
    this._enter('running');
    try {
      await manager.generate(this.askOf(instruction), place);
    } catch (reason) {
      if (!(reason instanceof BusyError)) {
        this._problem = asProblem(reason);
      }
      this._enter(this._problem ? 'failed' : 'writing', this._problem);
      return;
    }
    if (this._isDisposed) {
      return;
    }
    if (!manager.job) {
      this._enter('failed', manager.problem);
      return;
    }
    this._job = manager.job.id;
    this._onManager();
  }

  /**
   * Say what an instruction would send to the model; nothing is asked of it.
   */
  prompt(instruction: string): Promise<PromptPreview> {
    const place = this._place() ?? undefined;
    return this._options.manager.prompt(this.askOf(instruction), place);
  }

  /**
   * Ask the server to stop; what was finished is kept.
   */
  async stop(): Promise<void> {
    if (this._phase === 'running') {
      await this._options.manager.stop();
    }
  }

  /**
   * The place of the cells; null where none is left.
   */
  private _place(): IPlace | null {
    const [first] = this.cells;
    const last = this.cells[this.cells.length - 1];
    return first && last
      ? {
          model: this._options.model,
          cell: last.sharedModel.getId(),
          from: first.sharedModel.getId()
        }
      : null;
  }

  private _onManager(): void {
    if (this._phase !== 'running' || this._job === '') {
      this._changed.emit();
      return;
    }
    const { manager } = this._options;
    const { job } = this;
    if (!job) {
      // Another generation has begun: ours had ended.
      this._enter('answered');
    } else if (!job.ended) {
      this._changed.emit();
    } else if (manager.counts.total > 0) {
      this._enter('answered');
    } else if (job.outcome === 'error') {
      this._enter('failed', manager.problem);
    } else {
      this._enter(job.outcome === 'cancelled' ? 'writing' : 'empty');
    }
  }

  private _enter(phase: EditPhase, problem: Problem | null = null): void {
    this._phase = phase;
    this._problem = problem;
    this._changed.emit();
  }

  private _phase: EditPhase = 'writing';
  private _problem: Problem | null = null;
  private _job = '';
  private _isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
}
