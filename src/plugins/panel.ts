import { ILayoutRestorer } from '@jupyterlab/application';
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import { GenerationApi, SandboxApi } from '../api';
import { CommandIDs } from '../commands';
import { DataConsent, folderOf } from '../model/consent';
import { BusyError } from '../model/generation';
import { HealthWatch } from '../model/health';
import { Preferences } from '../model/preferences';
import { MAX_SOURCES, SourceList, parseSource } from '../model/sources';
import { IGenerationManager, ISandboxes, PLUGIN_ID } from '../tokens';
import { pickSource } from '../widgets/browse';
import { gptossIcon, shieldIcon } from '../widgets/icon';
import { dataReason } from '../widgets/labels';
import { GenerationPanel } from '../widgets/panel';
import type { IPanelOptions } from '../widgets/panel';
import { sandboxCallbacks } from '../widgets/sandbox_callbacks';

/**
 * The sidebar panel and its settings.
 */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'The panel in which a person says what they need.',
  autoStart: true,
  requires: [IGenerationManager, ISandboxes, INotebookTracker],
  optional: [
    ITranslator,
    ISettingRegistry,
    IStateDB,
    ILayoutRestorer,
    IDefaultFileBrowser
  ],
  activate: (
    app: JupyterFrontEnd,
    manager: IGenerationManager,
    sandboxes: ISandboxes,
    tracker: INotebookTracker,
    translator: ITranslator | null,
    settings: ISettingRegistry | null,
    state: IStateDB | null,
    restorer: ILayoutRestorer | null,
    browser: IDefaultFileBrowser | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('gptoss_lab');
    const sources = new SourceList(state);
    const preferences = new Preferences();
    void preferences
      .load(settings, PLUGIN_ID)
      .then(() => sources.restore(preferences.sources));
    const health = new HealthWatch(
      new GenerationApi(app.serviceManager.serverSettings)
    );

    const consent = new DataConsent();
    const notebook = (): string =>
      tracker.currentWidget?.context.localPath ?? '';
    const panel: GenerationPanel = new GenerationPanel({
      ...wiring({
        app,
        manager,
        trans,
        sources,
        preferences,
        health,
        data: () => consent.paths(notebook())
      }),
      data: () => ({
        shown: consent.given(notebook()),
        folder: folderOf(notebook()),
        reason: dataReason(
          {
            notebook: notebook(),
            verify: preferences.verify,
            allowed: sandboxes.capabilities?.data !== 'off'
          },
          trans
        )
      }),
      onData: shown => {
        consent.set(notebook(), shown);
        panel.redraw();
      },
      ...sandboxWiring({ app, sandboxes, trans, browser }),
      onBrowse: browser
        ? kind => {
            void pickSource(browser, kind, trans).then(picked =>
              picked.forEach(source => sources.add(source))
            );
          }
        : undefined
    });
    panel.id = 'gptoss-lab-panel';
    panel.title.icon = gptossIcon;
    panel.title.caption = trans.__('Generate cells with gpt-oss');
    sources.changed.connect(panel.redraw, panel);
    health.changed.connect(panel.redraw, panel);
    preferences.changed.connect(panel.redraw, panel);
    tracker.currentChanged.connect(panel.redraw, panel);
    app.shell.add(panel, 'left', { rank: 650, type: 'gpt-oss' });
    restorer?.add(panel, panel.id);
    addCommands(app, manager, panel, trans);
    void app.restored.then(() => health.refresh());
  }
};

interface IWiring {
  app: JupyterFrontEnd;
  manager: IGenerationManager;
  trans: TranslationBundle;
  sources: SourceList;
  preferences: Preferences;
  health: HealthWatch;
  data: () => readonly string[];
}

function wiring(
  parts: IWiring
): Omit<
  IPanelOptions,
  'sandboxes' | 'sandboxVerbs' | 'onSandboxes' | 'data' | 'onData'
> {
  const { app, manager, trans, sources, preferences, health, data } = parts;
  const run = (command: string) => () => {
    void app.commands.execute(command);
  };
  return {
    manager,
    trans,
    sources: () => sources.sources,
    health: () => health.current,
    verify: () => preferences.verify,
    language: () => preferences.language,
    onShow: () => void health.refresh(),
    onAdd: text => addSource(sources, text, trans),
    onRemove: uri => sources.remove(uri),
    onGenerate: (task, language) => {
      const { effort, verify } = preferences;
      manager
        .generate({
          task,
          language,
          effort,
          verify,
          sources: sources.sources,
          data: data()
        })
        .catch((reason: unknown) => refuse(reason, trans));
    },
    onStop: () => void manager.stop(),
    onInsertHere: () => void manager.insertHere(),
    onAcceptAll: run(CommandIDs.acceptAll),
    onRejectAll: run(CommandIDs.rejectAll),
    onNext: run(CommandIDs.nextPending),
    onPrevious: run(CommandIDs.previousPending)
  };
}

function sandboxWiring(parts: {
  app: JupyterFrontEnd;
  sandboxes: ISandboxes;
  trans: TranslationBundle;
  browser: IDefaultFileBrowser | null;
}): Pick<IPanelOptions, 'sandboxes' | 'sandboxVerbs' | 'onSandboxes'> {
  const { app, sandboxes, trans, browser } = parts;
  const { contents, serverSettings } = app.serviceManager;
  let watching: IDisposable | null = null;
  return {
    sandboxes,
    sandboxVerbs: sandboxCallbacks({
      sandboxes,
      api: new SandboxApi(serverSettings),
      contents,
      folder: () => browser?.model.path ?? '',
      trans
    }),
    onSandboxes: shown => {
      watching?.dispose();
      watching = shown ? sandboxes.watch() : null;
    }
  };
}

function addSource(
  sources: SourceList,
  text: string,
  trans: TranslationBundle
): string {
  const source = parseSource(text);
  if (!source) {
    return trans.__('Type a package name, a web address or a path.');
  }
  if (sources.sources.length >= MAX_SOURCES) {
    return trans.__('At most %1 sources fit. Remove one first.', MAX_SOURCES);
  }
  return sources.add(source) ? '' : trans.__('It is in the list already.');
}

function refuse(reason: unknown, trans: TranslationBundle): void {
  const message =
    reason instanceof BusyError
      ? trans.__(
          'A generation is running in %1. Wait for its end, or stop it.',
          reason.path
        )
      : String(reason);
  Notification.warning(message, { autoClose: 5000 });
}

function addCommands(
  app: JupyterFrontEnd,
  manager: IGenerationManager,
  panel: GenerationPanel,
  trans: TranslationBundle
): void {
  app.commands.addCommand(CommandIDs.openPanel, {
    label: trans.__('Generate Cells…'),
    caption: trans.__('Open the panel and say what you need'),
    icon: gptossIcon,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => app.shell.activateById(panel.id)
  });
  app.commands.addCommand(CommandIDs.openSandboxes, {
    label: trans.__('Show Sandboxes'),
    caption: trans.__('See what runs in sandboxes, and what it uses'),
    icon: shieldIcon,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: () => {
      app.shell.activateById(panel.id);
      panel.showSandboxes();
    }
  });
  app.commands.addCommand(CommandIDs.stop, {
    label: trans.__('Stop the Generation'),
    caption: trans.__('Stop; what was finished is kept'),
    describedBy: { args: { type: 'object', properties: {} } },
    isEnabled: () =>
      manager.phase === 'starting' || manager.phase === 'streaming',
    execute: () => manager.stop()
  });
}
