import type { Cell, ICellModel } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, infoIcon } from '@jupyterlab/ui-components';
import type { PanelLayout } from '@lumino/widgets';
import React, { useState } from 'react';

import { readProvenance } from '../model/provenance';
import type { CellProvenance } from '../wire/schema';
import { EvidenceDetails } from './evidence';

/**
 * A small mark on an accepted cell that opens how the cell came to be.
 */
export class EvidenceMark extends ReactWidget {
  constructor(
    private readonly _cell: ICellModel,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Gptoss-mark');
  }

  protected render(): JSX.Element | null {
    const provenance = readProvenance(this._cell);
    return provenance?.review === 'accepted' ? (
      <Mark provenance={provenance} trans={this._trans} />
    ) : null;
  }
}

/**
 * The content of the mark; pure.
 */
export function Mark(props: {
  provenance: CellProvenance;
  trans: TranslationBundle;
}): JSX.Element {
  const { provenance, trans } = props;
  const [open, setOpen] = useState(false);
  const name = trans.__('Generated cell: show where it comes from');
  return (
    <>
      <button
        type="button"
        className="jp-Gptoss-mark-button"
        title={name}
        aria-label={name}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <infoIcon.react tag="span" width="14px" height="14px" />
      </button>
      {open && (
        <div className="jp-Gptoss-review">
          <EvidenceDetails provenance={provenance} trans={trans} />
        </div>
      )}
    </>
  );
}

/**
 * Gives accepted cells their mark, once somebody looks at them.
 */
export class EvidenceMarks {
  constructor(private readonly _trans: TranslationBundle) {}

  /**
   * Give a cell its mark, if it was accepted.
   */
  show(cell: Cell<ICellModel> | null): void {
    if (
      cell &&
      !this._marks.has(cell) &&
      readProvenance(cell.model)?.review === 'accepted'
    ) {
      const mark = new EvidenceMark(cell.model, this._trans);
      this._marks.set(cell, mark);
      (cell.layout as PanelLayout).insertWidget(0, mark);
    }
  }

  /**
   * Take the mark of a cell away.
   */
  hide(cell: Cell<ICellModel>): void {
    this._marks.get(cell)?.dispose();
    this._marks.delete(cell);
  }

  private readonly _marks = new WeakMap<Cell, EvidenceMark>();
}
