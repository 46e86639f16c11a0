import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import React from 'react';

import { announcement } from './labels';
import { PanelBody } from './panel_body';
import type { IPanelOptions } from './panel_body';

/**
 * The sidebar in which a person says what they need.
 */
export class GenerationPanel extends ReactWidget {
  constructor(private readonly _options: IPanelOptions) {
    super();
    this.addClass('jp-Gptoss-panel');
    _options.manager.changed.connect(this.redraw, this);
    _options.model.changed.connect(this.redraw, this);
  }

  /**
   * Draw again: something that the panel shows has changed.
   */
  redraw(): void {
    this._redraw.emit();
  }

  /**
   * Open the section of the model and put the keyboard there.
   */
  showModel(): void {
    this._modelOpen = true;
    this._redraw.emit();
    this._goTo('#jp-Gptoss-model-title');
  }

  /**
   * Open the section of the sandboxes and put the keyboard there.
   */
  showSandboxes(): void {
    this._openSandboxes(true);
    this._goTo('#jp-Gptoss-sandboxes-title');
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
              modelOpen={this._modelOpen}
              onModelToggle={open => {
                this._modelOpen = open;
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

  private _goTo(selector: string): void {
    const title = this.node.querySelector<HTMLElement>(selector);
    // The panel has just been activated: it takes the focus first.
    window.requestAnimationFrame(() => {
      title?.scrollIntoView({ block: 'start' });
      title?.focus();
    });
  }

  private _noteShown(): void {
    if (this.isVisible !== this._shown) {
      this._shown = this.isVisible;
      this._options.onModel(this._shown);
    }
    this._noteSandboxes();
  }

  private _noteSandboxes(): void {
    const shown = this._sandboxesOpen && this.isVisible;
    if (shown !== this._sandboxesShown) {
      this._sandboxesShown = shown;
      this._options.onSandboxes(shown);
    }
  }

  private _modelOpen: boolean | null = null;
  private _shown = false;
  private _sandboxesOpen = true;
  private _sandboxesShown = false;
  private _task = '';
  private _language: 'python' | 'r' | null = null;
  private readonly _redraw = new Signal<this, void>(this);
}
