import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

import type { IModelService } from '../model_tokens';
import type { IGenerationManager, ISandboxes } from '../tokens';
import type { DocSourceInput, Health, Problem } from '../wire/schema';
import { ModelSection } from './model_section';
import type { IModelCallbacks } from './model_section';
import { Result, Steps, Trouble } from './progress';
import { Reasoning } from './reasoning';
import type { ISandboxCallbacks } from './sandbox_row';
import { SandboxSection } from './sandboxes';
import { Sources } from './sources';
import { State } from './state';
import { Task } from './task';
import type { IDataChoice } from './task';

/**
 * What the panel shows and whom it tells; it decides nothing itself.
 */
export interface IPanelOptions {
  manager: IGenerationManager;
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
  onAdd: (text: string) => string;
  onRemove: (uri: string) => void;
  onBrowse?: (kind: 'folder' | 'file') => void;
  onGenerate: (task: string, language: 'python' | 'r') => void;
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
}

/**
 * All that the panel shows, from top to bottom.
 */
export function PanelBody(props: IBodyProps): JSX.Element {
  const { manager, trans } = props;
  const { job, problem, phase } = manager;
  const sources = props.sources();
  return (
    <div className="jp-Gptoss-body">
      {sources.length === 0 && phase === 'idle' && (
        <p className="jp-Gptoss-teach">
          {trans.__(
            'Name the documentation to use, such as an installed package, and say what you need. Cells appear below the active cell; none of them can run before you accept it.'
          )}
        </p>
      )}
      <Sources
        sources={sources}
        trans={trans}
        onAdd={props.onAdd}
        onRemove={props.onRemove}
        onBrowse={props.onBrowse}
      />
      <Task
        task={props.task}
        language={props.chosen}
        phase={phase}
        data={props.data()}
        trans={trans}
        onData={props.onData}
        onTask={props.onTask}
        onLanguage={props.onLanguage}
        onGenerate={() => props.onGenerate(props.task, props.chosen)}
        onStop={props.onStop}
      />
      {(job || problem) && (
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
        </section>
      )}
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
      <State
        health={props.health()}
        model={props.model.state}
        verify={props.verify()}
        trans={trans}
      />
    </div>
  );
}
