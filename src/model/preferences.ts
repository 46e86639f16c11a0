import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { IPreferences } from '../choice_tokens';
import type { IAsk } from '../tokens';

/**
 * What a request may hold at most, and a sandbox needs at least.
 */
const MAX_REPAIRS = 3;
const MAX_CELLS = 40;
const MIN_MEMORY_MB = 64;
const MAX_RULES = 4000;

/**
 * The person's settings, with the defaults that hold without a registry.
 */
export class Preferences implements IPreferences {
  /**
   * Sources of a first visit.
   */
  get sources(): readonly string[] {
    return this._sources;
  }

  get language(): 'python' | 'r' {
    return this._language;
  }

  get verify(): boolean {
    return this._verify;
  }

  /**
   * How long the model may think; null for what the server is set to.
   */
  get effort(): IAsk['effort'] {
    return this._effort;
  }

  /**
   * How often a cell that fails may be repaired.
   */
  get maxRepairs(): number {
    return this._maxRepairs;
  }

  /**
   * The most code cells of a generation; undefined where the server decides.
   */
  get maxCells(): number | undefined {
    return this._maxCells;
  }

  /**
   * Whether text cells say where the code below them comes from.
   */
  get sourceLines(): boolean {
    return this._sourceLines;
  }

  /**
   * What holds for all the person's tasks.
   */
  get houseRules(): string {
    return this._houseRules;
  }

  /**
   * What of the kernel's variables is sent along with a task.
   */
  get variables(): IPreferences['variables'] {
    return this._variables;
  }

  /**
   * What a cell may use while it is verified; 0 for all that is allowed.
   */
  get limits(): IPreferences['limits'] {
    return this._limits;
  }

  /**
   * Whether new code waits for review in raw cells.
   */
  get pendingAsRaw(): boolean {
    return this._pendingAsRaw;
  }

  /**
   * Whether the server may keep how reviews ended.
   */
  get feedback(): boolean {
    return this._feedback;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /**
   * Read the settings and follow their changes.
   */
  async load(registry: ISettingRegistry | null, plugin: string): Promise<void> {
    if (!registry) {
      return;
    }
    const settings = await registry.load(plugin);
    settings.changed.connect(this._read, this);
    this._read(settings);
  }

  private _read(settings: ISettingRegistry.ISettings): void {
    const { sources, language, verify, effort, pendingAsRaw } =
      settings.composite;
    this._sources = Array.isArray(sources) ? sources.map(String) : [];
    this._language = language === 'r' ? 'r' : 'python';
    this._verify = verify !== false;
    this._feedback = settings.composite.feedback !== false;
    this._effort =
      effort === 'low' || effort === 'medium' || effort === 'high'
        ? effort
        : null;
    const { maxRepairs, maxCells, cellTimeout, memory } = settings.composite;
    this._maxRepairs = numberOf(maxRepairs, 0, MAX_REPAIRS) ?? MAX_REPAIRS;
    this._maxCells = numberOf(maxCells, 1, MAX_CELLS);
    this._limits = {
      cellTimeout: numberOf(cellTimeout, 1) ?? 0,
      memory: numberOf(memory, MIN_MEMORY_MB) ?? 0
    };
    const { houseRules, variables, sourceLines } = settings.composite;
    this._sourceLines = sourceLines !== false;
    this._houseRules =
      typeof houseRules === 'string' ? houseRules.slice(0, MAX_RULES) : '';
    this._variables =
      variables === 'off' || variables === 'columns' ? variables : 'types';
    this._pendingAsRaw = pendingAsRaw === true;
    this._changed.emit();
  }

  private _sources: readonly string[] = [];
  private _language: 'python' | 'r' = 'python';
  private _verify = true;
  private _pendingAsRaw = false;
  private _feedback = true;
  private _effort: IAsk['effort'] = null;
  private _maxRepairs = MAX_REPAIRS;
  private _maxCells: number | undefined = undefined;
  private _sourceLines = true;
  private _houseRules = '';
  private _variables: IPreferences['variables'] = 'types';
  private _limits: IPreferences['limits'] = { cellTimeout: 0, memory: 0 };
  private readonly _changed = new Signal<this, void>(this);
}

/**
 * A number from a settings file, which may hold anything.
 */
function numberOf(
  value: unknown,
  least: number,
  most = 1e6
): number | undefined {
  return typeof value === 'number' && value >= least && value <= most
    ? value
    : undefined;
}
