import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import React from 'react';

import type { IGenerationManager, ISandboxes } from '../tokens';
import type { DocSourceInput, Health, Problem } from '../wire/schema';
import { announcement } from './labels';
import { Result, Steps, Trouble } from './progress';
import type { ISandboxCallbacks } from './sandbox_row';
import { SandboxSection } from './sandboxes';
import { State } from './state';
import { Sources } from './sources';
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
 * The sidebar in which a person says what they need.
 */
export class GenerationPanel extends ReactWidget {
  constructor(private readonly _options: IPanelOptions) {
    super();
    this.addClass('jp-Gptoss-panel');
    _options.manager.changed.connect(this.redraw, this);
  }

  /**
   * Draw again: something that the panel shows has changed.
   */
  redraw(): void {
    this._redraw.emit();
  }

  /**
   * Open the section of the sandboxes and put the keyboard there.
   */
  showSandboxes(): void {
    this._openSandboxes(true);
    const title = this.node.querySelector<HTMLElement>(
      '#jp-Gptoss-sandboxes-title'
    );
    // The panel has just been activated: it takes the focus first.
    window.requestAnimationFrame(() => {
      title?.scrollIntoView({ block: 'start' });
      title?.focus();
    });
  }

  dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  protected render(): JSX.Element {
    const { _options: options } = this;
    const { manager, trans } = options;
    return (
      <UseSignal signal={this._redraw}>
        {() => (
          <>
            <PanelBody
              {...options}
              key="body"
              task={this._task}
              chosen={this._language ?? options.language()}
              onTask={task => {
                this._task = task;
                this._redraw.emit();
              }}
              onLanguage={language => {
                this._language = language;
                this._redraw.emit();
              }}
              sandboxesOpen={this._sandboxesOpen}
              onSandboxesToggle={() =>
                this._openSandboxes(!this._sandboxesOpen)
              }
            />
            <div className="jp-Gptoss-live" role="status" aria-live="polite">
              {announcement(manager.job, trans)}
            </div>
          </>
        )}
      </UseSignal>
    );
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._noteSandboxes();
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._options.onShow();
    this._noteSandboxes();
  }

  protected onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._noteSandboxes();
  }

  /**
   * Called by the shell when the panel is activated: the task takes the focus.
   */
  protected onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.node.querySelector<HTMLElement>('#jp-Gptoss-task')?.focus();
  }

  private _openSandboxes(open: boolean): void {
    this._sandboxesOpen = open;
    this._noteSandboxes();
    this._redraw.emit();
  }

  private _noteSandboxes(): void {
    const shown = this._sandboxesOpen && this.isVisible;
    if (shown !== this._sandboxesShown) {
      this._sandboxesShown = shown;
      this._options.onSandboxes(shown);
    }
  }

  private _sandboxesOpen = true;
  private _sandboxesShown = false;
  private _task = '';
  private _language: 'python' | 'r' | null = null;
  private readonly _redraw = new Signal<this, void>(this);
}

interface IBodyProps extends IPanelOptions {
  task: string;
  chosen: 'python' | 'r';
  onTask: (task: string) => void;
  onLanguage: (language: 'python' | 'r') => void;
  sandboxesOpen: boolean;
  onSandboxesToggle: () => void;
}

function PanelBody(props: IBodyProps): JSX.Element {
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
      <SandboxSection
        {...props.sandboxVerbs}
        sandboxes={props.sandboxes}
        open={props.sandboxesOpen}
        trans={trans}
        onToggle={props.onSandboxesToggle}
      />
      <State health={props.health()} verify={props.verify()} trans={trans} />
    </div>
  );
}
