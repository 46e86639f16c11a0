import type { IPaperState } from './paper_tokens';
import type {
  CellVerification,
  Citation,
  Environment,
  Finding,
  Generator,
  Problem,
  Stage,
  TokenUsage,
  VersionGap
} from './wire/schema';

/**
 * Where a generation stands.
 *
 * `reviewing` says that the job has ended and cells wait for the person.
 */
export type Phase =
  'idle' | 'starting' | 'streaming' | 'reviewing' | 'done' | 'error';

/**
 * One stage of the pipeline as the panel lists it.
 */
export interface IStep {
  readonly stage: Stage['stage'];
  readonly running: boolean;
  readonly detail: string;
  readonly done: number;
  readonly total: number;
}

/**
 * A cell as the events have described it so far.
 */
export interface IDraft {
  readonly id: string;
  readonly index: number;
  readonly kind: 'code' | 'markdown';
  readonly language: 'python' | 'r';
  readonly change: 'new' | 'changed' | 'deleted';

  /**
   * Id of the notebook's cell that is changed or deleted; empty for a new one.
   */
  readonly target: string;
  readonly source: string;
  readonly state: 'open' | 'closed' | 'removed';
  readonly sources: readonly Citation[];

  /**
   * Ids of the requirements of a paper that it implements.
   */
  readonly units: readonly string[];
  readonly findings: readonly Finding[];
  readonly verification: CellVerification | null;
}

/**
 * What is known of a job from its events.
 */
export interface IJob {
  readonly id: string;
  readonly task: string;
  readonly verify: boolean;
  readonly ended: boolean;
  readonly outcome: 'running' | 'done' | 'cancelled' | 'error';
  readonly generator: Generator['generator'] | null;
  readonly model: string;

  /**
   * What a replay needs; null where the generator draws no lots.
   */
  readonly seed: number | null;

  /**
   * The version of the templates of its prompts.
   */
  readonly templates: string;

  /**
   * What the model has consumed so far; null before it said so.
   */
  readonly usage: TokenUsage | null;

  /**
   * The round of repair that it is in, of how many; null before the first.
   */
  readonly repair: { readonly round: number; readonly rounds: number } | null;
  readonly sandbox: Generator['sandbox'] | null;

  /**
   * The paper that its cells implement; null where there is none.
   */
  readonly paper: IPaperState | null;
  readonly environment: Environment | null;
  readonly position: number;
  readonly steps: readonly IStep[];
  readonly drafts: readonly IDraft[];
  readonly warnings: readonly { message: string; hint: string }[];

  /**
   * Where the documentation is of another version than what is installed.
   */
  readonly gaps: readonly VersionGap[];
  readonly message: string;

  /**
   * What the model says to itself: shown on demand, written nowhere.
   */
  readonly reasoning: string;
  readonly problem: Problem | null;
  readonly lastSeq: number;

  /**
   * The cell that the job's cells are to take the place of, if any.
   */
  readonly replaces?: IReplaced;
}

/**
 * A cell that is to go once others are accepted, with the text that it has.
 */
export interface IReplaced {
  readonly cell: string;
  readonly source: string;
}
