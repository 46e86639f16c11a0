import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import React from 'react';

import { Announcer } from './live';
import { announcement } from './labels';
import type { IPanelOptions } from './panel_body';
import { PanelTabs, TABS_ID } from './panel_tabs';
import { readingText } from './paper_labels';
import type { PanelTab } from './panel_tabs';
import { tabId } from './tabs';

const MAX_FRAMES = 30;

/**
 * The sidebar in which a person says what they need, decides on what came of
 * it, and finds what they asked for before.
 */
export class GenerationPanel extends ReactWidget {
  constructor(private readonly _options: IPanelOptions) {
    super();
    this.addClass('jp-Gptoss-panel');
    _options.manager.changed.connect(this.redraw, this);
    _options.model.changed.connect(this.redraw, this);
    _options.additions.changed.connect(this.redraw, this);
    _options.pending.changed.connect(this.redraw, this);
    _options.paper.desk.changed.connect(this.redraw, this);
    _options.noted.changed.connect(this.redraw, this);
  }

  /**
   * Draw again: something that the panel shows has changed.
   */
  redraw(): void {
    this._redraw.emit();
  }

  /**
   * Choose a tab; with `focus`, its button gets the keyboard.
   */
  showTab(tab: PanelTab, focus = true): void {
    this._tab = tab;
    this._noteShown();
    this._redraw.emit();
    if (focus) {
      this._goTo(`#${tabId(TABS_ID, tab)}`);
    }
  }

  /**
   * Put a task into the form, and the keyboard there.
   */
  fill(task: string, language: 'python' | 'r'): void {
    this._task = task;
    this._language = language;
    this.showTab('generate', false);
    this._goTo('#jp-Gptoss-task');
  }

  /**
   * Show the form for a paper, and put the keyboard into its field.
   */
  showPaper(): void {
    this._options.paper.desk.work(true);
    this.showTab('generate', false);
    this._goTo('#jp-Gptoss-paper');
  }

  /**
   * Show the keys that a person has, and put the keyboard there.
   */
  showKeyboard(): void {
    this._keysOpen = true;
    this._redraw.emit();
    this._goTo('[aria-controls=jp-Gptoss-keyboard]');
  }

  /**
   * Open the section of the model and put the keyboard there.
   */
  showModel(): void {
    this._modelOpen = true;
    this.showTab('generate', false);
    this._goTo('#jp-Gptoss-model-title');
  }

  /**
   * Open the section of the sandboxes and put the keyboard there.
   */
  showSandboxes(): void {
    this._sandboxesOpen = true;
    this.showTab('generate', false);
    this._goTo('#jp-Gptoss-sandboxes-title');
  }

  dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  protected render(): JSX.Element {
    const { manager, paper, trans } = this._options;
    return (
      <UseSignal signal={this._redraw}>
        {() => (
          <>
            {this._tabs()}
            <div className="jp-Gptoss-live" role="status" aria-live="polite">
              {announcement(manager.job, trans)}
            </div>
            <Announcer text={readingText(paper.desk, trans)} />
          </>
        )}
      </UseSignal>
    );
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._noteShown();
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this._options.onShow();
    this._noteShown();
  }

  protected onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this._noteShown();
  }

  /**
   * Called by the shell when the panel is activated: the task takes the focus,
   * or the tab that is chosen.
   */
  protected onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.node
      .querySelector<HTMLElement>(
        this._tab === 'generate'
          ? '#jp-Gptoss-task'
          : `#${tabId(TABS_ID, this._tab)}`
      )
      ?.focus();
  }

  private _tabs(): JSX.Element {
    const { _options: options } = this;
    return (
      <PanelTabs
        {...options}
        key="tabs"
        tab={this._tab}
        onTab={tab => this.showTab(tab, false)}
        onEmptied={() => this._goTo(`#${tabId(TABS_ID, this._tab)}`)}
        keysOpen={this._keysOpen}
        onKeys={() => {
          this._keysOpen = !this._keysOpen;
          this._redraw.emit();
        }}
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
        modelOpen={this._modelOpen}
        onModelToggle={open => {
          this._modelOpen = open;
          this._redraw.emit();
        }}
        sandboxesOpen={this._sandboxesOpen}
        onSandboxesToggle={() => {
          this._sandboxesOpen = !this._sandboxesOpen;
          this._noteShown();
          this._redraw.emit();
        }}
        onShowModel={() => this.showModel()}
        onShowSandboxes={() => this.showSandboxes()}
      />
    );
  }

  private _goTo(selector: string, frames = MAX_FRAMES): void {
    // The panel has just been activated: it takes the focus first. What is to
    // have it may be hidden until the tab that was chosen is drawn.
    window.requestAnimationFrame(() => {
      const place = this.node.querySelector<HTMLElement>(selector);
      place?.scrollIntoView({ block: 'nearest' });
      place?.focus();
      if (document.activeElement !== place && frames > 1) {
        this._goTo(selector, frames - 1);
      }
    });
  }

  /**
   * Tell who asks the server what is looked at now, and what no longer.
   */
  private _noteShown(): void {
    const { onModel, onSandboxes, onHistory, onMonitor } = this._options;
    const seen = this.isVisible;
    const generating = seen && this._tab === 'generate';
    this._note('model', seen, onModel);
    this._note('sandboxes', generating && this._sandboxesOpen, onSandboxes);
    this._note('history', seen && this._tab === 'history', onHistory);
    this._note('monitor', seen && this._tab === 'monitor', onMonitor);
  }

  private _note(
    what: string,
    shown: boolean,
    tell: (shown: boolean) => void
  ): void {
    if (shown !== this._shown.has(what)) {
      if (shown) {
        this._shown.add(what);
      } else {
        this._shown.delete(what);
      }
      tell(shown);
    }
  }

  private _tab: PanelTab = 'generate';
  private _keysOpen = false;
  private _modelOpen: boolean | null = null;
  private _sandboxesOpen = true;
  private _task = '';
  private _language: 'python' | 'r' | null = null;
  private readonly _shown = new Set<string>();
  private readonly _redraw = new Signal<this, void>(this);
}
