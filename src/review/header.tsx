import type { ICellModel } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import { paperOfCell } from '../model/paper_notes';
import type { IPaperTarget } from '../model/paper_places';
import { readProvenance } from '../model/provenance';
import type { CellProvenance } from '../wire/schema';
import { EvidenceDetails, EvidenceLine, detailLabel } from './evidence';
import { ImplementsDetails, ImplementsLine } from './implements';
import type { IImplemented } from './implements';

/**
 * What else can be done with a pending cell, by a command.
 */
export interface IVerb {
  readonly id: string;
  readonly label: string;
}

/**
 * What the person can do from a cell's header.
 */
export interface IHeaderActions {
  accept(cell: ICellModel): void;
  reject(cell: ICellModel): void;

  /**
   * What else this cell offers.
   */
  verbs(type: string, provenance: CellProvenance): readonly IVerb[];

  /**
   * Do it.
   */
  run(id: string, cell: ICellModel): void;

  /**
   * Open a paper at a place; `root` is the folder that the server serves.
   */
  openPlace(target: IPaperTarget): void;
  readonly root: string;

  /**
   * A button's title, with the keys that do the same.
   */
  titleOf(verdict: 'accept' | 'reject'): string;

  /**
   * Whether text is still arriving in the cell.
   */
  isWriting(job: string, cell: string): boolean;
}

/**
 * The row above a pending cell: what it is, where it comes from, what to do.
 */
export class ReviewHeader extends ReactWidget {
  constructor(
    private readonly _cell: ICellModel,
    private readonly _actions: IHeaderActions,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-Gptoss-header');
  }

  /**
   * Draw it again if text began or ceased to arrive: asked for many headers at
   * each painted frame.
   */
  refresh(): void {
    const { job, cell, writing } = this._drawn;
    if (this._actions.isWriting(job, cell) !== writing) {
      this.update();
    }
  }

  protected render(): JSX.Element | null {
    const provenance = readProvenance(this._cell);
    if (provenance?.review !== 'pending') {
      return null;
    }
    const { job, cell } = provenance;
    const writing = this._actions.isWriting(job, cell);
    this._drawn = { job, cell, writing };
    return (
      <HeaderRow
        provenance={provenance}
        writing={writing}
        implemented={paperOfCell(this._cell.sharedModel.notebook, provenance)}
        root={this._actions.root}
        onOpenPlace={target => this._actions.openPlace(target)}
        verbs={this._actions.verbs(this._cell.type, provenance)}
        trans={this._trans}
        titleOf={this._actions.titleOf}
        onAccept={() => this._actions.accept(this._cell)}
        onReject={() => this._actions.reject(this._cell)}
        onVerb={id => this._actions.run(id, this._cell)}
      />
    );
  }

  private _drawn = { job: '', cell: '', writing: false };
}

interface IHeaderRowProps {
  provenance: CellProvenance;
  writing: boolean;

  /**
   * What of a paper it implements; null where it is no paper's.
   */
  implemented: IImplemented | null;
  root: string;
  onOpenPlace: (target: IPaperTarget) => void;
  verbs: readonly IVerb[];
  trans: TranslationBundle;
  titleOf: (verdict: 'accept' | 'reject') => string;
  onAccept: () => void;
  onReject: () => void;
  onVerb: (id: string) => void;
}

/**
 * The content of the header; pure.
 */
export function HeaderRow(props: IHeaderRowProps): JSX.Element {
  const { provenance, writing, implemented, trans } = props;
  const [open, setOpen] = useState(false);
  const place = implemented && {
    implemented,
    root: props.root,
    trans,
    onOpen: props.onOpenPlace
  };
  return (
    <div
      className="jp-Gptoss-review"
      role="group"
      aria-label={groupLabel(provenance, trans)}
    >
      <div className="jp-Gptoss-review-row">
        <div className="jp-Gptoss-review-facts">
          <span
            className={`jp-Gptoss-badge jp-mod-${
              provenance.change === 'deleted' ? 'error' : 'pending'
            }`}
          >
            {writing ? trans.__('Writing…') : stateLabel(provenance, trans)}
          </span>
          {writing ? (
            <span className="jp-Gptoss-review-origin">{provenance.model}</span>
          ) : (
            <>
              <EvidenceLine
                provenance={provenance}
                paper={place}
                trans={trans}
              />
              {place && <ImplementsLine {...place} />}
              <button
                type="button"
                className="jp-Gptoss-link"
                aria-expanded={open}
                onClick={() => setOpen(!open)}
              >
                {open
                  ? trans.__('Hide details')
                  : detailLabel(provenance, trans)}
              </button>
              {props.verbs.map(({ id, label }) => (
                <button
                  key={id}
                  type="button"
                  className="jp-Gptoss-link"
                  onClick={() => props.onVerb(id)}
                >
                  {label}
                </button>
              ))}
            </>
          )}
        </div>
        <Decide {...props} />
      </div>
      {open && !writing && (
        <EvidenceDetails provenance={provenance} paper={place} trans={trans}>
          {place && <ImplementsDetails {...place} />}
        </EvidenceDetails>
      )}
    </div>
  );
}

function Decide(props: IHeaderRowProps): JSX.Element {
  const { writing, trans, titleOf } = props;
  return (
    <span className="jp-Gptoss-review-actions">
      <button
        type="button"
        className="jp-Gptoss-button jp-mod-accept"
        disabled={writing}
        title={titleOf('accept')}
        onClick={props.onAccept}
      >
        {trans.__('Accept')}
      </button>
      <button
        type="button"
        className="jp-Gptoss-button jp-mod-reject"
        disabled={writing}
        title={titleOf('reject')}
        onClick={props.onReject}
      >
        {trans.__('Reject')}
      </button>
    </span>
  );
}

function stateLabel(
  { change }: CellProvenance,
  trans: TranslationBundle
): string {
  switch (change) {
    case 'changed':
      return trans.__('Changed');
    case 'deleted':
      return trans.__('To be deleted');
    default:
      return trans.__('Pending');
  }
}

function groupLabel(
  { change }: CellProvenance,
  trans: TranslationBundle
): string {
  switch (change) {
    case 'changed':
      return trans.__('Pending review: the cell below was changed');
    case 'deleted':
      return trans.__(
        'Pending review: the cell below goes when you accept, and stays when you reject'
      );
    default:
      return trans.__('Pending review: the cell below is new');
  }
}
