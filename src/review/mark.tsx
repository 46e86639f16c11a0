import type { Cell, ICellModel } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, infoIcon } from '@jupyterlab/ui-components';
import type { PanelLayout } from '@lumino/widgets';
import React, { useState } from 'react';

import { paperOfCell } from '../model/paper_notes';
import { readProvenance } from '../model/provenance';
import type { CellProvenance } from '../wire/schema';
import { EvidenceDetails } from './evidence';
import type { IHeaderActions } from './header';
import { ImplementsDetails } from './implements';
import type { IImplementsProps } from './implements';

/**
 * What the person can do from a cell's mark.
 */
export type IMarkActions = Pick<IHeaderActions, 'openPlace' | 'root'>;

/**
 * A small mark on an accepted cell that opens how the cell came to be.
 */
export class EvidenceMark extends ReactWidget {
  constructor(
    private readonly _cell: ICellModel,
    private readonly _actions: IMarkActions,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Gptoss-mark');
  }

  protected render(): JSX.Element | null {
    const provenance = readProvenance(this._cell);
    if (provenance?.review !== 'accepted') {
      return null;
    }
    const implemented = paperOfCell(
      this._cell.sharedModel.notebook,
      provenance
    );
    return (
      <Mark
        provenance={provenance}
        paper={
          implemented && {
            implemented,
            root: this._actions.root,
            trans: this._trans,
            onOpen: target => this._actions.openPlace(target)
          }
        }
        trans={this._trans}
      />
    );
  }
}

/**
 * The content of the mark; pure.
 */
export function Mark(props: {
  provenance: CellProvenance;

  /**
   * What of a paper the cell implements; null where it is no paper's.
   */
  paper: IImplementsProps | null;
  trans: TranslationBundle;
}): JSX.Element {
  const { provenance, paper, trans } = props;
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
          <EvidenceDetails provenance={provenance} paper={paper} trans={trans}>
            {paper && <ImplementsDetails {...paper} />}
          </EvidenceDetails>
        </div>
      )}
    </>
  );
}

/**
 * Gives accepted cells their mark, once somebody looks at them.
 */
export class EvidenceMarks {
  constructor(
    private readonly _actions: IMarkActions,
    private readonly _trans: TranslationBundle
  ) {}

  /**
   * Give a cell its mark, if it was accepted.
   */
  show(cell: Cell<ICellModel> | null): void {
    if (
      cell &&
      !this._marks.has(cell) &&
      readProvenance(cell.model)?.review === 'accepted'
    ) {
      const mark = new EvidenceMark(cell.model, this._actions, this._trans);
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
