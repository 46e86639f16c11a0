import { CodeCell } from '@jupyterlab/cells';
import type { ICodeCellModel } from '@jupyterlab/cells';
import type {
  INotebookCellExecutor,
  INotebookModel
} from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';

import type {
  IAsk,
  ICounts,
  IGenerationManager,
  IJob,
  IPlace,
  Phase
} from '../../tokens';
import type { Problem, PromptPreview } from '../../wire/schema';
import { NO_COUNTS } from '../../model/binding';
import { newJob } from '../../model/job';

/**
 * A manager that notes what is asked of it.
 */
export class FakeManager implements IGenerationManager {
  readonly asked: { ask: IAsk; place?: IPlace }[] = [];
  readonly shown: { ask: IAsk; place?: IPlace }[] = [];
  readonly changed = new Signal<this, void>(this);
  readonly path = 'a.ipynb';
  readonly attached = true;
  readonly retrying = 0;
  phase: Phase = 'idle';
  job: IJob | null = null;
  counts: ICounts = NO_COUNTS;
  problem: Problem | null = null;

  /**
   * What the next question meets.
   */
  failure: Error | Problem | null = null;

  async generate(ask: IAsk, place?: IPlace): Promise<void> {
    if (this.failure instanceof Error) {
      throw this.failure;
    }
    this.asked.push({ ask, place });
    this.problem = this.failure;
    this.job = this.failure
      ? null
      : newJob(`j${this.asked.length}`, ask.task, true);
    this.phase = this.failure ? 'error' : 'streaming';
    this.changed.emit();
  }

  async prompt(ask: IAsk, place?: IPlace): Promise<PromptPreview> {
    this.shown.push({ ask, place });
    throw new Error('No prompt is shown here.');
  }

  async replay(): Promise<void> {
    this.phase = 'streaming';
  }

  async stop(): Promise<void> {
    this.phase = 'done';
  }

  async insertHere(): Promise<void> {
    this.phase = 'done';
  }

  isWriting(): boolean {
    return false;
  }

  take(): void {
    this.changed.emit();
  }
}

/**
 * A code cell without a page: its model is real.
 */
export function codeCell(model: INotebookModel, index = 0): CodeCell {
  return Object.create(CodeCell.prototype, {
    model: { value: model.cells.get(index) as ICodeCellModel },
    isDisposed: { value: false }
  }) as CodeCell;
}

/**
 * A run of a cell as JupyterLab asks for it; `ended` notes how it went.
 */
export function runOf(
  model: INotebookModel,
  cell: CodeCell
): { run: INotebookCellExecutor.IRunCellOptions; ended: boolean[] } {
  const ended: boolean[] = [];
  const run = {
    cell,
    notebook: model,
    onCellExecuted: ({ success }: { success: boolean }) => ended.push(success)
  } as unknown as INotebookCellExecutor.IRunCellOptions;
  return { run, ended };
}
