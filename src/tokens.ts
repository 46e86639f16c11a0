import type { INotebookModel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { Phase, IJob, IReplaced } from './job_tokens';
import type {
  CellEdit,
  CodeGenerationRequest,
  CodeGenerationResponse,
  DocSourceInput,
  Event,
  Health,
  JobAccepted,
  LimitOverrides,
  NotebookVariable,
  PaperAsk,
  Problem,
  PromptPreview
} from './wire/schema';

export * from './job_tokens';
export * from './sandbox_tokens';

/**
 * The name of the extension's settings plugin.
 */
export const PLUGIN_ID = 'gptoss-lab:plugin';

/**
 * How many cells of the job are in which state of review.
 */
export interface ICounts {
  readonly total: number;
  readonly pending: number;
  readonly accepted: number;
  readonly rejected: number;
}

/**
 * What of a kernel's variables is told: nothing, names with types and shapes,
 * or the columns of tables too.
 */
export type VariableDetail = 'off' | 'types' | 'columns';

/**
 * A notebook that cells can be written into.
 */
export interface ITarget {
  readonly path: string;
  readonly model: INotebookModel;

  /**
   * Id of the cell below which the first cell goes; null for the top.
   */
  readonly after: string | null;

  /**
   * Source of the code cells above that place.
   */
  readonly context: readonly string[];

  /**
   * Whether nothing may be written there.
   */
  readonly readOnly?: boolean;

  /**
   * Say what the variables of its kernel are; nothing where it has none that
   * answers, or one whose word is not to be trusted.
   */
  readonly describe?: (detail: VariableDetail) => Promise<NotebookVariable[]>;
}

/**
 * A cell of an open notebook, below which others go.
 */
export interface IPlace {
  readonly model: INotebookModel;
  readonly cell: string;

  /**
   * Id of the first cell that is no context; else all up to that cell is.
   */
  readonly from?: string;
}

/**
 * Finds notebooks to write into.
 */
export interface ITargets {
  /**
   * The active notebook, or a new one where none is open.
   */
  current(language: 'python' | 'r'): Promise<ITarget>;

  /**
   * The open notebook with this path, if any.
   */
  find(path: string): ITarget | null;

  /**
   * The active notebook as it is; null where none is open.
   */
  inFront(): ITarget | null;

  /**
   * The place below a cell of an open notebook.
   */
  below(place: IPlace): ITarget | null;

  /**
   * Emitted with the path of a notebook that was opened.
   */
  readonly opened: ISignal<ITargets, string>;

  /**
   * Emitted when an open notebook has got another path.
   */
  readonly renamed: ISignal<ITargets, { from: string; to: string }>;
}

/**
 * The endpoints that a generation needs.
 */
export interface IGenerationApi {
  generate(request: CodeGenerationRequest): Promise<JobAccepted>;

  /**
   * Say what such a request would send to the model; nothing is asked of it.
   */
  prompt(request: CodeGenerationRequest): Promise<PromptPreview>;

  /**
   * Start the same request with the same seed as a job that has ended.
   */
  replay(id: string): Promise<JobAccepted>;
  job(id: string): Promise<CodeGenerationResponse>;
  cancel(id: string): Promise<void>;
  events(
    id: string,
    options?: {
      after?: number;
      signal?: AbortSignal;
      onRetry?: (attempt: number) => void;
    }
  ): AsyncIterable<Event>;
  health(): Promise<Health>;
}

/**
 * What a person asks for.
 */
export interface IAsk {
  readonly task: string;
  readonly sources: readonly DocSourceInput[];
  readonly language: 'python' | 'r';

  /**
   * Null for what the server is set to.
   */
  readonly effort: 'low' | 'medium' | 'high' | null;
  readonly verify: boolean;

  /**
   * How often a cell that fails may be repaired; else as the server is set.
   */
  readonly maxRepairs?: number;

  /**
   * The most code cells that are wanted.
   */
  readonly maxCells?: number;

  /**
   * What a cell may use while it is verified, within what the server allows.
   */
  readonly limits?: LimitOverrides;

  /**
   * What holds for all the person's tasks.
   */
  readonly houseRules?: string;

  /**
   * Whether text cells say where the code below them comes from.
   */
  readonly sourceLines?: boolean;

  /**
   * What of the kernel's variables is sent along; else nothing.
   */
  readonly variables?: VariableDetail;

  /**
   * The cells of the notebook that the task is about; else new ones are asked for.
   */
  readonly edit?: CellEdit;

  /**
   * The paper that the cells are to implement.
   */
  readonly paper?: PaperAsk;

  /**
   * The cell of the notebook that goes when the new ones are accepted.
   */
  readonly replaces?: IReplaced;

  /**
   * To get the same cells again.
   */
  readonly seed?: number;

  /**
   * What of their files the person agrees to show the sandbox.
   */
  readonly data: readonly string[];
}

/**
 * A job of the past that is asked for again.
 */
export interface IPast {
  readonly job: string;
  readonly task: string;
  readonly language: 'python' | 'r';
  readonly verify: boolean;
}

/**
 * Runs one generation at a time and writes its cells into a notebook.
 */
export interface IGenerationManager {
  readonly phase: Phase;
  readonly job: IJob | null;
  readonly counts: ICounts;

  /**
   * Path of the notebook that the job writes to.
   */
  readonly path: string;

  /**
   * Whether that notebook is open.
   */
  readonly attached: boolean;

  /**
   * Number of the attempt to reach the server again; 0 while connected.
   */
  readonly retrying: number;
  readonly problem: Problem | null;
  readonly changed: ISignal<IGenerationManager, void>;

  /**
   * Start a generation; refused while another runs. Without a place, its
   * cells go below the active one.
   */
  generate(ask: IAsk, place?: IPlace): Promise<void>;

  /**
   * Say what such a task would send to the model now; nothing is asked of it.
   * Without a place, it is about the active notebook.
   */
  prompt(ask: IAsk, place?: IPlace): Promise<PromptPreview>;

  /**
   * Ask for the cells of an earlier job again, with its prompt and its seed;
   * they go into the active notebook. Refused while another job runs.
   */
  replay(past: IPast): Promise<void>;
  stop(): Promise<void>;

  /**
   * Write the job's cells into the active notebook, as theirs was closed.
   */
  insertHere(): Promise<void>;

  /**
   * Whether text is still arriving in this cell.
   */
  isWriting(job: string, cell: string): boolean;

  /**
   * Take over how a job's cells did when they were checked and run again.
   */
  take(job: string, again: IJob): void;
}

/**
 * The token of the generation manager.
 */
export const IGenerationManager = new Token<IGenerationManager>(
  'gptoss-lab:IGenerationManager',
  'Runs a generation and writes its cells into a notebook as pending changes.'
);
