import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IAdditions } from '../addition_tokens';
import type { History } from '../model/history';
import type { IKeyLine } from '../model/keys';
import type { Library } from '../model/library';
import type { ICapped } from '../model/limits';
import type { MonitorWatch } from '../model/monitor';
import type { PaperWatch } from '../model/paper_watch';
import type { PendingList } from '../model/pending_list';
import type { IModelService } from '../model_tokens';
import type { IGenerationManager, ISandboxes } from '../tokens';
import type { DocSourceInput, Health, Problem } from '../wire/schema';
import type { IHistoryVerbs } from './history_row';
import { LibrarySection } from './library';
import type { IMonitorVerbs } from './monitor_tab';
import { ModelSection } from './model_section';
import type { IModelCallbacks } from './model_section';
import type { IPendingVerbs } from './pending_row';
import { Needs } from './package_needs';
import { PaperSection, WorkFrom } from './paper';
import type { IPaperVerbs } from './paper';
import { Claims } from './paper_claims';
import { paperTask } from './paper_task';
import { Result, Steps, Trouble } from './progress';
import { Reasoning } from './reasoning';
import type { ISandboxCallbacks } from './sandbox_row';
import { SandboxSection } from './sandboxes';
import { Sources } from './sources';
import { Task } from './task';
import type { IDataChoice } from './task';
import { Welcome } from './welcome';

/**
 * What the panel shows and whom it tells; it decides nothing itself.
 */
export interface IPanelOptions {
  manager: IGenerationManager;
  additions: IAdditions;
  trans: TranslationBundle;
  sources: () => readonly DocSourceInput[];
  health: () => Health | Problem | null;
  verify: () => boolean;
  language: () => 'python' | 'r';
  data: () => IDataChoice;
  onData: (shown: boolean) => void;
  sandboxes: ISandboxes;
  sandboxVerbs: ISandboxCallbacks;

  /**
   * Called when the section of the sandboxes comes into view or leaves it.
   */
  onSandboxes: (shown: boolean) => void;
  model: IModelService;
  modelVerbs: IModelCallbacks;

  /**
   * Called when the panel comes into view or leaves it.
   */
  onModel: (shown: boolean) => void;
  onShow: () => void;

  /**
   * The pending cells of all open notebooks, and what is done with them.
   */
  pending: PendingList;
  pendingVerbs: IPendingVerbs;

  /**
   * The documentation that is indexed, and how a file of it is opened.
   */
  library: Library;
  onOpenFile: (path: string) => void;

  /**
   * The paper that one works from, and the one that the notebook in front
   * notes.
   */
  paper: IPaperVerbs;
  noted: Pick<PaperWatch, 'noted' | 'changed'>;
  notebook: () => string;
  onMakeNotebook: (task: string, language: 'python' | 'r') => void;

  /**
   * The jobs of the past; `onHistory` is called when they come into view or
   * leave it.
   */
  history: History;
  historyVerbs: IHistoryVerbs;
  onHistory: (shown: boolean) => void;

  /**
   * How well the server and its generations do; `onMonitor` is called when that
   * comes into view or leaves it.
   */
  monitor: MonitorWatch;
  monitorVerbs: IMonitorVerbs;
  onMonitor: (shown: boolean) => void;

  /**
   * The keys of a command, and those of all commands of the extension.
   */
  keysOf: (command: string) => readonly string[];
  keyLines: () => readonly IKeyLine[];
  onChangeKeys: () => void;

  /**
   * The settings that are wider than what the administrator allows.
   */
  capped: () => readonly ICapped[];
  onAdd: (text: string) => string;
  onRemove: (uri: string) => void;
  onBrowse?: (kind: 'folder' | 'file') => void;
  onGenerate: (task: string, language: 'python' | 'r') => void;

  /**
   * Show what such a task would send to the model.
   */
  onShowPrompt: (task: string, language: 'python' | 'r') => void;
  onStop: () => void;
  onAcceptAll: () => void;
  onRejectAll: () => void;
  onNext: () => void;
  onPrevious: () => void;
  onInsertHere: () => void;
}

/**
 * What the body needs: the panel's options, and what a person has typed and opened.
 */
export interface IBodyProps extends IPanelOptions {
  task: string;
  chosen: 'python' | 'r';
  onTask: (task: string) => void;
  onLanguage: (language: 'python' | 'r') => void;

  /**
   * Null before the person chose.
   */
  modelOpen: boolean | null;
  onModelToggle: (open: boolean) => void;
  sandboxesOpen: boolean;
  onSandboxesToggle: () => void;
  onShowModel: () => void;
  onShowSandboxes: () => void;
}

/**
 * The form, what comes of it, and what answers it.
 */
export function PanelBody(props: IBodyProps): JSX.Element {
  const { manager, trans } = props;
  const { job, problem, phase } = manager;
  const sources = props.sources();
  const { desk } = props.paper;
  const busy = phase === 'starting' || phase === 'streaming';
  const generate = desk.on ? props.onMakeNotebook : props.onGenerate;
  const documentation = (
    <Sources
      sources={sources}
      trans={trans}
      onAdd={props.onAdd}
      onRemove={props.onRemove}
      onBrowse={props.onBrowse}
    />
  );
  return (
    <div className="jp-Gptoss-body">
      {sources.length === 0 && phase === 'idle' && !desk.on && (
        <Welcome
          health={props.health()}
          keysOf={props.keysOf}
          trans={trans}
          onModel={props.onShowModel}
          onSandboxes={props.onShowSandboxes}
        />
      )}
      <WorkFrom desk={desk} trans={trans} />
      {desk.on && <PaperSection {...props.paper} busy={busy} trans={trans} />}
      {!desk.on && documentation}
      <Task
        task={props.task}
        paper={
          desk.on ? paperTask(desk, props.task, props.notebook(), trans) : null
        }
        language={props.chosen}
        phase={phase}
        data={props.data()}
        trans={trans}
        onData={props.onData}
        onTask={props.onTask}
        onLanguage={props.onLanguage}
        onGenerate={() => generate(props.task, props.chosen)}
        onShowPrompt={() => props.onShowPrompt(props.task, props.chosen)}
        onStop={props.onStop}
      />
      {desk.on && documentation}
      {(job || problem || props.additions.current) && (
        <section className="jp-Gptoss-section jp-Gptoss-result">
          {job && (
            <Steps
              steps={job.steps}
              failed={job.outcome === 'error'}
              trans={trans}
            />
          )}
          {job && (
            <Reasoning
              key={job.id}
              text={job.reasoning}
              running={!job.ended}
              trans={trans}
            />
          )}
          {problem && <Trouble problem={problem} trans={trans} />}
          {job && (
            <Result
              phase={phase}
              job={job}
              counts={manager.counts}
              attached={manager.attached}
              path={manager.path}
              retrying={manager.retrying}
              trans={trans}
              onAcceptAll={props.onAcceptAll}
              onRejectAll={props.onRejectAll}
              onNext={props.onNext}
              onPrevious={props.onPrevious}
              onInsertHere={props.onInsertHere}
            />
          )}
          <Needs job={job} additions={props.additions} trans={trans} />
        </section>
      )}
      <PaperNumbers {...props} />
      <LibrarySection
        library={props.library}
        trans={trans}
        onOpenFile={props.onOpenFile}
      />
      <ModelSection
        {...props.modelVerbs}
        model={props.model}
        open={props.modelOpen}
        trans={trans}
        onToggle={props.onModelToggle}
      />
      <SandboxSection
        {...props.sandboxVerbs}
        sandboxes={props.sandboxes}
        open={props.sandboxesOpen}
        trans={trans}
        onToggle={props.onSandboxesToggle}
      />
    </div>
  );
}

/**
 * The table of claims: of the job while it runs, else of the notebook in front.
 */
function PaperNumbers(props: IBodyProps): JSX.Element | null {
  const { manager, noted, notebook, paper, trans } = props;
  const { job } = manager;
  const front = notebook();
  const own =
    job !== null && (!job.ended || [manager.path, ''].includes(front));
  const shown = (own ? job.paper : null) ?? noted.noted;
  return shown ? (
    <Claims
      paper={shown.paper}
      claims={shown.claims}
      assumptions={shown.assumptions}
      missing={shown.missing}
      root={paper.root}
      trans={trans}
      onOpenPlace={paper.onOpenPlace}
    />
  ) : null;
}
