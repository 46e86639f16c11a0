import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import React from 'react';

import type { ISourceList } from '../choice_tokens';
import type { EditHistory } from '../model/edit_history';
import type { EditSession } from '../model/edit_session';
import { EditBox } from './edit_box';
import type { IAnswerer } from './edit_box';
import { placeRow } from './edit_place';
import { showPrompt } from './prompt_dialog';

/**
 * What every box works with.
 */
export interface IEditBoxesOptions {
  sources: ISourceList;
  history: EditHistory;
  answerer: () => IAnswerer;
  trans: TranslationBundle;
  onShowModel: () => void;
  onShowPanel: () => void;

  /**
   * Called when cells wait for review.
   */
  onAnswered: (session: EditSession) => void;
}

/**
 * The box in a cell, as a widget of its layout.
 */
export class EditBoxRow extends ReactWidget {
  constructor(
    readonly session: EditSession,
    private readonly _options: IEditBoxesOptions,
    private readonly _onClose: () => void
  ) {
    super();
    this.addClass('jp-Gptoss-editRow');
    session.changed.connect(this._onSession, this);
    _options.sources.changed.connect(this.redraw, this);
  }

  /**
   * Draw again: who answers has changed.
   */
  redraw(): void {
    this._redraw.emit();
  }

  /**
   * Put the keyboard into the box.
   */
  focus(): void {
    this.node.querySelector('textarea')?.focus();
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.session.dispose();
      super.dispose();
    }
  }

  protected render(): JSX.Element {
    const { session, _options: options } = this;
    return (
      <UseSignal signal={this._redraw}>
        {() => (
          <EditBox
            session={session}
            sources={options.sources.sources}
            answerer={options.answerer()}
            history={options.history.entries}
            trans={options.trans}
            onSend={instruction => {
              options.history.add(instruction);
              void session.send(instruction);
            }}
            onShowPrompt={instruction =>
              void showPrompt(() => session.prompt(instruction), options.trans)
            }
            onClose={this._onClose}
            onShowModel={options.onShowModel}
            onShowPanel={options.onShowPanel}
          />
        )}
      </UseSignal>
    );
  }

  private _onSession(): void {
    if (this.session.phase === 'answered') {
      this._options.onAnswered(this.session);
      this._onClose();
    } else {
      this._redraw.emit();
    }
  }

  private readonly _redraw = new Signal<this, void>(this);
}

/**
 * Opens boxes in cells: one for each notebook.
 */
export class EditBoxes {
  constructor(private readonly _options: IEditBoxesOptions) {}

  /**
   * Open a box in a cell, instead of the one that this notebook has.
   */
  open(panel: NotebookPanel, cell: Cell, session: EditSession): void {
    this._rows.get(panel)?.dispose();
    const row = new EditBoxRow(session, this._options, () =>
      this._close(panel, row)
    );
    this._rows.set(panel, row);
    row.disposed.connect(() => {
      if (this._rows.get(panel) === row) {
        this._rows.delete(panel);
      }
    });
    panel.disposed.connect(row.dispose, row);
    placeRow(cell, row, 'above-input');
    row.node.scrollIntoView({ block: 'nearest' });
  }

  /**
   * Draw the boxes again.
   */
  redraw(): void {
    this._rows.forEach(row => row.redraw());
  }

  private _close(panel: NotebookPanel, row: EditBoxRow): void {
    const focused = row.node.contains(document.activeElement);
    row.dispose();
    // Who has gone on elsewhere meanwhile stays there.
    if (focused && !panel.isDisposed) {
      panel.content.activate();
    }
  }

  private readonly _rows = new Map<NotebookPanel, EditBoxRow>();
}
