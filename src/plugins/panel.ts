import { ILayoutRestorer } from '@jupyterlab/application';
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';

import { IAdditions } from '../addition_tokens';
import { GenerationApi } from '../api';
import { IChoices } from '../choice_tokens';
import type { IPreferences, ISourceList } from '../choice_tokens';
import { CommandIDs } from '../commands';
import { folderOf } from '../model/consent';
import { BusyError } from '../model/generation';
import { HealthWatch } from '../model/health';
import { cappedSettings, limitsFor } from '../model/limits';
import { MAX_SOURCES, parseSource } from '../model/sources';
import { IModelService } from '../model_tokens';
import { IGenerationManager, ISandboxes, PLUGIN_ID } from '../tokens';
import type { IAsk } from '../tokens';
import { pickSource } from '../widgets/browse';
import { gptossIcon } from '../widgets/icon';
import { dataReason } from '../widgets/labels';
import { GenerationPanel } from '../widgets/panel';
import type { IPanelOptions } from '../widgets/panel_body';
import { takeDrops } from '../widgets/paper_drop';
import { showPrompt } from '../widgets/prompt_dialog';
import { addPanelCommands } from '../wiring/commands';
import { historyWiring } from '../wiring/history';
import { keyWiring } from '../wiring/keys';
import { libraryWiring } from '../wiring/library';
import { modelWiring } from '../wiring/model';
import { monitorWiring } from '../wiring/monitor';
import { paperWiring } from '../wiring/paper';
import { addPaperCommands } from '../wiring/paper_commands';
import { addOpenPlace } from '../wiring/paper_opener';
import { reviewWiring } from '../wiring/review';
import { sandboxWiring } from '../wiring/sandboxes';

/**
 * The sidebar panel and its settings.
 */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'The panel in which a person says what they need.',
  autoStart: true,
  requires: [
    IGenerationManager,
    IModelService,
    IAdditions,
    ISandboxes,
    INotebookTracker,
    IChoices
  ],
  optional: [ITranslator, ILayoutRestorer, IDefaultFileBrowser, IStateDB],
  activate: (
    app: JupyterFrontEnd,
    manager: IGenerationManager,
    model: IModelService,
    additions: IAdditions,
    sandboxes: ISandboxes,
    tracker: INotebookTracker,
    choices: IChoices,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    browser: IDefaultFileBrowser | null,
    state: IStateDB | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('gptoss_lab');
    const { sources, consent, preferences } = choices;
    const health = new HealthWatch(
      new GenerationApi(app.serviceManager.serverSettings)
    );

    const notebook = (): string =>
      tracker.currentWidget?.context.localPath ?? '';
    const review = reviewWiring({ app, manager, tracker });
    const form = wiring({
      app,
      manager,
      trans,
      sources,
      preferences,
      health,
      data: () => consent.paths(notebook())
    });
    const paper = paperWiring({
      app,
      tracker,
      browser,
      state,
      trans,
      generate: form.generate,
      redraw: () => panel.redraw()
    });
    const panel: GenerationPanel = new GenerationPanel({
      ...review,
      additions,
      ...historyWiring({
        app,
        manager,
        tracker,
        sources,
        pending: review.pending,
        fill: (task, language) => panel.fill(task, language),
        refuse: reason => refuse(reason, trans)
      }),
      ...monitorWiring({ app, manager }),
      ...libraryWiring(app),
      ...keyWiring(app),
      capped: () =>
        cappedSettings(
          preferences.limits,
          sandboxes.capabilities?.limits ?? null
        ),
      ...form.options,
      ...paper.options,
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
      ...modelWiring({ app, model, health }),
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
    addPanelCommands({ app, manager, model, panel, trans });
    addPaperCommands({ app, browser, desk: paper.desk, panel, trans });
    addOpenPlace(app, trans);
    takeDrops(panel.node, {
      onFiles: files => {
        panel.showTab('generate', false);
        paper.onFiles(files);
      },
      onPaths: paths => {
        panel.showTab('generate', false);
        paper.onPaths(paths);
      }
    });
    void app.restored.then(() => {
      void health.refresh();
      void paper.desk.restore();
    });
  }
};

interface IWiring {
  app: JupyterFrontEnd;
  manager: IGenerationManager;
  trans: TranslationBundle;
  sources: ISourceList;
  preferences: IPreferences;
  health: HealthWatch;
  data: () => readonly string[];
}

interface IForm {
  options: FormOptions;
  generate: (ask: Pick<IAsk, 'task' | 'language' | 'paper'>) => void;
}

type FormOptions = Pick<
  IPanelOptions,
  | 'manager'
  | 'trans'
  | 'sources'
  | 'health'
  | 'verify'
  | 'language'
  | 'onShow'
  | 'onAdd'
  | 'onRemove'
  | 'onGenerate'
  | 'onShowPrompt'
  | 'onStop'
  | 'onInsertHere'
  | 'onAcceptAll'
  | 'onRejectAll'
  | 'onNext'
  | 'onPrevious'
>;

function wiring(parts: IWiring): IForm {
  const { app, manager, trans, sources, preferences, health, data } = parts;
  const run = (command: string) => () => {
    void app.commands.execute(command);
  };
  const ask = (task: string, language: 'python' | 'r'): IAsk => {
    const { effort, verify, maxRepairs, maxCells } = preferences;
    const { houseRules, variables, sourceLines } = preferences;
    return {
      task,
      language,
      effort,
      verify,
      maxRepairs,
      maxCells,
      houseRules,
      variables,
      sourceLines,
      limits: limitsFor(preferences.limits),
      sources: sources.sources,
      data: data()
    };
  };
  const start = (asked: IAsk): void =>
    void manager
      .generate(asked)
      .catch((reason: unknown) => refuse(reason, trans));
  const options: FormOptions = {
    manager,
    trans,
    sources: () => sources.sources,
    health: () => health.current,
    verify: () => preferences.verify,
    language: () => preferences.language,
    onShow: () => void health.refresh(),
    onAdd: text => addSource(sources, text, trans),
    onRemove: uri => sources.remove(uri),
    onGenerate: (task, language) => start(ask(task, language)),
    onShowPrompt: (task, language) =>
      void showPrompt(() => manager.prompt(ask(task, language)), trans),
    onStop: () => void manager.stop(),
    onInsertHere: () => void manager.insertHere(),
    onAcceptAll: run(CommandIDs.acceptAll),
    onRejectAll: run(CommandIDs.rejectAll),
    onNext: run(CommandIDs.nextPending),
    onPrevious: run(CommandIDs.previousPending)
  };
  return {
    options,
    generate: ({ task, language, paper }) =>
      start({ ...ask(task, language), paper })
  };
}

function addSource(
  sources: ISourceList,
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
