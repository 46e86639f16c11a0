import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type {
  Problem,
  SandboxCapabilities,
  SandboxFiles,
  SandboxList,
  SandboxState
} from './wire/schema';

/**
 * The endpoints that show and steer sandboxes.
 */
export interface ISandboxApi {
  capabilities(): Promise<SandboxCapabilities>;
  sandboxes(): Promise<SandboxList>;
  interrupt(id: string): Promise<void>;

  /**
   * With `data`, that is shown to it from then on; without, what was.
   */
  restart(id: string, data?: string[]): Promise<void>;
  stop(id: string): Promise<void>;
  addPackages(id: string, packages: string[]): Promise<void>;
  files(id: string): Promise<SandboxFiles>;
  download(id: string, path: string): Promise<Uint8Array>;
}

/**
 * What a person may have done to a sandbox.
 */
export type SandboxVerb = 'interrupt' | 'restart' | 'stop' | 'packages';

/**
 * What was asked of a sandbox last: under way, or refused.
 */
export interface ISandboxActivity {
  readonly verb: SandboxVerb;
  readonly running: boolean;
  readonly problem: Problem | null;
}

/**
 * The sandboxes of this server, asked for as long as somebody looks.
 */
export interface ISandboxes {
  /**
   * Null before the first answer.
   */
  readonly list: readonly SandboxState[] | null;
  readonly capabilities: SandboxCapabilities | null;

  /**
   * Why the last question was not answered; what is listed is then older.
   */
  readonly problem: Problem | null;
  readonly changed: ISignal<ISandboxes, void>;

  activity(id: string): ISandboxActivity | null;

  /**
   * Follow the sandboxes until the returned object is disposed.
   */
  watch(): IDisposable;
  refresh(): Promise<void>;
  interrupt(id: string): Promise<void>;

  /**
   * With `data`, that is shown to it from then on; without, what was.
   */
  restart(id: string, data?: string[]): Promise<void>;
  stop(id: string): Promise<void>;

  /**
   * Resolves to what went wrong, or to null.
   */
  addPackages(id: string, names: string[]): Promise<Problem | null>;

  /**
   * Forget what was refused.
   */
  dismiss(id: string): void;
}

/**
 * The token of the sandboxes.
 */
export const ISandboxes = new Token<ISandboxes>(
  'gptoss-lab:ISandboxes',
  'The sandboxes of this server: what they use, and the verbs to steer them.'
);
