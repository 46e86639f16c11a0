import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { VariableDetail } from './tokens';
import type { DocSourceInput } from './wire/schema';

/**
 * The documentation that generations use.
 */
export interface ISourceList {
  readonly sources: readonly DocSourceInput[];
  readonly changed: ISignal<ISourceList, void>;

  /**
   * Add a source; false when it is there already or the list is full.
   */
  add(source: DocSourceInput): boolean;
  remove(uri: string): void;
}

/**
 * Which notebooks' folders a sandbox may be shown.
 */
export interface IDataConsent {
  given(notebook: string): boolean;

  /**
   * What may be shown for this notebook.
   */
  paths(notebook: string): string[];
  set(notebook: string, given: boolean): void;
}

/**
 * The person's settings.
 */
export interface IPreferences {
  readonly language: 'python' | 'r';
  readonly verify: boolean;

  /**
   * How long the model may think; null for what the server is set to.
   */
  readonly effort: 'low' | 'medium' | 'high' | null;

  /**
   * How often a cell that fails may be repaired.
   */
  readonly maxRepairs: number;

  /**
   * The most code cells of a generation; undefined where the server decides.
   */
  readonly maxCells: number | undefined;

  /**
   * What holds for all the person's tasks.
   */
  readonly houseRules: string;

  /**
   * Whether text cells say where the code below them comes from.
   */
  readonly sourceLines: boolean;

  /**
   * What of the kernel's variables is sent along.
   */
  readonly variables: VariableDetail;

  /**
   * What a cell may use while it is verified, in seconds and MB; 0 for all
   * that the server allows.
   */
  readonly limits: { readonly cellTimeout: number; readonly memory: number };

  /**
   * Whether the server may keep how reviews ended.
   */
  readonly feedback: boolean;
  readonly changed: ISignal<IPreferences, void>;
}

/**
 * What a person chose for all their generations, wherever they start one.
 */
export interface IChoices {
  readonly sources: ISourceList;
  readonly consent: IDataConsent;
  readonly preferences: IPreferences;
}

/**
 * The token of the choices.
 */
export const IChoices = new Token<IChoices>(
  'gptoss-lab:IChoices',
  'The documentation, consent and settings that every generation goes by.'
);
