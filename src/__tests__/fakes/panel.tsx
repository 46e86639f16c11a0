import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { act } from 'react';

import { History } from '../../model/history';
import { Library } from '../../model/library';
import { MonitorWatch } from '../../model/monitor';
import { PaperDesk } from '../../model/paper_desk';
import type { INotedPaper } from '../../model/paper_notes';
import type { PaperWatch } from '../../model/paper_watch';
import { PendingList } from '../../model/pending_list';
import type { IGenerationManager, IJob, Phase } from '../../tokens';
import { GenerationPanel } from '../../widgets/panel';
import type { IPanelOptions } from '../../widgets/panel_body';
import type { DocSourceInput, Health, Problem } from '../../wire/schema';
import { FakeAdditions } from './additions';
import { summary } from './history';
import { FakeModel } from './model';
import { FakeMonitorApi } from './monitor';
import { FakePaperApi } from './paper';
import { FakeSandboxes } from './sandboxes';
import { SANDBOX } from './script';
import { FakeTracker } from './tracker';

const HEALTH: Health = {
  status: 'ok',
  version: '1',
  generator: 'examples',
  model: '',
  sandbox: SANDBOX,
  data_writable: true,
  jobs_fault: '',
  answers: null,
  resources: null,
  services: []
};

/**
 * A manager that stands as the test says.
 */
export class FakeManager {
  phase: Phase = 'idle';
  job: IJob | null = null;
  counts = { total: 0, pending: 0, accepted: 0, rejected: 0 };
  path = 'a.ipynb';
  attached = true;
  retrying = 0;
  problem: Problem | null = null;
  readonly changed = new Signal<IGenerationManager, void>(
    this as unknown as IGenerationManager
  );
}

/**
 * What the notebook in front notes, as the test says.
 */
class FakeWatch {
  noted: INotedPaper | null = null;
  readonly changed = new Signal<PaperWatch, void>(
    this as unknown as PaperWatch
  );
}

/**
 * The panel, on the page, with everything around it faked.
 */
export async function showPanel(
  fields: Partial<FakeManager> = {},
  options: Partial<IPanelOptions> = {},
  papers = new FakePaperApi()
) {
  const manager = Object.assign(new FakeManager(), fields);
  const told = {
    onModel: jest.fn(),
    onSandboxes: jest.fn(),
    onHistory: jest.fn(),
    onMonitor: jest.fn(),
    onChangeKeys: jest.fn(),
    onData: jest.fn(),
    onShow: jest.fn(),
    onAdd: jest.fn(() => ''),
    onRemove: jest.fn(),
    onGenerate: jest.fn(),
    onMakeNotebook: jest.fn(),
    onShowPrompt: jest.fn(),
    onStop: jest.fn(),
    onAcceptAll: jest.fn(),
    onRejectAll: jest.fn(),
    onNext: jest.fn(),
    onPrevious: jest.fn(),
    onInsertHere: jest.fn()
  };
  const sources: DocSourceInput[] = [{ kind: 'package', uri: 'pandas' }];
  const sandboxes = new FakeSandboxes();
  const sandboxVerbs = {
    onInterrupt: jest.fn(),
    onRestart: jest.fn(),
    onStop: jest.fn(),
    onRemove: jest.fn(),
    onPackages: jest.fn(),
    onFiles: jest.fn(),
    onDismiss: jest.fn()
  };
  const model = new FakeModel();
  const modelVerbs = {
    onStart: jest.fn(),
    onStop: jest.fn(),
    onAttach: jest.fn(),
    onPlan: jest.fn(),
    onLogs: jest.fn(),
    onCopy: jest.fn(),
    onDismiss: jest.fn()
  };
  const tracker = new FakeTracker();
  const pending = new PendingList({
    tracker,
    isWriting: () => false,
    schedule: run => run()
  });
  const history = new History({
    jobs: async () => ({ jobs: [summary()], next: '' }),
    request: async () => ({ task: 'mean' }),
    cancel: async () => undefined
  });
  const library = new Library({
    list: async () => ({ corpora: [] }),
    refresh: jest.fn(),
    remove: async () => undefined,
    search: async query => ({ query, hits: [] })
  });
  const desk = new PaperDesk({
    api: papers,
    state: null,
    schedule: run => run(),
    notebook: () => '',
    taskFor: uri => `Read ${uri}`
  });
  const paperVerbs = {
    desk,
    paperNote: () => ({ text: '', wrong: false }),
    root: '',
    onUpload: jest.fn(),
    onOpenPlace: jest.fn(),
    onBrowsePaper: jest.fn()
  };
  const noted = new FakeWatch();
  const panel = new GenerationPanel({
    paper: paperVerbs,
    noted,
    notebook: () => '',
    library,
    onOpenFile: jest.fn(),
    pending,
    pendingVerbs: {
      onOpen: jest.fn(),
      onAccept: jest.fn(),
      onReject: jest.fn()
    },
    history,
    historyVerbs: {
      onReplay: jest.fn(),
      onRefill: jest.fn(),
      onShow: jest.fn(),
      onStop: jest.fn()
    },
    monitor: new MonitorWatch(new FakeMonitorApi()),
    monitorVerbs: { onCopy: jest.fn(), onExport: jest.fn() },
    keysOf: () => ['Alt+G'],
    keyLines: () => [{ command: 'x', label: 'Accept Cell', keys: ['Alt+Y'] }],
    capped: () => [],
    model,
    additions: new FakeAdditions(),
    modelVerbs,
    sandboxes,
    sandboxVerbs,
    data: () => ({ shown: false, folder: 'work', reason: '' }),
    manager: manager as unknown as IGenerationManager,
    trans: nullTranslator.load('gptoss_lab'),
    sources: () => sources,
    health: () => HEALTH,
    verify: () => true,
    language: () => 'python',
    ...told,
    ...options
  });
  await act(async () => {
    Widget.attach(panel, document.body);
    await panel.renderPromise;
  });
  const button = (name: string) => {
    const found = [
      ...panel.node.querySelectorAll<HTMLButtonElement>(
        'button:not([role=tab])'
      )
    ].find(
      node =>
        node.textContent === name || node.getAttribute('aria-label') === name
    );
    if (!found) {
      throw new Error(`No button ${name}`);
    }
    return found;
  };
  const task = panel.node.querySelector('textarea');
  const write = (text: string) =>
    act(() => {
      Object.getOwnPropertyDescriptor(
        HTMLTextAreaElement.prototype,
        'value'
      )?.set?.call(task, text);
      task?.dispatchEvent(new Event('input', { bubbles: true }));
    });
  return {
    panel,
    manager,
    tracker,
    model,
    sandboxes,
    desk,
    paperVerbs,
    noted,
    told,
    button,
    task,
    write
  };
}
