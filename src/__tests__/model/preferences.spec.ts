import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';

import { Preferences } from '../../model/preferences';

async function load(composite: Record<string, unknown>) {
  const told = { composite };
  const settings = Object.assign(told, {
    changed: new Signal<object, void>(told)
  });
  const preferences = new Preferences();
  const load = async () => settings;
  await preferences.load({ load } as unknown as ISettingRegistry, 'x');
  return { preferences, settings };
}

describe('Preferences', () => {
  it('has defaults without a registry', async () => {
    const preferences = new Preferences();
    await preferences.load(null, 'x');
    expect(preferences).toMatchObject({
      language: 'python',
      verify: true,
      effort: null,
      houseRules: '',
      sourceLines: true,
      variables: 'types',
      maxRepairs: 3,
      maxCells: undefined,
      limits: { cellTimeout: 0, memory: 0 }
    });
  });

  it('reads what a person has set, and follows it', async () => {
    const { preferences, settings } = await load({
      language: 'r',
      maxRepairs: 0,
      maxCells: 5,
      houseRules: 'x'.repeat(5000),
      sourceLines: false,
      variables: 'columns',
      cellTimeout: 30,
      memory: 512
    });
    expect(preferences).toMatchObject({
      language: 'r',
      maxRepairs: 0,
      maxCells: 5,
      houseRules: 'x'.repeat(4000),
      sourceLines: false,
      variables: 'columns',
      limits: { cellTimeout: 30, memory: 512 }
    });
    settings.composite.maxCells = 0;
    settings.changed.emit();
    expect(preferences.maxCells).toBeUndefined();
  });

  it.each([
    { maxRepairs: 9 },
    { houseRules: 7, variables: 'all' },
    { maxRepairs: '1' },
    { maxCells: 41 },
    { cellTimeout: -1 },
    { memory: 1 }
  ])('takes the default for %j', async composite => {
    const { preferences } = await load(composite);
    expect(preferences).toMatchObject({
      maxRepairs: 3,
      maxCells: undefined,
      limits: { cellTimeout: 0, memory: 0 }
    });
  });
});
