import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { IPreferences } from '../choice_tokens';
import type { IAsk } from '../tokens';

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
    const { sources, language, verify, effort } = settings.composite;
    this._sources = Array.isArray(sources) ? sources.map(String) : [];
    this._language = language === 'r' ? 'r' : 'python';
    this._verify = verify !== false;
    this._effort =
      effort === 'low' || effort === 'medium' || effort === 'high'
        ? effort
        : null;
    this._changed.emit();
  }

  private _sources: readonly string[] = [];
  private _language: 'python' | 'r' = 'python';
  private _verify = true;
  private _effort: IAsk['effort'] = null;
  private readonly _changed = new Signal<this, void>(this);
}
