import type { ICellModel } from '@jupyterlab/cells';
import { OutputArea, OutputAreaModel } from '@jupyterlab/outputarea';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { JSONExt } from '@lumino/coreutils';
import type { ReadonlyPartialJSONValue } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { Panel } from '@lumino/widgets';
import React from 'react';

import type { SandboxPreview } from '../model/edit_preview';
import { isPending } from '../model/provenance';
import { previewText } from './edit_preview_labels';
import { Trouble } from './progress';

/**
 * What a row that shows a run works with.
 */
export interface IPreviewRowOptions {
  /**
   * The cell that is run; the row goes when it is decided on.
   */
  cell: ICellModel;
  preview: SandboxPreview;
  rendermime: IRenderMimeRegistry;
  trans: TranslationBundle;
  onRemove: () => void;
}

/**
 * What a pending cell does, before it is accepted: shown in the cell, kept
 * nowhere.
 */
export class PreviewRow extends Panel {
  constructor(options: IPreviewRowOptions) {
    super();
    const { cell, preview, rendermime, trans } = options;
    this.addClass('jp-Gptoss-preview');
    this.node.setAttribute('role', 'group');
    this.node.setAttribute('aria-label', trans.__('Sandbox preview'));
    this._preview = preview;
    this._outputs = new OutputAreaModel({ trusted: false });
    this.addWidget(
      ReactWidget.create(
        <UseSignal signal={this._redraw}>
          {() => <PreviewHead {...options} />}
        </UseSignal>
      )
    );
    this.addWidget(new OutputArea({ model: this._outputs, rendermime }));
    preview.changed.connect(this._draw, this);
    cell.contentChanged.connect(() => this._redraw.emit(), this);
    cell.metadataChanged.connect(() => {
      if (!isPending(cell)) {
        options.onRemove();
      }
    }, this);
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._preview.dispose();
      super.dispose();
      this._outputs.dispose();
    }
  }

  /**
   * Change only what differs: a picture that is there is not drawn again.
   */
  private _draw(): void {
    const { outputs } = this._preview;
    const { _outputs: shown } = this;
    if (shown.length > outputs.length) {
      shown.clear();
    }
    outputs.forEach((output, index) => {
      if (index >= shown.length) {
        shown.add(output);
      } else if (
        !JSONExt.deepEqual(
          this._known[index] ?? null,
          output as ReadonlyPartialJSONValue
        )
      ) {
        shown.set(index, output);
      }
    });
    this._known = outputs as ReadonlyPartialJSONValue[];
    this._redraw.emit();
  }

  private readonly _preview: SandboxPreview;
  private readonly _redraw = new Signal<this, void>(this);
  private readonly _outputs: OutputAreaModel;
  private _known: readonly ReadonlyPartialJSONValue[] = [];
}

/**
 * How the run did, and what can be done with it.
 */
export function PreviewHead(props: IPreviewRowOptions): JSX.Element {
  const { cell, preview, trans } = props;
  const stale = cell.sharedModel.getSource() !== preview.source;
  const busy = preview.phase === 'starting' || preview.phase === 'running';
  const { text, tone } = previewText(preview, trans);
  return (
    <div className="jp-Gptoss-preview-head">
      <div className="jp-Gptoss-review-row">
        <div className="jp-Gptoss-review-facts">
          <strong>{trans.__('Sandbox preview')}</strong>
          <span className={`jp-Gptoss-badge jp-mod-${tone}`} role="status">
            {text}
          </span>
          <span className="jp-Gptoss-quiet">
            {stale
              ? trans.__('Of an earlier text of this cell')
              : trans.__('Not kept in the notebook')}
          </span>
        </div>
        <span className="jp-Gptoss-review-actions">
          <button
            type="button"
            className={`jp-Gptoss-button${busy ? ' jp-mod-stop' : ''}`}
            onClick={() => void (busy ? preview.stop() : preview.start())}
          >
            {busy ? trans.__('Stop') : trans.__('Run again')}
          </button>
          <button
            type="button"
            className="jp-Gptoss-button"
            aria-label={trans.__('Remove the preview')}
            onClick={props.onRemove}
          >
            {trans.__('Remove')}
          </button>
        </span>
      </div>
      {preview.problem && <Trouble problem={preview.problem} trans={trans} />}
      {preview.findings.length > 0 && (
        <ul className="jp-Gptoss-findings">
          {preview.findings.map((finding, index) => (
            <li key={index} className={`jp-mod-${finding.severity}`}>
              {finding.message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
