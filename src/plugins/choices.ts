import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';

import { IChoices } from '../choice_tokens';
import { DataConsent } from '../model/consent';
import { Preferences } from '../model/preferences';
import { rawCells } from '../model/raw';
import { SourceList } from '../model/sources';
import { PLUGIN_ID } from '../tokens';

/**
 * What the panel and the cells share: one list of documentation, one consent.
 */
export const choicesPlugin: JupyterFrontEndPlugin<IChoices> = {
  id: 'gptoss-lab:choices',
  description:
    'The documentation, consent and settings that every generation goes by.',
  autoStart: true,
  provides: IChoices,
  optional: [ISettingRegistry, IStateDB],
  activate: (
    _app: JupyterFrontEnd,
    settings: ISettingRegistry | null,
    state: IStateDB | null
  ): IChoices => {
    const sources = new SourceList(state);
    const preferences = new Preferences();
    preferences.changed.connect(() => {
      rawCells.enabled = preferences.pendingAsRaw;
    });
    void preferences
      .load(settings, PLUGIN_ID)
      .then(() => sources.restore(preferences.sources));
    return { sources, consent: new DataConsent(), preferences };
  }
};
